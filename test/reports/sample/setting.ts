import type { Target } from '../../../runner/fault.ts';
import type { JudgedSlo } from '../../../runner/verdict.ts';
import type { Scenario } from '../../../scenarios/schema.ts';

/*
 * Judged runs as the lab's platform gives them, for golden files and pictures: nine members, three in each zone; zone
 * eu-west-1b is lost at 0 s, one more member at 1 s. Every figure is made here, none is random.
 */

const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'] as const;
export const peers = Array.from({ length: 9 }, (_, index) => ({ name: `peer-${index}`, zone: zones[index % 3]!, index }));
export const lostToZone = peers.filter((peer) => peer.zone === 'eu-west-1b');
export const lostBesides = peers[6]!;

export const idOf = (seed: number): string => `i-0${(BigInt(seed + 3) * 0x9e3779b97f4a7c15n).toString(16).slice(-16)}`;

export function target(index: number): Target {
  return {
    kind: 'instance',
    name: `peer-${index}`,
    id: idOf(index),
    zone: zones[index % 3]!,
    roles: ['etcd'],
    group: `peer-${index}.etcd3.eu-west-1.i.lab.firedrill.test`,
    etcdMember: (0x8e9e05c52164694dn + BigInt(index) * 0x1111n).toString(16),
  };
}

export const scenario: Scenario = {
  name: 'etcd-zone-plus-one',
  title: 'Lose a whole zone and one more etcd member',
  why: "The platform's first requirement for etcd: a zone may fail while another node is down for maintenance.",
  tags: ['etcd', 'zone'],
  parameters: { zone: { value: 'any', description: 'the zone to lose', usedAt: ['faults[0].select.zone', 'faults[1].select.notZone'] } },
  probes: {
    quorum: { kind: 'etcd-quorum', every: 100, timeout: 1_000 },
    writes: { kind: 'etcd-write', every: 20, timeout: 1_000 },
    members: { kind: 'etcd-members', every: 250, timeout: 1_000 },
    groups: { kind: 'asg-capacity', every: 500, timeout: 5_000, select: { tags: { role: '*.etcd3' } } },
  },
  baseline: { for: 5_000, within: 60_000 },
  faults: [
    { id: 'zone', kind: 'instance-terminate', at: 0, select: { role: 'etcd', zone: 'eu-west-1b' } },
    { id: 'extra', kind: 'instance-terminate', at: 1_000, select: { role: 'etcd', notZone: 'eu-west-1b', pick: 1 } },
  ],
  slos: [
    { name: 'quorum is never lost for long', probe: 'quorum', longestOutage: 5_000 },
    { name: 'writes are back within 5 s', probe: 'writes', longestOutage: 5_000 },
    { name: '90 % of writes succeed', probe: 'writes', availability: 0.9 },
    { name: 'writes stay fast', probe: 'writes', latency: { p50: 50, p99: 500 } },
    { name: 'every group is whole again', probe: 'groups', recoversWithin: 60_000 },
  ],
  abort: [{ probe: 'writes', badFor: 60_000 }],
  limits: { zones: 1, etcdMembersDown: 4, quorumLoss: 'refuse' },
  recovery: { timeout: 600_000, stableFor: 10_000 },
};

export const slos: readonly JudgedSlo[] = [
  {
    name: 'quorum is never lost for long', probe: 'quorum', form: 'longestOutage', slo: scenario.slos[0]!, verdict: 'held',
    objective: 'longest outage at most 5 s', measured: '1.30 s ± 0.10 s', margin: '3.60 s to spare', used: 0.28,
    reason: 'the longest of 1 outage was 1.40 s at most',
  },
  {
    name: 'writes are back within 5 s', probe: 'writes', form: 'longestOutage', slo: scenario.slos[1]!, verdict: 'held',
    objective: 'longest outage at most 5 s', measured: '1.24 s ± 0.02 s', margin: '3.74 s to spare', used: 0.252,
    reason: 'the longest of 2 outages was 1.26 s at most',
  },
  {
    name: '90 % of writes succeed', probe: 'writes', form: 'availability', slo: scenario.slos[2]!, verdict: 'held',
    objective: 'at least 90 % good', measured: '94.6 % of 1 172', margin: '4.6 % to spare', used: 0.54,
    reason: '1 109 of 1 172 answers were good',
  },
  {
    name: 'writes stay fast', probe: 'writes', form: 'latency', slo: scenario.slos[3]!, verdict: 'held',
    objective: 'p50 at most 50 ms, p99 at most 500 ms', measured: 'p50 4.1 ms, p99 214 ms', margin: '286 ms to spare', used: 0.428,
    reason: 'of 1 109 good answers',
  },
  {
    name: 'every group is whole again', probe: 'groups', form: 'recoversWithin', slo: scenario.slos[4]!, verdict: 'held',
    objective: 'good again within 60 s', measured: '6.42 s ± 0.25 s', margin: '53.3 s to spare', used: 0.111,
    reason: 'stayed good for 10 s from then on',
  },
];

export const startMs = -5_214;
export const endMs = 18_240;
