/** What answers usually take, told from those just before a moment; milliseconds. */
export interface UsualLatency {
  readonly median: number;
  /** A question that is unanswered for longer than this is most likely not being answered. */
  readonly likely: number;
  /** A question that is unanswered for longer than this is surely not being answered. */
  readonly sure: number;
  /** By how much the harness's own timers and reads may be late, which no answer shows. */
  readonly slack: number;
}

const sampleSize = 200;
/** Slower answers were held up by something: they don't tell what is usual. */
const heldUpAfterMs = 20;

/**
 * Tells what is usual from the last {@link sampleSize} good answers, without those that waited out an outage.
 *
 * @param latencies those of good answers, in the order of their arrival; milliseconds
 * @param everyMs the probe's interval
 * @returns a function of a number n: what was usual among the answers before the n-th
 */
export function usualLatencies(latencies: Float64Array, everyMs: number): (n: number) => UsualLatency {
  const overall = quantile(latencies.toSorted(), 0.5) ?? 0;
  const limit = Math.max(4 * overall, overall + heldUpAfterMs);
  const heldUp: number[] = [];
  for (let index = 0; index < latencies.length; index++) if (latencies[index]! > limit) heldUp.push(index);
  const usual = heldUp.length === 0 ? latencies : latencies.filter((latency) => latency <= limit);
  const slack = 1 + everyMs / 10;
  let seen = 0;
  let asked = 0;
  /** How many of those that were held up arrived before the n-th; mostly asked in order. */
  const heldUpBefore = (n: number): number => {
    if (n < asked) seen = 0;
    asked = n;
    while (seen < heldUp.length && heldUp[seen]! < n) seen += 1;
    return seen;
  };
  return (n) => {
    // At the very beginning there is nothing before: then those just after have to do.
    const before = Math.min(n, latencies.length);
    const until = Math.max(before - heldUpBefore(before), Math.min(20, usual.length));
    const sample = usual.slice(Math.max(0, until - sampleSize), until).sort();
    return {
      median: quantile(sample, 0.5) ?? 0,
      likely: (quantile(sample, 0.95) ?? everyMs / 2) + slack,
      sure: 2 * (sample.at(-1) ?? everyMs / 2) + slack,
      slack,
    };
  };
}

/**
 * The smallest of the values that at least `q` of them don't exceed.
 *
 * @param sorted ascending
 * @param q 0 to 1
 * @returns undefined when there are none
 */
export function quantile(sorted: ArrayLike<number>, q: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}

export function ascending(a: number, b: number): number {
  return a - b;
}
