import { join } from 'node:path';
import { formatDuration } from '../../scenarios/duration.ts';
import type { Target } from '../fault.ts';
import { readJournalIfAny } from '../journal-file.ts';
import type { Entry } from '../journal.ts';
import { listed } from '../leash.ts';
import type { PlannedFault } from '../plan.ts';
import { platformKey } from '../platform-key.ts';
import { runNames } from '../recover.ts';
import { runStamp } from '../run-name.ts';

/** What was hit when: of each group, the last time. UTC, milliseconds since 1970. */
export type Hits = ReadonlyMap<string, { readonly atMs: number; readonly run: string }>;

/** A drill that began earlier than this before a moment has hit nothing after it. */
const longestRunMs = 24 * 3_600_000;

/**
 * What of a target counts as one: the Auto Scaling Group of a machine, the workload of a pod; where there is none, itself.
 */
export function groupOf({ kind, group, workload, namespace, name }: Target): string {
  if (group !== undefined) return `group ${group}`;
  if (workload !== undefined) return `${workload} in ${namespace ?? '(unknown)'}`;
  return `${kind} ${name}`;
}

/** What a run has hit, by its journal; what was spared was not. Pure. */
export function hitsOf(entries: readonly Entry[]): [group: string, atMs: number][] {
  const intents = new Map(entries.flatMap((entry) => (entry.type === 'fault.intent' ? [[entry.fault, entry.targets] as const] : [])));
  return entries.flatMap((entry) => {
    // One that failed may have hit all the same.
    if (entry.type !== 'fault.injected' && entry.type !== 'fault.failed') return [];
    const spared = entry.type === 'fault.injected' ? (entry.spared ?? []) : [];
    const targets = intents.get(entry.fault)?.filter(({ id }) => !spared.includes(id)) ?? [];
    return targets.map((target): [string, number] => [groupOf(target), Date.parse(entry.at)]);
  });
}

/**
 * What the runs in a folder have hit since a moment, those that people started included.
 *
 * @param platform only what was run there; see `platformKey`
 */
export async function recentHits(out: string, sinceMs: number, platform: string): Promise<Hits> {
  const hits = new Map<string, { atMs: number; run: string }>();
  const earliest = runStamp(sinceMs - longestRunMs);
  for (const name of await runNames(out)) {
    if (/^\d{8}T\d{6}Z/.test(name) && name < earliest) continue;
    // A run that has not got so far as a first entry has hit nothing.
    const entries = (await readJournalIfAny(join(out, name))) ?? [];
    const started = entries.find((entry) => entry.type === 'run.started');
    if (!started || platformKey(started.environment) !== platform) continue;
    for (const [group, atMs] of hitsOf(entries)) if (atMs >= sinceMs && atMs > (hits.get(group)?.atMs ?? 0)) hits.set(group, { atMs, run: name });
  }
  return hits;
}

/**
 * Why what is planned must wait: it would hit a group that was hit a short while ago.
 *
 * @param betweenMs how long is to be between two kills of one group
 * @returns undefined when it may go on
 */
export function tooSoon(faults: readonly Pick<PlannedFault, 'targets'>[], hits: Hits, betweenMs: number, nowMs: number): string | undefined {
  const groups = [...new Set(faults.flatMap(({ targets }) => targets.map(groupOf)))];
  const recent = groups.flatMap((group) => {
    const hit = hits.get(group);
    return hit && nowMs - hit.atMs < betweenMs ? [{ group, ...hit }] : [];
  });
  if (recent.length === 0) return undefined;
  const freeMs = Math.max(...recent.map(({ atMs }) => atMs)) + betweenMs;
  const which = listed(recent.map(({ group, atMs, run }) => `${group} (${new Date(atMs).toISOString()}, run ${run})`));
  return `it would hit what was hit less than ${formatDuration(betweenMs)} ago (betweenKills): ${which}; it may again from ${new Date(freeMs).toISOString()} on`;
}
