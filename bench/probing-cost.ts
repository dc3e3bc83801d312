/** What it costs to write to nine etcd members every 20 ms, as the engine does it: probes, observations, journal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../runner/clients/connect.ts';
import { realClock } from '../runner/clock.ts';
import { environmentSchema } from '../runner/environment.ts';
import { keepHeapSmall } from '../runner/heap.ts';
import { openJournal } from '../runner/journal-file.ts';
import { loadKinds } from '../runner/kinds.ts';
import { createMask } from '../runner/mask.ts';
import { startWatching } from '../runner/watching.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { startLocalEtcd } from '../test/e2e/local-etcd.ts';
import { printFigures } from './figures.ts';

const members = 9;
const everyMs = 20;
const settleMs = 4_000;
const measureMs = 15_000;

interface Cost {
  /** Of one core. */
  readonly cpuPercent: number;
  readonly rssMb: number;
  readonly observations: number;
  readonly good: number;
}

const [mode, ...endpoints] = process.argv.slice(2);
if (mode === 'load') await loadAll();
else if (mode === 'any' || mode === 'each') process.stdout.write(JSON.stringify(await measure(mode, endpoints)));
else await compare();

/** Fills the cache of compiled code, so that the compiler's own memory is not taken for that of probing. */
async function loadAll(): Promise<void> {
  await Promise.all([loadKinds(), import('etcd3')]);
}

/** In a process of its own, as a run is. */
async function measure(via: 'any' | 'each', urls: readonly string[]): Promise<Cost> {
  keepHeapSmall();
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
  const journal = await openJournal({ folder, clock: realClock, mask: createMask() });
  const environment = environmentSchema.parse({ name: 'bench', etcd: { endpoints: urls, clusterId: '0' } });
  const world = connect(environment, { run: 'bench', version: 'bench', clock: realClock, mask: createMask() });
  const probes = { writes: { kind: 'etcd-write', every: everyMs, timeout: 1_000, via, hedge: 200 } };
  const watching = await startWatching({
    scenario: { faults: [], probes } as unknown as Scenario,
    plan: { faults: [], zones: {}, quorum: null, blastRadius: { instances: 0, zonesLost: [], etcdMembersDown: 0 } },
    world,
    kinds: await loadKinds(),
    journal,
    clock: realClock,
    run: { id: 'bench', drill: 'bench' },
    hit: () => [], changes: () => [],
  });
  await sleep(settleMs);
  let rssBytes = 0;
  const sampling = setInterval(() => (rssBytes = Math.max(rssBytes, process.memoryUsage.rss())), 100);
  const before = process.cpuUsage();
  const startMs = performance.now();
  await sleep(measureMs);
  const { user, system } = process.cpuUsage(before);
  const tookMs = performance.now() - startMs;
  clearInterval(sampling);
  await watching.stop();
  await world.close();
  await journal.close();
  const { observations, good } = await count(folder);
  rmSync(folder, { recursive: true });
  return { cpuPercent: (user + system) / 10 / tookMs, rssMb: rssBytes / 1e6, observations, good };
}

async function count(folder: string): Promise<Pick<Cost, 'observations' | 'good'>> {
  const { readJournal } = await import('../runner/journal-file.ts');
  const raw = (await readJournal(folder)).flatMap((entry) => (entry.type === 'observations' ? entry.raw : []));
  return { observations: raw.length, good: raw.filter(([, , value]) => value === 'g').length };
}

async function compare(): Promise<void> {
  const etcd = await startLocalEtcd(members);
  try {
    await inChild('load', []);
    const any = await inChild('any', etcd.endpoints);
    const each = await inChild('each', etcd.endpoints);
    for (const [via, { observations, good }] of Object.entries({ any, each })) {
      process.stdout.write(`via ${via}: ${observations} writes, ${good} good\n`);
    }
    printFigures([
      { what: 'one write every 20 ms, via any: processor', measured: any.cpuPercent, limit: 25, unit: '% of a core' },
      { what: 'one write every 20 ms, via any: memory', measured: any.rssMb, limit: 150, unit: 'MB' },
      { what: 'nine writes every 20 ms, via each: processor', measured: each.cpuPercent, limit: 25, unit: '% of a core' },
      { what: 'nine writes every 20 ms, via each: memory', measured: each.rssMb, limit: 150, unit: 'MB' },
    ]);
  } finally {
    await etcd.close();
  }
}

async function inChild(via: string, urls: readonly string[]): Promise<Cost> {
  const child = spawn(process.execPath, [import.meta.filename, via, ...urls], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // As the command line has it.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the measuring process ended with ${code}`);
  return (text === '' ? {} : JSON.parse(text)) as Cost;
}
