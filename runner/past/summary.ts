import { environmentNameOf } from '../gate/baseline.ts';
import { measureOf } from '../gate/measure.ts';
import type { Bar, JudgedRun, JudgedSlo, Recovery, Score, VerdictValue } from '../verdict.ts';

/** What is kept of a run to list it beside others, and to compare it with them. Plain data; lengths in milliseconds. */
export interface RunSummary {
  readonly run: string;
  readonly drill: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly environment: string;
  /** Stands for how it measured: runs of which this is the same can be compared. */
  readonly measure: string;
  /** UTC, ISO 8601. */
  readonly startedAt: string;
  readonly tookMs: number;
  readonly verdict: VerdictValue;
  readonly exitCode: number;
  readonly headline: string;
  readonly score: Score;
  /** It came to its own end, and broke something: what it measured can be compared. */
  readonly complete: boolean;
  readonly slos: readonly SummedSlo[];
  readonly steps: readonly SummedStep[];
  /** Until the last of its targets was whole again; null when one was not, or none was away. */
  readonly recovery: SummedTime | null;
}

export interface SummedSlo {
  readonly name: string;
  readonly verdict: VerdictValue;
  readonly measured: string;
  /** The part of its limit that was used; null not known. */
  readonly used: number | null;
  readonly times: readonly (SummedTime & { readonly of: string; readonly limitMs: number | null })[];
}

export interface SummedTime {
  /** The best single figure; infinite for what had not ended. */
  readonly ms: number;
  /** How far from it the truth may be, upwards. */
  readonly plusMs: number;
  /** And downwards. */
  readonly minusMs: number;
}

/** A step of the recovery from a fault: of several targets, that which took longest. */
export interface SummedStep {
  readonly fault: string;
  readonly step: string;
  readonly ms: number;
}

/** Pure. */
export function summaryOf(judged: JudgedRun): RunSummary {
  const { run, verdict, score, slos, waterfall, faults, scenario } = judged;
  return {
    run: run.id,
    drill: run.drill,
    title: run.title,
    tags: run.tags,
    environment: environmentNameOf(judged),
    measure: measureOf(scenario),
    startedAt: run.startedAt,
    tookMs: run.endMs - run.startMs,
    verdict: verdict.value,
    exitCode: verdict.exitCode,
    headline: verdict.headline,
    score,
    complete: run.outcome === 'finished' && faults.some(({ injectedMs }) => injectedMs !== null),
    slos: slos.map(summedSlo),
    steps: longestSteps(waterfall),
    recovery: lastBack(waterfall),
  };
}

function summedSlo({ name, verdict, measured, used, times = [], slo }: JudgedSlo): SummedSlo {
  return { name, verdict, measured, used, times: times.map(({ of, length, bestMs }) => ({ of, limitMs: limitOf(slo, of), ...timeOf(length, bestMs) })) };
}

function limitOf({ longestOutage, recoversWithin, latency }: JudgedSlo['slo'], of: string): number | null {
  return longestOutage ?? recoversWithin ?? latency?.[of as keyof typeof latency] ?? null;
}

function timeOf({ min, max }: Bar, bestMs: number): SummedTime {
  const ends = Number.isFinite(bestMs);
  return { ms: bestMs, plusMs: ends && Number.isFinite(max) ? Math.max(0, max - bestMs) : 0, minusMs: ends && Number.isFinite(min) ? Math.max(0, bestMs - min) : 0 };
}

function longestSteps(waterfall: readonly Recovery[]): SummedStep[] {
  const steps = new Map<string, SummedStep>();
  for (const { fault, steps: all } of waterfall) {
    for (const { step, tookMs } of all) {
      if (tookMs === null) continue;
      const key = JSON.stringify([fault, step]);
      if ((steps.get(key)?.ms ?? -Infinity) < tookMs) steps.set(key, { fault, step, ms: tookMs });
    }
  }
  return [...steps.values()];
}

function lastBack(waterfall: readonly Recovery[]): SummedTime | null {
  const expected = waterfall.filter(({ forGood }) => forGood === undefined);
  const whole = expected.flatMap((one) => (one.whole ? [one.whole] : []));
  if (whole.length === 0 || whole.length < expected.length) return null;
  const last = whole.reduce((a, b) => (b.min + b.max > a.min + a.max ? b : a));
  return last.max === 0 ? null : timeOf(last, (last.min + last.max) / 2);
}
