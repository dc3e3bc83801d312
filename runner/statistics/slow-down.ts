import { holm } from './holm.ts';
import { leastP, rankTest } from './rank-test.ts';

/** At most this part of all gates may call anything slower on a system that has not changed. Promised in docs/statistics.md. */
export const promisedErrorRate = 0.01;

/** What the test is set to: a fifth is kept in reserve, as two days are never quite alike. */
const errorRate = 0.008;

/** Lengths of time of one objective, one from each run, in milliseconds. */
export interface Sample {
  readonly values: readonly number[];
  /** How far from its best figure a time may typically be: what can't be told apart by the probe that measured it. */
  readonly plusMinusMs: number;
}

export interface Comparison {
  readonly now: Sample;
  readonly before: Sample;
  /** Slower by no more than this part of what it was is tolerated: 0.1 is 10 %. */
  readonly tolerated: number;
}

export interface Slowness {
  /** The typical difference between a value of now and one of before; negative when it became faster. Milliseconds. */
  readonly byMs: number;
  /** As a part of what it was; null where that was nothing. */
  readonly byPart: number | null;
  /** How likely the values would be so much higher by chance alone; null where the difference is too small to matter. */
  readonly p: number | null;
  readonly slower: boolean;
}

/**
 * Which of these became slower, by more than noise. Each has to pass three tests: the values rank higher than chance
 * explains (by {@link rankTest}, corrected for the number of comparisons by {@link holm}), the typical difference is more
 * than what is tolerated, and it is more than what one measurement can be wrong by.
 *
 * @returns in the order of `comparisons`
 */
export function slowDowns(comparisons: readonly Comparison[]): Slowness[] {
  const found = comparisons.map(compare);
  // What is slower by too little to matter is not rejected: a larger p-value is always a valid one.
  const rejected = holm(found.map(({ p }) => p ?? 1), errorRate);
  return found.map((one, index) => ({ ...one, slower: rejected[index]! }));
}

function compare({ now, before, tolerated }: Comparison): Omit<Slowness, 'slower'> {
  const was = median(before.values);
  const byMs = typicalDifference(now.values, before.values);
  const matters = byMs > Math.max(tolerated * was, now.plusMinusMs + before.plusMinusMs);
  return { byMs, byPart: was > 0 ? byMs / was : null, p: matters ? rankTest(now.values, before.values) : null };
}

/** Hodges and Lehmann's: the median of all differences between a value of one and a value of the other. */
function typicalDifference(now: readonly number[], before: readonly number[]): number {
  return median(now.flatMap((one) => before.map((other) => (one === other ? 0 : one - other))));
}

/** @returns 0 for no values */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  const [low, high] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1]!, sorted[middle]!];
  return low === high ? low : (low + high) / 2;
}

/**
 * How many runs it takes at least so that a slow-down could be told at all, when so many objectives are compared with so
 * many runs of before. Fewer could pass everything and see nothing.
 *
 * @returns undefined when no number of runs is enough: there are too few of before
 */
export function fewestRuns(before: number, comparisons: number): number | undefined {
  const most = 200;
  for (let now = 1; now <= most; now++) if (leastP(now, before) <= errorRate / comparisons) return now;
  return undefined;
}
