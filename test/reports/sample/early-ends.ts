import type { JudgedRun } from '../../../runner/verdict.ts';
import { heldRun } from './held.ts';
import { faults, probes } from './seen.ts';
import { slos, startMs, target } from './setting.ts';

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
  score: { value: null, slo: slos[0]!.name, says: `not known: “${slos[0]!.name}” is inconclusive` },
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
  score: { value: -1, slo: slos[1]!.name, says: `−100 % at most, as others are not known, by “${slos[1]!.name}”` },
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
  score: { value: null, slo: slos[0]!.name, says: `not known: “${slos[0]!.name}” is inconclusive` },
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
