/** The measuring process: a probe over all pods, as the engine runs it. Prints what it cost as JSON. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../runner/clients/connect.ts';
import type { KubernetesRequest } from '../../runner/clients/kubernetes-connection.ts';
import { realClock } from '../../runner/clock.ts';
import { environmentSchema } from '../../runner/environment.ts';
import { keepHeapSmall } from '../../runner/heap.ts';
import { openJournal, readJournal } from '../../runner/journal-file.ts';
import { loadKinds } from '../../runner/kinds.ts';
import { createMask } from '../../runner/mask.ts';
import { startWatching } from '../../runner/watching.ts';
import type { Scenario } from '../../scenarios/schema.ts';

export interface ProbeCost {
  readonly rssMb: number;
  readonly openedMs: number;
  /** Of one core, while pods change. */
  readonly cpuPercent: number;
  readonly good: number;
  readonly bad: number;
  readonly unknown: number;
  readonly turns: number;
  readonly journalKbPerMinute: number;
  /** Pages of the list of all pods that were asked for. */
  readonly podPages: number;
  /** Why answers were not known, each reason once. */
  readonly unknownBecause: readonly string[];
  readonly notes: readonly string[];
}

/** @param measureMs how long, after all is listed */
export async function measureProbe(kubeconfig: string, measureMs: number): Promise<ProbeCost> {
  keepHeapSmall();
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
  const journal = await openJournal({ folder, clock: realClock, mask: createMask() });
  const environment = environmentSchema.parse({ name: 'bench', kubernetes: { kubeconfig, context: 'local' } });
  const world = connect(environment, { run: 'bench', version: 'bench', clock: realClock, mask: createMask() });
  const client = await world.kubernetes();
  let podPages = 0;
  const count = ({ verb, resource, query }: KubernetesRequest): void => {
    if (verb === 'list' && resource === 'pods' && query?.['limit'] !== 1) podPages += 1;
  };
  const connection = { ...client.connection, request: <T>(...[request, options]: Parameters<typeof client.connection.request>): Promise<T> => (count(request), client.connection.request<T>(request, options)) };
  let rssBytes = 0;
  const sampling = setInterval(() => (rssBytes = Math.max(rssBytes, process.memoryUsage.rss())), 50);
  const startMs = performance.now();
  const probes = { pods: { kind: 'pods-ready', every: 500, timeout: 3_000, atLeast: '99%' } };
  const watching = await startWatching({
    scenario: { faults: [], probes } as unknown as Scenario,
    plan: { faults: [], zones: {}, quorum: null, blastRadius: { instances: 0, zonesLost: [], etcdMembersDown: 0 } },
    world: { ...world, kubernetes: async () => ({ ...client, connection }) },
    kinds: await loadKinds(),
    journal,
    clock: realClock,
    run: { id: 'bench', drill: 'bench' },
    hit: () => [], changes: () => [],
  });
  const openedMs = performance.now() - startMs;
  process.stderr.write('listed\n');
  const before = process.cpuUsage();
  const measuredMs = performance.now();
  await sleep(measureMs);
  const { user, system } = process.cpuUsage(before);
  const tookMs = performance.now() - measuredMs;
  await watching.stop();
  clearInterval(sampling);
  await world.close();
  await journal.close();
  const entries = await readJournal(folder);
  const raw = entries.flatMap((entry) => (entry.type === 'observations' ? entry.raw : []));
  const having = (letter: string): number => raw.filter(([, , value]) => value === letter).length;
  const cost = {
    rssMb: rssBytes / 1e6,
    openedMs,
    cpuPercent: (user + system) / 10 / tookMs,
    good: having('g'),
    bad: having('b'),
    unknown: having('u'),
    turns: raw.filter(([start, end]) => start === end).length / 2,
    journalKbPerMinute: (statSync(join(folder, 'journal.ndjson')).size / 1e3 / tookMs) * 60_000,
    podPages,
    unknownBecause: [...new Set(raw.flatMap(([, , value, why]) => (value === 'u' ? [why ?? ''] : [])))],
    notes: entries.flatMap((entry) => (entry.type === 'note' ? [entry.text] : [])),
  };
  rmSync(folder, { recursive: true });
  return cost;
}

/** The most memory that a process has had, in megabytes, as far as the kernel has counted it. */
export function peakMb(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1e3;
}
