import type { JudgedFault, JudgedProbe, JudgedRun, JudgedSlo, JudgedStream, Recovery, RecoveryStep } from '../../runner/verdict.ts';
import type { Target } from '../../runner/fault.ts';
import type { Scenario } from '../../scenarios/schema.ts';

/*
 * Judged runs as the lab's platform gives them, for golden files and pictures: nine members, three in each zone; zone
 * eu-west-1b is lost at 0 s, one more member at 1 s. Every figure is made here, none is random.
 */

const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'] as const;
const peers = Array.from({ length: 9 }, (_, index) => ({ name: `peer-${index}`, zone: zones[index % 3]!, index }));
const lostToZone = peers.filter((peer) => peer.zone === 'eu-west-1b');
const lostBesides = peers[6]!;

const idOf = (seed: number): string => `i-0${(BigInt(seed + 3) * 0x9e3779b97f4a7c15n).toString(16).slice(-16)}`;

function target(index: number): Target {
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

const scenario: Scenario = {
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

const slos: readonly JudgedSlo[] = [
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

const startMs = -5_214;
const endMs = 18_240;

/** A wave between 0 and 1 that looks uneven. */
const wave = (at: number): number => (Math.sin(at * 1.7) + Math.sin(at * 0.61 + 1) + 2) / 4;

function latency(fromMs: number, toMs: number, outage: readonly [number, number]): JudgedStream['latency'] {
  const count = Math.floor((toMs - fromMs) / 1_000);
  return Array.from({ length: count }, (_, index) => fromMs + index * 1_000 + 500)
    .filter((atMs) => atMs < outage[0] || atMs > outage[1] - 300)
    .map((atMs, index) => {
      const stress = atMs > 0 && atMs < 7_000 ? 1 + 5 * (1 - atMs / 7_000) : 1;
      const p50 = round(3.2 + 1.8 * wave(index) * stress);
      const p99 = round(p50 * (3 + 4 * wave(index + 7)) * stress);
      return { atMs, p50, p99, max: round(p99 * (1.2 + 2 * wave(index + 3))) };
    });
}

const round = (value: number): number => Math.round(value * 10) / 10;

function stream(name: string, changes: Partial<JudgedStream>): JudgedStream {
  return {
    name, good: 94, bad: 0, unknown: 0, segments: [{ fromMs: startMs + 200, toMs: endMs - 40, value: 'good', why: '' }],
    outages: [], latency: [], reasons: [], ...changes,
  };
}

/** When a lost member came back, in milliseconds; the zone's members are hit at 0, the one besides at 1 s. */
const backMs: Readonly<Record<string, number>> = { 'peer-1': 5_120, 'peer-4': 5_480, 'peer-7': 6_010, 'peer-6': 6_240 };
const hitMs = (name: string): number => (name === lostBesides.name ? 1_004 : 0);

const probes: readonly JudgedProbe[] = [
  {
    name: 'quorum', kind: 'etcd-quorum', everyMs: 100,
    streams: [
      stream('quorum', {
        good: 219, bad: 12, unknown: 1,
        segments: [
          { fromMs: startMs + 200, toMs: 60, value: 'good', why: '' },
          { fromMs: 60, toMs: 160, value: 'unknown', why: '4 of 9 did not answer in time' },
          { fromMs: 160, toMs: 1_330, value: 'bad', why: 'no leader: 5 members answered, none follows one' },
          { fromMs: 1_330, toMs: endMs - 40, value: 'good', why: '' },
        ],
        outages: [
          {
            start: { min: -40, max: 60 }, end: { min: 1_230, max: 1_430 }, length: { min: 1_200, max: 1_400 }, lengthMs: 1_300,
            why: 'no leader: 5 members answered, none follows one',
          },
        ],
        reasons: [
          { why: 'no leader: 5 members answered, none follows one', count: 12 },
          { why: '4 of 9 did not answer in time', count: 1 },
        ],
      }),
    ],
  },
  {
    name: 'writes', kind: 'etcd-write', everyMs: 20,
    streams: [
      stream('writes', {
        good: 1_109, bad: 62, unknown: 1,
        segments: [
          { fromMs: startMs + 190, toMs: 4, value: 'good', why: '' },
          { fromMs: 4, toMs: 1_246, value: 'bad', why: 'etcdserver: request timed out' },
          { fromMs: 1_246, toMs: 4_871, value: 'good', why: '' },
          { fromMs: 4_871, toMs: 4_934, value: 'bad', why: 'etcdserver: leader changed' },
          { fromMs: 4_934, toMs: endMs - 20, value: 'good', why: '' },
        ],
        outages: [
          {
            start: { min: -14, max: 6 }, end: { min: 1_226, max: 1_246 }, length: { min: 1_220, max: 1_260 }, lengthMs: 1_240,
            why: 'etcdserver: request timed out',
          },
          {
            start: { min: 4_860, max: 4_880 }, end: { min: 4_924, max: 4_944 }, length: { min: 44, max: 84 }, lengthMs: 64,
            why: 'etcdserver: leader changed',
          },
        ],
        latency: latency(-5_000, 18_000, [0, 1_246]),
        reasons: [
          { why: 'etcdserver: request timed out', count: 58 },
          { why: 'etcdserver: leader changed', count: 4 },
          { why: 'the deadline passed with no answer', count: 1 },
        ],
      }),
    ],
  },
  {
    name: 'members', kind: 'etcd-members', everyMs: 250,
    streams: peers.map((peer) => {
      const back = backMs[peer.name];
      if (back === undefined) return stream(`members/${peer.name}`, {});
      const gone = hitMs(peer.name) + 40;
      return stream(`members/${peer.name}`, {
        good: 73, bad: 21,
        segments: [
          { fromMs: startMs + 200, toMs: gone, value: 'good', why: '' },
          { fromMs: gone, toMs: back - 640, value: 'bad', why: 'connection refused' },
          { fromMs: back - 640, toMs: back, value: 'bad', why: 'behind by 1 204 entries' },
          { fromMs: back, toMs: endMs - 40, value: 'good', why: '' },
        ],
        outages: [
          {
            start: { min: gone - 250, max: gone }, end: { min: back - 250, max: back },
            length: { min: back - gone - 250, max: back - gone + 250 }, lengthMs: back - gone, why: 'connection refused',
          },
        ],
        reasons: [{ why: 'connection refused', count: 18 }, { why: 'behind by 1 204 entries', count: 3 }],
      });
    }),
  },
  {
    name: 'groups', kind: 'asg-capacity', everyMs: 500,
    streams: [
      stream('groups', {
        good: 34, bad: 13,
        segments: [
          { fromMs: startMs + 400, toMs: 380, value: 'good', why: '' },
          { fromMs: 380, toMs: 6_420, value: 'bad', why: '4 of 9 groups have no instance in service' },
          { fromMs: 6_420, toMs: endMs - 100, value: 'good', why: '' },
        ],
        outages: [
          {
            start: { min: -120, max: 380 }, end: { min: 6_170, max: 6_670 }, length: { min: 5_790, max: 6_790 }, lengthMs: 6_290,
            why: '4 of 9 groups have no instance in service',
          },
        ],
        reasons: [{ why: '4 of 9 groups have no instance in service', count: 13 }],
      }),
    ],
  },
];

function recovery(name: string, fault: string): Recovery {
  const hit = hitMs(name);
  const back = backMs[name]!;
  const led = name === 'peer-4';
  const marks: [step: string, atMs: number, halfMs: number, source: string, note: string][] = [
    ['fault', hit, 2, 'journal', ''],
    ...(fault === 'zone'
      ? ([
          ['leader lost', hit + 8, 12, 'etcd', led ? 'it led' : ''],
          ['leader elected', hit + 1_196, 34, 'etcd', 'peer-0, term 4'],
          ['first write', hit + 1_236, 10, 'etcd', ''],
        ] satisfies [string, number, number, string, string][])
      : []),
    ['old instance gone', hit + 1_340, 120, 'ec2', ''],
    ['group noticed', hit + 1_610, 130, 'autoscaling', ''],
    ['new instance running', hit + 2_870, 125, 'ec2', `instance ${idOf(20 + hit)}`],
    ['DNS changed', hit + 3_010, 55, 'dns', '10.200.2.19'],
    ['volume attached', back - 1_480, 125, 'ec2', ''],
    ['member started', back - 640, 130, 'etcd', ''],
    ['member caught up', back - 125, 125, 'etcd', 'was 1 204 entries behind'],
  ];
  marks.sort((left, right) => left[1] - right[1]);
  const steps: RecoveryStep[] = marks.map(([step, atMs, halfMs, source, note], index) => ({
    step, at: { min: atMs - halfMs, max: atMs + halfMs }, tookMs: index === 0 ? null : atMs - marks[index - 1]![1], source, note,
  }));
  const slowest = steps.reduce((longest, step) => ((step.tookMs ?? 0) > (longest.tookMs ?? 0) ? step : longest));
  return {
    target: name, zone: peers.find((peer) => peer.name === name)!.zone, fault, steps, slowest: slowest.step,
    whole: { min: back - 250 - hit, max: back - hit },
  };
}

const faults: readonly JudgedFault[] = [
  {
    id: 'zone', kind: 'instance-terminate', says: 'terminate 3 instances in eu-west-1b; their groups are expected to replace them',
    sum: '9 voters - 0 down - 3 taken = 6, at least 5 needed', targets: lostToZone.map((peer) => target(peer.index)),
    intentMs: -6, injectedMs: 0, error: null, undone: null, open: false,
  },
  {
    id: 'extra', kind: 'instance-terminate', says: 'terminate 1 instance outside eu-west-1b; its group is expected to replace it',
    sum: '9 voters - 3 down - 1 taken = 5, at least 5 needed', targets: [target(6)],
    intentMs: 996, injectedMs: 1_004, error: null, undone: null, open: false,
  },
];

/** Held: a zone and one more lost, and all of it back. */
export const heldRun: JudgedRun = {
  schemaVersion: 1,
  run: {
    id: '20261123T102133Z-etcd-zone-plus-one-7f3a', drill: scenario.name, title: scenario.title, why: scenario.why, tags: scenario.tags,
    firedrillVersion: '0.1.0', nodeVersion: '24.21.0', seed: 4_207_849_484,
    command: 'firedrill run etcd-zone-plus-one --env environments/lab.yaml --seed 4207849484 --set zone=eu-west-1b',
    startedAt: '2026-11-23T10:21:33.298Z', endedAt: '2026-11-23T10:21:56.752Z', firstFaultAt: '2026-11-23T10:21:38.512Z',
    startMs, endMs, outcome: 'finished', outcomeReason: '',
  },
  verdict: {
    value: 'held', exitCode: 0,
    headline: 'All 5 SLOs held: writes were away for 1.24 s ± 0.02 s, and every group was whole again after 6.42 s.',
  },
  environment: {
    name: 'lab', protected: false,
    aws: {
      region: 'eu-west-1', accountId: '000000000000', endpoint: 'http://10.200.0.3:4566',
      credentials: { accessKeyId: 'AKIALAB0000000000000', secretAccessKey: '********' },
    },
    etcd: {
      endpoints: peers.map((peer) => `http://${peer.name}.etcd3.eu-west-1.i.lab.firedrill.test:2379`),
      clusterId: '1b3a88599e79f82b', prefix: 'firedrill/',
    },
    roles: { etcd: { role: '*.etcd3' } },
    dns: { server: '10.200.0.2' },
    limits: { zones: 1 },
    enter: { pid: 48_211, startTime: 912_344 },
  },
  scenario,
  plan: {
    faults: faults.map((fault) => ({
      id: fault.id, kind: fault.kind, when: fault.id === 'zone' ? '0s' : '1s', targets: fault.targets, says: fault.says,
      undo: null, objections: [],
    })),
    blastRadius: { instances: 4, zonesLost: ['eu-west-1b'], etcdMembersDown: 4 },
    quorum: { voters: 9, down: 0, taken: 4, needed: 5, holds: true },
    zones: { zone: 'eu-west-1b' },
  },
  slos,
  phases: [
    { phase: 'baseline', fromMs: startMs + 180, toMs: -6 },
    { phase: 'inject', fromMs: -6, toMs: 1_010 },
    { phase: 'recover', fromMs: 1_010, toMs: 18_100 },
    { phase: 'undo', fromMs: 18_100, toMs: 18_160 },
    { phase: 'done', fromMs: 18_160, toMs: endMs },
  ],
  faults,
  probes,
  leader: [
    { fromMs: startMs + 200, toMs: 8, leader: 'peer-4', term: 3 },
    { fromMs: 8, toMs: 1_196, leader: null, term: 3 },
    { fromMs: 1_196, toMs: endMs - 40, leader: 'peer-0', term: 4 },
  ],
  lives: peers.map((peer) => {
    const back = backMs[peer.name];
    const first = idOf(peer.index);
    if (back === undefined) {
      return { name: peer.name, zone: peer.zone, segments: [{ fromMs: startMs, toMs: endMs, state: 'running', instanceId: first }] };
    }
    const hit = hitMs(peer.name);
    const next = idOf(20 + peer.index);
    return {
      name: peer.name, zone: peer.zone,
      segments: [
        { fromMs: startMs, toMs: hit + 30, state: 'running', instanceId: first },
        { fromMs: hit + 30, toMs: hit + 1_340, state: 'shutting-down', instanceId: first },
        { fromMs: hit + 1_340, toMs: hit + 1_790, state: 'terminated', instanceId: first },
        { fromMs: hit + 1_790, toMs: hit + 2_870, state: 'pending', instanceId: next },
        { fromMs: hit + 2_870, toMs: endMs, state: 'running', instanceId: next },
      ],
    };
  }),
  waterfall: [recovery('peer-1', 'zone'), recovery('peer-4', 'zone'), recovery('peer-7', 'zone'), recovery('peer-6', 'extra')],
  milestones: [
    { facet: 'leader', subject: 'cluster', state: 'none', notYet: -4, seen: 20, source: 'etcd' },
    { facet: 'instance', subject: 'peer-1', state: 'shutting-down', notYet: -90, seen: 30, source: 'ec2' },
    { facet: 'leader', subject: 'cluster', state: 'peer-0', detail: { term: 4 }, notYet: 1_162, seen: 1_230, source: 'etcd' },
    { facet: 'dns', subject: 'peer-1', state: '10.200.2.19', notYet: 2_955, seen: 3_065, source: 'dns' },
    { facet: 'member', subject: 'peer-1', state: 'up', notYet: 4_870, seen: 5_120, source: 'etcd' },
  ],
  notes: [{ atMs: 2_140, text: 'autoscaling: DescribeAutoScalingGroups was throttled once; waited 200 ms' }],
  changes: [
    {
      atMs: 2, service: 'ec2', action: 'TerminateInstances', target: faults[0]!.targets.map(({ id }) => id).join(', '),
      requestId: '7a9f1c62-0b0e-4f5a-9d35-6b1f2f0c8a11', outcome: 'done', fault: 'zone', during: 'inject',
    },
    {
      atMs: 1_003, service: 'ec2', action: 'TerminateInstances', target: faults[1]!.targets[0]!.id,
      requestId: null, outcome: 'no answer (ECONNRESET)', fault: 'extra', during: 'inject',
    },
    {
      atMs: 1_108, service: 'ec2', action: 'TerminateInstances', target: faults[1]!.targets[0]!.id,
      requestId: 'c3d1be07-55a4-4f0a-8a5e-2f3a7b9d4e20', outcome: 'done', fault: 'extra', during: 'inject',
    },
  ],
};

/** Broken: with the groups stopped, nothing is replaced. */
export const brokenRun: JudgedRun = {
  ...heldRun,
  run: { ...heldRun.run, id: '20261123T104107Z-etcd-zone-plus-one-c1d0', endedAt: '2026-11-23T10:22:38.752Z', endMs: 60_240 },
  verdict: {
    value: 'broken', exitCode: 1,
    headline: 'Broken: every group is whole again: not good again within 60 s; 4 of 9 groups have no instance in service.',
  },
  slos: [
    ...slos.slice(0, 4),
    {
      ...slos[4]!, verdict: 'broken', measured: 'not good again in 60.2 s', margin: 'over by 0.2 s at least', used: 1.004,
      reason: '4 of 9 groups had no instance in service when the run ended',
    },
  ],
  phases: [
    { phase: 'baseline', fromMs: startMs + 180, toMs: -6 },
    { phase: 'inject', fromMs: -6, toMs: 1_010 },
    { phase: 'recover', fromMs: 1_010, toMs: 60_100 },
    { phase: 'done', fromMs: 60_100, toMs: 60_240 },
  ],
  probes: probes.map((probe) => ({
    ...probe,
    streams: probe.streams.map((one) => {
      const last = one.segments.at(-1)!;
      const stays = probe.name === 'groups' || (probe.name === 'members' && one.bad > 0);
      if (!stays) return { ...one, segments: [...one.segments.slice(0, -1), { ...last, toMs: 60_200 }] };
      const why = probe.name === 'groups' ? '4 of 9 groups have no instance in service' : 'no such host';
      const start = one.outages[0]!.start;
      return {
        ...one, good: 12, bad: 119,
        segments: [one.segments[0]!, { fromMs: one.segments[0]!.toMs, toMs: 60_200, value: 'bad' as const, why }],
        outages: [{ start, end: null, length: { min: 60_200 - start.max, max: Infinity }, lengthMs: 60_200 - start.max, why }],
        reasons: [{ why, count: 119 }],
      };
    }),
  })),
  leader: heldRun.leader.map((one, index) => (index === 2 ? { ...one, toMs: 60_200 } : one)),
  lives: heldRun.lives.map((life) =>
    life.segments.length === 1
      ? { ...life, segments: [{ ...life.segments[0]!, toMs: 60_240 }] }
      : { ...life, segments: [...life.segments.slice(0, 2), { ...life.segments[2]!, toMs: 60_240 }] },
  ),
  waterfall: heldRun.waterfall.map((one) => ({
    ...one,
    whole: null,
    slowest: one.fault === 'zone' ? 'leader elected' : 'old instance gone',
    steps: one.steps.map((step) =>
      ['group noticed', 'new instance running', 'DNS changed', 'volume attached', 'member started', 'member caught up'].includes(step.step)
        ? { ...step, at: null, tookMs: null, note: 'not seen before the run ended' }
        : step,
    ),
  })),
};

/** No steady baseline: nothing was broken, and nothing is known. */
export const noBaselineRun: JudgedRun = {
  ...heldRun,
  run: {
    ...heldRun.run, id: '20261123T111500Z-etcd-zone-plus-one-0b42', firstFaultAt: null, startMs: 0, endMs: 60_310, outcome: 'no-baseline',
    endedAt: '2026-11-23T10:22:33.608Z',
    outcomeReason: 'members/peer-3 was not good for 5 s at a time within 60 s: connection refused',
  },
  verdict: {
    value: 'inconclusive', exitCode: 4,
    headline: 'Inconclusive: there was no steady baseline within 60 s, so nothing was broken and nothing was proved.',
  },
  slos: slos.map((slo) => ({
    ...slo, verdict: 'inconclusive', measured: 'nothing: no fault was injected', margin: '', used: null, reason: 'no fault was injected',
  })),
  phases: [{ phase: 'baseline', fromMs: 180, toMs: 60_240 }, { phase: 'done', fromMs: 60_240, toMs: 60_310 }],
  faults: [],
  probes: probes.map((probe) => ({
    ...probe,
    streams: probe.streams.map((one) => ({
      ...one, bad: one.name === 'members/peer-3' ? 240 : 0, unknown: 0,
      segments: [
        { fromMs: 200, toMs: 60_200, value: one.name === 'members/peer-3' ? ('bad' as const) : ('good' as const), why: one.name === 'members/peer-3' ? 'connection refused' : '' },
      ],
      outages: [], latency: [], reasons: one.name === 'members/peer-3' ? [{ why: 'connection refused', count: 240 }] : [],
    })),
  })),
  leader: [{ fromMs: 200, toMs: 60_200, leader: 'peer-4', term: 3 }],
  lives: [],
  waterfall: [],
  milestones: [],
  notes: [],
  changes: [],
};

/** Aborted, and one fault could not be put back. */
export const abortedRun: JudgedRun = {
  ...heldRun,
  run: {
    ...heldRun.run, id: '20261123T123000Z-zone-partition-91ee', drill: 'zone-partition', title: 'Cut a zone off the network', endMs: 72_500,
    endedAt: '2026-11-23T10:22:51.012Z',
    outcome: 'not-undone', outcomeReason: 'writes were bad for 60 s; the network ACL of subnet-0b1c2d could not be put back',
  },
  verdict: {
    value: 'broken', exitCode: 6,
    headline: 'Broken and not undone: writes were away for at least 60 s, and the network ACL of subnet-0b1c2d is still the deny-all one.',
  },
  slos: [
    {
      ...slos[1]!, verdict: 'broken', measured: 'at least 60.0 s', margin: 'over by 55 s at least', used: 12,
      reason: 'the outage had not ended when the run did',
    },
    { ...slos[4]!, verdict: 'inconclusive', measured: 'the run was aborted before', margin: '', used: null, reason: 'aborted at t+60.4 s' },
  ],
  phases: [
    { phase: 'baseline', fromMs: startMs + 180, toMs: -6 },
    { phase: 'inject', fromMs: -6, toMs: 60_400 },
    { phase: 'undo', fromMs: 60_400, toMs: 72_400 },
    { phase: 'done', fromMs: 72_400, toMs: 72_500 },
  ],
  faults: [
    {
      ...faults[0]!, id: 'cut', kind: 'zone-partition', says: 'swap a deny-all network ACL in for 2 subnets of eu-west-1b', injectedMs: 0,
      undone: { atMs: 72_380, verified: false, said: 'ReplaceNetworkAclAssociation: RequestLimitExceeded, 5 times' }, open: true,
    },
    {
      ...faults[1]!, id: 'disk', kind: 'volume-detach', says: 'detach the volume of peer-6', targets: [target(6)],
      undone: { atMs: 63_120, verified: true, said: 'attached vol-0a1 to peer-6 again' }, open: false,
    },
    {
      ...faults[1]!, id: 'late', says: 'terminate 1 instance', targets: [target(2)], intentMs: 5_000, injectedMs: null,
      error: 'TerminateInstances: UnauthorizedOperation: not authorised to perform this operation', undone: null, open: false,
    },
  ],
  probes: probes.slice(0, 2).map((probe) => ({
    ...probe,
    streams: probe.streams.map((one) => ({
      ...one, bad: 3_020, good: 260,
      segments: [one.segments[0]!, { fromMs: 4, toMs: 72_400, value: 'bad' as const, why: 'the deadline passed with no answer' }],
      outages: [
        {
          start: { min: -14, max: 6 }, end: null, length: { min: 72_394, max: Infinity }, lengthMs: 72_394,
          why: 'the deadline passed with no answer',
        },
      ],
      latency: one.latency.filter((slice) => slice.atMs < 0), reasons: [{ why: 'the deadline passed with no answer', count: 3_020 }],
    })),
  })),
  leader: [{ fromMs: startMs + 200, toMs: 20, leader: 'peer-4', term: 3 }, { fromMs: 20, toMs: 72_400, leader: null, term: 3 }],
  lives: heldRun.lives.map((life) => ({ ...life, segments: [{ ...life.segments[0]!, toMs: 72_500, state: 'running' }] })),
  waterfall: [
    {
      target: 'peer-4', zone: 'eu-west-1b', fault: 'cut', slowest: null, whole: null,
      steps: [
        { step: 'fault', at: { min: 0, max: 4 }, tookMs: null, source: 'journal', note: '' },
        { step: 'leader lost', at: { min: 8, max: 32 }, tookMs: 18, source: 'etcd', note: 'it led' },
        { step: 'leader elected', at: null, tookMs: null, source: 'etcd', note: 'none was elected before the run ended' },
      ],
    },
  ],
  changes: [
    {
      atMs: 3, service: 'ec2', action: 'ReplaceNetworkAclAssociation', target: 'aclassoc-0d51, acl-0c0c0',
      requestId: '1de2b7aa-3a37-4b0c-b0e5-5f7d1c1f9a02', outcome: 'done', fault: 'cut', during: 'inject',
    },
    {
      atMs: 61_020, service: 'ec2', action: 'ReplaceNetworkAclAssociation', target: 'aclassoc-0d77, acl-0f3e9',
      requestId: '9b64d0c1-82f1-4c7e-a3a8-0c2e4e6d7f15', outcome: 'UnauthorizedOperation', fault: 'cut', during: 'undo',
    },
  ],
  notes: [
    { atMs: 60_400, text: 'stop condition: writes bad for 60 s' },
    { atMs: 72_380, text: 'undo of cut failed: swap acl-0f3e9 back in for subnet-0b1c2d by hand' },
  ],
};

/** Killed in the middle: the journal stops four seconds after the first fault. */
export const unfinishedRun: JudgedRun = {
  ...heldRun,
  run: {
    ...heldRun.run, id: '20261123T130501Z-etcd-zone-plus-one-55aa', endMs: 4_020, endedAt: '2026-11-23T10:21:42.532Z', outcome: null,
    outcomeReason: 'the last entry is observations at t+4.020 s',
  },
  verdict: { value: 'inconclusive', exitCode: 4, headline: 'Inconclusive: the run did not end, so recovery was not seen.' },
  slos: slos.map((slo, index) =>
    index === 4
      ? { ...slo, verdict: 'inconclusive', measured: 'the run did not end', margin: '', used: null, reason: 'the journal stops at t+4.020 s' }
      : { ...slo, verdict: 'inconclusive', reason: 'good until the journal stops at t+4.020 s' },
  ),
  phases: [
    { phase: 'baseline', fromMs: startMs + 180, toMs: -6 },
    { phase: 'inject', fromMs: -6, toMs: 1_010 },
    { phase: 'recover', fromMs: 1_010, toMs: 4_020 },
  ],
  faults: [{ ...faults[0]! }, { ...faults[1]!, open: true }],
  probes: probes.map((probe) => ({
    ...probe,
    streams: probe.streams.map((one) => ({
      ...one,
      segments: one.segments.filter((segment) => segment.fromMs < 4_020).map((segment) => ({ ...segment, toMs: Math.min(4_020, segment.toMs) })),
      outages: one.outages
        .filter((outage) => outage.start.max < 4_020)
        .map((outage) =>
          (outage.end?.max ?? Infinity) > 4_020
            ? { ...outage, end: null, length: { min: 4_020 - outage.start.max, max: Infinity }, lengthMs: 4_020 - outage.start.max }
            : outage,
        ),
      latency: one.latency.filter((slice) => slice.atMs < 4_020),
    })),
  })),
  leader: heldRun.leader.map((one) => ({ ...one, toMs: Math.min(one.toMs, 4_020) })),
  lives: heldRun.lives.map((life) => ({
    ...life,
    segments: life.segments.filter((segment) => segment.fromMs < 4_020).map((segment) => ({ ...segment, toMs: Math.min(4_020, segment.toMs) })),
  })),
  waterfall: heldRun.waterfall.map((one) => ({
    ...one,
    whole: null,
    slowest: 'new instance running',
    steps: one.steps.map((step) =>
      step.at !== null && step.at.min > 4_020 ? { ...step, at: null, tookMs: null, note: 'the journal stops before' } : step,
    ),
  })),
};

/** By the name of their golden files. */
export const sampleRuns: Readonly<Record<string, JudgedRun>> = {
  held: heldRun,
  broken: brokenRun,
  'no-baseline': noBaselineRun,
  aborted: abortedRun,
  unfinished: unfinishedRun,
};
