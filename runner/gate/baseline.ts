import { z } from 'zod';
import { inKeyOrder } from '../canonical.ts';
import { ExpectedError } from '../errors.ts';
import { median, type Sample } from '../statistics/slow-down.ts';
import type { JudgedRun } from '../verdict.ts';

const time = z.strictObject({
  /** Sorted, in whole steps of what the error bars justify; one for each run. */
  ms: z.array(z.number().min(0)).min(1),
  /** How far from these the truth typically may be. */
  plusMinusMs: z.number().min(0),
});

const drill = z.strictObject({
  drill: z.string(),
  environment: z.string(),
  firedrill: z.string(),
  /** How it was measured: `measureOf`. */
  measure: z.string(),
  runs: z.int().min(1),
  /** By the SLO's name, then by what of it. */
  times: z.record(z.string(), z.record(z.string(), time)),
});

export const baselineSchema = z.strictObject({ schemaVersion: z.literal(1), drills: z.record(z.string(), drill) });

/** What recovery took when all was well, by a drill's id in the suite. */
export type Baseline = z.output<typeof baselineSchema>;
export type DrillBaseline = z.output<typeof drill>;

/** @throws ExpectedError when it is none */
export function parseBaseline(text: string, file: string): Baseline {
  const wrong = (why: string): ExpectedError => new ExpectedError(`${file} is no baseline (${why}); make one with: firedrill baseline update`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
  const result = baselineSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw wrong(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** As it is committed: keys in order, numbers of one time in one line, so that a diff shows what has changed. Ends in a newline. */
export function printBaseline(baseline: Baseline): string {
  const text = JSON.stringify(inKeyOrder(baseline), null, 2);
  return `${text.replaceAll(/\[\s+([\d.,\s]+?)\s+\]/g, (_list, numbers: string) => `[${numbers.replaceAll(/\s+/g, ' ')}]`)}\n`;
}

/** The name of the environment in a baseline: labs are alike, whatever they are called. */
export function environmentNameOf({ environment }: Pick<JudgedRun, 'environment'>): string {
  return environment.enter ? 'lab' : environment.name;
}

/**
 * What a drill's runs measured, as a baseline tells it.
 *
 * @param runs held ones of one drill, at least one
 */
export function drillBaseline(runs: readonly JudgedRun[], measure: string): DrillBaseline {
  const first = runs[0]!;
  const samples = samplesOf(runs);
  const times: DrillBaseline['times'] = {};
  for (const { slo, of, sample } of samples) {
    if (!sample.values.every(Number.isFinite)) continue;
    const stepMs = stepOf(sample.plusMinusMs);
    (times[slo] ??= {})[of] = { ms: sample.values.map((value) => rounded(value, stepMs)).sort((a, b) => a - b), plusMinusMs: rounded(sample.plusMinusMs, stepMs) };
  }
  return { drill: first.run.drill, environment: environmentNameOf(first), firedrill: first.run.firedrillVersion, measure, runs: runs.length, times };
}

export interface NamedSample {
  readonly slo: string;
  readonly of: string;
  readonly sample: Sample;
}

/** The times of each SLO over some runs of one drill; a run that doesn't tell one is left out of it. */
export function samplesOf(runs: readonly JudgedRun[]): NamedSample[] {
  const found = new Map<string, { slo: string; of: string; values: number[]; errors: number[] }>();
  for (const { slos } of runs) {
    for (const { name: slo, times = [] } of slos) {
      for (const { of, length, bestMs } of times) {
        const key = JSON.stringify([slo, of]);
        const one = found.get(key) ?? { slo, of, values: [], errors: [] };
        found.set(key, one);
        one.values.push(bestMs);
        if (Number.isFinite(length.max) && Number.isFinite(bestMs)) one.errors.push(Math.max(0, length.max - bestMs));
      }
    }
  }
  return [...found.values()].map(({ slo, of, values, errors }) => ({ slo, of, sample: { values, plusMinusMs: median(errors) } }));
}

/** The step in which figures with such an error are told: 10 ms for 27 ms, 100 ms for 250 ms. At least a tenth of a millisecond. */
export function stepOf(plusMinusMs: number): number {
  return Math.max(0.1, 10 ** Math.floor(Math.log10(Math.max(plusMinusMs, 0.1))));
}

/** Without the noise of binary fractions. */
export function rounded(value: number, stepMs: number): number {
  return Number.isFinite(value) ? Number((Math.round(value / stepMs) * stepMs).toFixed(1)) : value;
}
