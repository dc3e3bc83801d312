import type { JudgedRun } from '../../../runner/verdict.ts';
import { scoreOf } from '../../../runner/score.ts';
import { backMs, faults, hitMs, probes, recovery } from './seen.ts';
import { endMs, idOf, peers, scenario, slos, startMs } from './setting.ts';

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
  score: scoreOf(slos, 'held'),
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
