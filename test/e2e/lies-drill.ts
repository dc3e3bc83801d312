import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunsFolder } from './firedrill.ts';

/** How each of the lab's lies is to be found: what has to happen meanwhile, and the check that finds it. */
export const lies = [
  { sabotage: 'etcd-stale-reads', lost: 'a follower', check: 'linearizability' },
  { sabotage: 'etcd-watch-gap', lost: 'a follower', check: 'watch' },
  { sabotage: 'etcd-lost-write', lost: 'all', check: 'linearizability' },
] as const;

/** `nobody`: a member is cut off for a moment, and none is lost. */
export type Lost = (typeof lies)[number]['lost'] | 'nobody';

/**
 * Writes a drill that asks whether etcd lies while members are lost. Whom it hits decides nothing: the liar is a member that
 * lives on, except where all have to come back from their disks.
 *
 * @returns its path
 */
export function writeLiesDrill(runs: RunsFolder, lost: Lost): string {
  const path = join(runs.drills(), 'etcd-lies.yaml');
  const down = lost === 'all' ? 9 : 1;
  const fault = {
    all: 'kind: instance-terminate, at: 3s, select: { role: etcd, pick: all }',
    'a follower': 'kind: instance-terminate, at: 3s, select: { names: [peer-9] }',
    nobody: 'kind: instance-isolate, at: 1s, for: 2s, select: { names: [peer-9] }',
  }[lost];
  writeFileSync(path, `name: etcd-lies
title: Does etcd lie while members are lost?
why: So that the instrument itself is tested.
tags: [etcd]
probes:
  members: { kind: etcd-members, every: 250ms }
  lies: { kind: etcd-consistency, rate: 40/s }
baseline: { for: 2s }
faults:
  - { id: members, ${fault} }
slos:
  - { name: etcd tells no lie, probe: lies, consistent: true }
limits: { zones: 3, instances: ${down}, etcdMembersDown: ${down}, quorumLoss: ${lost === 'all' ? 'expected' : 'refuse'} }
recovery: { timeout: 90s, stableFor: 2s }
`);
  return path;
}
