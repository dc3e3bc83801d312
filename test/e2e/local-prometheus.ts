import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { labExec } from '../../lab/index.ts';
import { insideLab } from './inside-lab.ts';

/** A real Prometheus on loopback, which scrapes its targets five times a second. */
export interface LocalPrometheus {
  readonly url: string;
  /** SIGSTOP: it is silent from then on. */
  pause(): void;
  resume(): void;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Kills it and removes its data. */
  close(): Promise<void>;
}

/**
 * @param targets each `host:port`
 * @param lab where it stands; on this machine when left out
 */
export async function startLocalPrometheus(targets: readonly string[], lab?: string): Promise<LocalPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  await writeFile(config, JSON.stringify({ global: { scrape_interval: '200ms', scrape_timeout: '200ms' }, scrape_configs: [{ job_name: 'scraped', static_configs: [{ targets }] }] }));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const argv = ['prometheus', `--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`];
  const { program, args, env } = lab === undefined ? { program: argv[0]!, args: argv.slice(1), env: process.env } : await labExec(lab, argv);
  const child = spawn(program, args, { stdio: 'ignore', env });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  while (!(await isReady(url, lab))) await sleep(100);
  return {
    url,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill,
    async close() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function isReady(url: string, lab: string | undefined): Promise<boolean> {
  if (lab !== undefined) return (await insideLab(lab, process.execPath, '-e', `fetch('${url}/-/ready').then(({ ok }) => process.exit(ok ? 0 : 1))`)).code === 0;
  try {
    return (await fetch(`${url}/-/ready`)).ok;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}
