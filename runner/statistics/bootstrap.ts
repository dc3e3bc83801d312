import { seeded, seedFor } from '../rng.ts';
import type { Bar } from '../verdict.ts';
import { median } from './slow-down.ts';

/** Fewer values than this say nothing of how they scatter. */
export const fewestRepeats = 5;

const resamples = 2_000;
const seed = 0x5eed;

/**
 * The 95 % confidence interval of the difference between the medians of two samples, by the percentile bootstrap: both are drawn
 * anew from themselves, with replacement, and the middle 95 % of the differences are it. The same samples give the same
 * interval. Infinity is a value like others; an end of the interval may be infinite.
 *
 * @returns null when one of the samples has fewer than {@link fewestRepeats} values
 */
export function differenceInterval(now: readonly number[], before: readonly number[]): Bar | null {
  if (now.length < fewestRepeats || before.length < fewestRepeats) return null;
  const rng = seeded(seedFor(seed, `${now.length}/${before.length}`));
  const drawn = (values: readonly number[]): number => median(values.map(() => values[Math.floor(rng.next() * values.length)]!));
  const differences = Float64Array.from({ length: resamples }, () => difference(drawn(now), drawn(before))).sort();
  return { min: differences[Math.floor(0.025 * resamples)]!, max: differences[Math.ceil(0.975 * resamples) - 1]! };
}

/** Two that did not end differ by nothing that is known. */
export function difference(now: number, before: number): number {
  return now === before ? 0 : now - before;
}
