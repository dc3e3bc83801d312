import type { JudgedFault, JudgedProbe, JudgedStream, Recovery, RecoveryStep } from '../../../runner/verdict.ts';
import { endMs, idOf, lostBesides, lostToZone, peers, startMs, target } from './setting.ts';

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
export const backMs: Readonly<Record<string, number>> = { 'peer-1': 5_120, 'peer-4': 5_480, 'peer-7': 6_010, 'peer-6': 6_240 };
export const hitMs = (name: string): number => (name === lostBesides.name ? 1_004 : 0);

export const probes: readonly JudgedProbe[] = [
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

export function recovery(name: string, fault: string): Recovery {
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

export const faults: readonly JudgedFault[] = [
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
