import type { JudgedRun, JudgedStream } from '../verdict.ts';
import type { Attributes } from './trace.ts';

/** A metric before an SDK makes it one. */
export interface Figure {
  readonly name: string;
  readonly of: string;
  /** In UCUM: `s`, `1`, `{answer}`. */
  readonly unit: string;
  /** Whether it counts, or is as it is. */
  readonly kind: 'counter' | 'gauge';
  readonly points: readonly { readonly value: number; readonly attributes: Attributes }[];
}

/** The figures of a run: what its probes saw, what its SLOs measured, and how long each target took to come back. Without what is not known. */
export function figuresOf(run: JudgedRun): Figure[] {
  const common: Attributes = { 'firedrill.drill': run.run.drill, 'firedrill.run': run.run.id };
  const streams = run.probes.flatMap((probe) => probe.streams.map((stream) => ({ stream, attributes: { ...common, 'firedrill.probe': probe.name, 'firedrill.stream': stream.name, 'firedrill.kind': probe.kind } })));
  const each = (points: (one: (typeof streams)[number]) => Record<string, number | undefined>, label: string): Figure['points'] =>
    streams.flatMap((one) => Object.entries(points(one)).flatMap(([key, value]) => (value === undefined || !Number.isFinite(value) ? [] : [{ value, attributes: { ...one.attributes, [label]: key } }])));
  return [
    { name: 'firedrill.run.duration', of: 'from the start of a run to its end', unit: 's', kind: 'gauge', points: [{ value: (run.run.endMs - run.run.startMs) / 1_000, attributes: { ...common, 'firedrill.verdict': run.verdict.value } }] },
    { name: 'firedrill.probe.answers', of: 'answers of a probe, or requests of one that counts them', unit: '{answer}', kind: 'counter', points: each(({ stream: { good, bad, unknown } }) => ({ good, bad, unknown }), 'firedrill.value') },
    { name: 'firedrill.probe.outage', of: 'how long the outages of a probe were', unit: 's', kind: 'gauge', points: each(({ stream }) => outages(stream), 'firedrill.of') },
    { name: 'firedrill.probe.latency', of: 'what good answers took', unit: 's', kind: 'gauge', points: each(({ stream }) => latencies(stream), 'firedrill.of') },
    { name: 'firedrill.slo.verdict', of: '1 for the verdict on an SLO', unit: '1', kind: 'gauge', points: run.slos.map((slo) => ({ value: 1, attributes: { ...common, 'firedrill.slo': slo.name, 'firedrill.verdict': slo.verdict } })) },
    { name: 'firedrill.slo.used', of: 'the part of what an SLO allows that was used: above 1 it is broken', unit: '1', kind: 'gauge', points: run.slos.flatMap(({ name, used }) => (used === null || !Number.isFinite(used) ? [] : [{ value: used, attributes: { ...common, 'firedrill.slo': name } }])) },
    {
      name: 'firedrill.recovery', of: 'from a fault until what it hit was whole again', unit: 's', kind: 'gauge',
      points: run.waterfall.flatMap(({ target, fault, whole }) => (whole === null || !Number.isFinite(whole.max) ? [] : [{ value: (whole.min + whole.max) / 2_000, attributes: { ...common, 'firedrill.target': target, 'firedrill.fault': fault } }])),
    },
  ];
}

function outages({ outages: all }: JudgedStream): Record<string, number> {
  const lengths = all.map(({ lengthMs }) => lengthMs / 1_000);
  return { longest: Math.max(0, ...lengths), sum: lengths.reduce((sum, length) => sum + length, 0) };
}

function latencies({ requests, latency }: JudgedStream): Record<string, number | undefined> {
  const all = requests?.latency;
  if (all) return Object.fromEntries(Object.entries(all).map(([of, ms]) => [of, ms / 1_000]));
  return latency.length === 0 ? {} : { max: Math.max(...latency.map(({ max }) => max)) / 1_000 };
}
