import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunsFolder } from './firedrill.ts';

/** Each a line of `faults:`; the members of `eu-west-1a` are `peer-1` to `peer-3`, and so on. */
export interface SmallDrill {
  readonly faults: readonly string[];
  /** Lines of `limits:`. */
  readonly limits?: readonly string[];
}

/**
 * Writes a drill that is quick to run: writes and groups are watched, and only that writes come back is asked.
 *
 * @returns its path
 */
export function writeSmallDrill(runs: RunsFolder, { faults, limits = ['zones: 1', 'instances: 9', 'etcdMembersDown: 4'] }: SmallDrill): string {
  const path = join(runs.drills(), 'small.yaml');
  const text = `name: small
title: Something small, several things at a time
why: It is quick.
probes:
  writes: { kind: etcd-write, every: 50ms, timeout: 2s, hedge: 200ms }
  groups: { kind: asg-capacity, every: 1s, timeout: 10s, select: { role: etcd } }
baseline: { for: 1s }
faults:
${faults.map((fault) => `  - { ${fault} }\n`).join('')}slos:
  - { name: writes are back within 20 s, probe: writes, longestOutage: 20s }
limits: { ${limits.join(', ')} }
recovery: { timeout: 60s, stableFor: 1s }
`;
  writeFileSync(path, text);
  return path;
}

/**
 * Writes a drill that is as quick as can be: it hardly looks before and after. Its probe asks nothing of AWS, where calls are paced.
 *
 * @param fault a line of `faults:`
 * @param probe a line of `probes:`
 * @returns its path
 */
export function writeQuickDrill(runs: RunsFolder, fault: string, probe = 'kind: etcd-write, every: 200ms, timeout: 2s'): string {
  const path = join(runs.drills(), 'quick.yaml');
  const text = `name: quick
title: One fault, and nothing else
why: It is quick.
probes:
  p: { ${probe} }
baseline: { for: 100ms }
faults:
  - { ${fault} }
slos:
  - { name: all is back, probe: p, recoversWithin: 3m }
limits: { zones: 1, instances: 9, etcdMembersDown: 4, podsOfWorkload: all }
recovery: { timeout: 3m, stableFor: 100ms }
`;
  writeFileSync(path, text);
  return path;
}
