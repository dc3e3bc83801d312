import { z } from 'zod';
import type { Vocabulary } from '../../scenarios/load.ts';
import { duration, identifier } from '../../scenarios/schema.ts';

/** Kinds for tests of the language alone: nothing of the runner. */
export const vocabulary: Vocabulary = {
  faults: {
    'instance-terminate': {
      summary: 'terminates instances',
      schema: z.strictObject({}),
      selects: ['role', 'zone', 'notZone', 'tags', 'names', 'pick'],
    },
    'etcd-member-kill': { schema: z.strictObject({}), selects: ['zone', 'notZone', 'names', 'leader', 'follower', 'pick'] },
    'pod-delete': {
      schema: z.strictObject({ grace: duration.default(30_000), force: z.boolean().optional() }),
      selects: ['namespace', 'labels', 'node', 'pick'],
    },
  },
  probes: {
    'etcd-quorum': { schema: z.strictObject({ election: duration.default(1_000) }), selects: [] },
    'etcd-write': {
      schema: z.strictObject({ hedge: duration.default(200), via: z.enum(['any', 'each']).default('any'), prefix: identifier.optional() }),
      selects: [],
    },
    'etcd-members': { schema: z.strictObject({}), selects: [] },
    'etcd-consistency': { schema: z.strictObject({}), selects: [], records: true },
    'asg-capacity': { schema: z.strictObject({}), selects: ['role', 'tags', 'zone'] },
  },
};

/** A drill with nothing wrong, to which tests do one thing each. */
export const goodDrill = `name: lose-a-zone
title: Lose a zone
why: to see what happens
parameters:
  zone: { default: any, description: the zone to lose }
probes:
  writes: { kind: etcd-write, every: 20ms }
  groups: { kind: asg-capacity, select: { role: etcd } }
baseline: { for: 3s }
faults:
  - { id: zone, kind: instance-terminate, select: { role: etcd, zone: $zone } }
  - { id: extra, kind: instance-terminate, at: 1s, select: { notZone: $zone, pick: 1 } }
slos:
  - { name: writes are back, probe: writes, longestOutage: 5s }
  - { name: groups are whole, probe: groups, recoversWithin: 5m }
recovery: { timeout: 10m, stableFor: 3s }
`;
