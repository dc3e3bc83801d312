import type { VerdictValue } from '../verdict.ts';
import type { RunSummary, SummedTime } from './summary.ts';

/** How long recovery took, run after run. Plain data. */
export interface Trend {
  readonly drill: string;
  readonly series: readonly TrendSeries[];
  /** How many runs are left out, as they did not come to their own end or broke nothing. */
  readonly leftOut: number;
}

export interface TrendSeries {
  /** The SLO's name, or `last target whole again`. */
  readonly name: string;
  /** What of it: `recovery`, `p99`. */
  readonly of: string;
  /** By time, oldest first; at least one. */
  readonly points: readonly TrendPoint[];
}

export interface TrendPoint extends SummedTime {
  readonly run: string;
  /** UTC, ISO 8601. */
  readonly startedAt: string;
  readonly verdict: VerdictValue;
  /** What was allowed then; null where nothing was said. */
  readonly limitMs: number | null;
}

/** The name of the series that no SLO is about. */
const wholeAgain = 'the last target is whole again';

/**
 * The times of a drill's SLOs over its runs, and how long it took until all was whole. Pure.
 *
 * @param runs of one drill, in any order
 */
export function trendOf(drill: string, runs: readonly RunSummary[]): Trend {
  const complete = runs.filter((run) => run.complete).toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const series = new Map<string, { name: string; of: string; points: TrendPoint[] }>();
  const add = (name: string, of: string, point: TrendPoint): void => {
    const key = JSON.stringify([name, of]);
    const one = series.get(key) ?? { name, of, points: [] };
    series.set(key, one);
    one.points.push(point);
  };
  for (const { run, startedAt, slos, recovery, verdict } of complete) {
    for (const slo of slos) {
      for (const { of, limitMs, ms, plusMs, minusMs } of slo.times) add(slo.name, of, { run, startedAt, verdict: slo.verdict, limitMs, ms, plusMs, minusMs });
    }
    if (recovery) add(wholeAgain, 'recovery', { run, startedAt, verdict, limitMs: null, ...recovery });
  }
  return { drill, series: [...series.values()], leftOut: runs.length - complete.length };
}
