import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real etcd cluster on loopback ports of its own. */
export interface LocalEtcd {
  /** `http://127.0.0.1:…`, one a member. */
  readonly endpoints: readonly string[];
  /** SIGKILL. */
  kill(member: number): Promise<void>;
  /** SIGSTOP: once this resolves it is silent, but its connections stay. */
  pause(member: number): Promise<void>;
  resume(member: number): void;
  /** Starts a killed member again, with its data. */
  start(member: number): void;
  /** Kills all and removes their data. */
  close(): Promise<void>;
}

/**
 * Starts `size` members and waits until each says that it is healthy.
 *
 * @param at for a cluster of one that takes another's place: where clients find it
 */
export async function startLocalEtcd(size: number, at?: { readonly host: string; readonly port: number }): Promise<LocalEtcd> {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-etcd-'));
  const ports = await freePorts(size * 2);
  const clientUrl = (member: number): string => (at ? `http://${at.host}:${at.port}` : `http://127.0.0.1:${ports[member * 2]}`);
  const peerUrl = (member: number): string => `http://127.0.0.1:${ports[member * 2 + 1]}`;
  const members = Array.from({ length: size }, (_, member) => member);
  const cluster = members.map((member) => `m${member}=${peerUrl(member)}`).join(',');
  const processes: ChildProcess[] = [];

  const start = (member: number): void => {
    processes[member] = spawn(
      'etcd',
      [
        ['--name', `m${member}`, '--data-dir', join(folder, `m${member}`)],
        ['--listen-client-urls', clientUrl(member), '--advertise-client-urls', clientUrl(member)],
        ['--listen-peer-urls', peerUrl(member), '--initial-advertise-peer-urls', peerUrl(member)],
        ['--initial-cluster', cluster, '--log-level', 'error'],
      ].flat(),
      { stdio: 'ignore' },
    );
  };
  const kill = async (member: number): Promise<void> => {
    const process = processes[member]!;
    if (process.exitCode !== null || process.signalCode !== null) return;
    const ended = once(process, 'exit');
    process.kill('SIGKILL');
    await ended;
  };
  const close = async (): Promise<void> => {
    await Promise.all(members.map(kill));
    await rm(folder, { recursive: true, force: true });
  };
  members.forEach(start);
  try {
    await Promise.all(members.map((member) => untilHealthy(clientUrl(member))));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    endpoints: members.map(clientUrl),
    kill,
    start,
    close,
    pause: (member) => pause(processes[member]!.pid!),
    resume: (member) => processes[member]!.kill('SIGCONT'),
  };
}

async function untilHealthy(url: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) });
      if (answer.ok && ((await answer.json()) as { health: string }).health === 'true') return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`etcd at ${url} did not become healthy`, { cause: error });
    }
    if (Date.now() > deadline) throw new Error(`etcd at ${url} did not become healthy`);
    await sleep(50);
  }
}

/** Below those that the kernel gives to outgoing connections: one of these could be taken while its member is down. */
const portRange = { from: 15_000, to: 32_000 };

/** Ports that were free a moment ago: all are held until the last is found. */
async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  while (servers.length < count) {
    const server = await listening(randomInt(portRange.from, portRange.to));
    if (server) servers.push(server);
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

async function listening(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

/** SIGSTOP is heeded by one thread, which stops the others: on a busy machine those go on for a while, and answer. */
async function pause(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const isStopped = (task: string): boolean => / [tT] /.test(readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8').replace(/^.*\)/, ''));
  while (!readdirSync(`/proc/${pid}/task`).every(isStopped)) await sleep(5);
}
