import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type JsHistogram } from 'hdr-histogram-js';
import type { Bar, LatencySummary } from '../verdict.ts';

/** What is told apart: one part in a thousand, from a microsecond to an hour. */
const shape = { lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: 3, bitBucketSize: 32, useWebAssembly: false } as const;
const usPerMs = 1_000;

/** Writes latencies down as HdrHistograms, one after another with the same memory. */
export interface LatencyEncoder {
  /**
   * @param latenciesMs milliseconds, not negative
   * @returns an HdrHistogram of microseconds in its interchange format (V2, compressed, base64), which the HdrHistogram
   *   libraries of all languages read; undefined when there is none
   */
  encode(latenciesMs: readonly number[]): string | undefined;
}

export function latencyEncoder(): LatencyEncoder {
  const histogram = build(shape);
  return {
    encode(latenciesMs) {
      if (latenciesMs.length === 0) return undefined;
      histogram.reset();
      for (const ms of latenciesMs) histogram.recordValue(within(Math.round(ms * usPerMs)));
      return encodeIntoCompressedBase64(histogram);
    },
  };
}

/** Latencies of any number of requests, in a space that does not grow with them. Milliseconds. */
export class Latencies {
  readonly #histogram = build(shape) as JsHistogram;
  /** The most that the harness was late with any of them: so much of it is not the service's. */
  lateMs = 0;

  get count(): number {
    return this.#histogram.totalCount;
  }

  get maxMs(): number {
    return this.count === 0 ? 0 : this.#histogram.maxValue / usPerMs;
  }

  /** @param encoded as {@link LatencyEncoder.encode} writes it */
  add(encoded: string, lateMs = 0): void {
    this.#histogram.add(decodeFromCompressedBase64(encoded, 32, false) as JsHistogram);
    this.lateMs = Math.max(this.lateMs, lateMs);
  }

  /** Adds all of another. */
  addAll(other: Latencies): void {
    this.#histogram.add(other.#histogram);
    this.lateMs = Math.max(this.lateMs, other.lateMs);
  }

  /** Forgets them all. */
  reset(): void {
    this.#histogram.reset();
    this.lateMs = 0;
  }

  /** For a report, to a hundredth of a millisecond; null where there is none. */
  summary(): LatencySummary | null {
    if (this.count === 0) return null;
    const at = (q: number): number => Math.round(this.quantile(q).max * 100) / 100;
    return { p50: at(0.5), p99: at(0.99), 'p99.9': at(0.999), max: at(1) };
  }

  /** How many there are up to each bound, in milliseconds to three digits, and above the one below it, which is 10^0.1 times less. */
  buckets(): Record<string, number> {
    const counts: Record<string, number> = {};
    const { recordedValuesIterator: recorded } = this.#histogram;
    recorded.reset();
    while (recorded.hasNext()) {
      const { valueIteratedTo, countAtValueIteratedTo } = recorded.next();
      const bound = upperBound(valueIteratedTo / usPerMs);
      counts[bound] = (counts[bound] ?? 0) + countAtValueIteratedTo;
    }
    return counts;
  }

  /** @param latencyMs milliseconds, not negative */
  record(latencyMs: number): void {
    this.#histogram.recordValue(within(Math.round(latencyMs * usPerMs)));
  }

  /**
   * The latency that at least the part `q` of them doesn't exceed: its error bar is the bucket that it fell into.
   *
   * @param q 0 to 1
   */
  quantile(q: number): Bar {
    const value = this.#histogram.getValueAtPercentile(q * 100);
    return { min: this.#histogram.lowestEquivalentValue(value) / usPerMs, max: this.#histogram.highestEquivalentValue(value) / usPerMs };
  }
}

/** Those of all these windows. */
export function latenciesIn(windows: readonly { readonly latencies?: string }[]): Latencies {
  const all = new Latencies();
  for (const { latencies } of windows) if (latencies !== undefined) all.add(latencies);
  return all;
}

/** What is faster is counted with what took as long as this, in milliseconds. */
const leastBound = 0.1;

function upperBound(ms: number): number {
  const bound = 10 ** (Math.ceil(10 * Math.log10(Math.max(ms, leastBound))) / 10);
  return Number(bound.toPrecision(3));
}

function within(us: number): number {
  return Math.min(shape.highestTrackableValue, Math.max(0, us));
}
