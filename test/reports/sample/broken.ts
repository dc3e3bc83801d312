import type { JudgedRun } from '../../../runner/verdict.ts';
import { heldRun } from './held.ts';
import { probes } from './seen.ts';
import { slos, startMs } from './setting.ts';

/** Broken: with the groups stopped, nothing is replaced. */
export const brokenRun: JudgedRun = {
  ...heldRun,
  run: { ...heldRun.run, id: '20261123T104107Z-etcd-zone-plus-one-c1d0', endedAt: '2026-11-23T10:22:38.752Z', endMs: 60_240 },
  verdict: {
    value: 'broken', exitCode: 1,
    headline: 'Broken: every group is whole again: not good again within 60 s; 4 of 9 groups have no instance in service.',
  },
  score: { value: -0.004, slo: slos[4]!.name, says: `−0.4 %, by “${slos[4]!.name}”` },
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
