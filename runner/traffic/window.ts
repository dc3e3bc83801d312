import type { LatencyEncoder } from './latencies.ts';
import type { FailureKind, Outcome } from './outcome.ts';

/**
 * All requests that were due in one stretch of time, counted. Times are those of one clock, in milliseconds; a request
 * counts in the window in which it was due, whenever it was answered.
 */
export interface RequestWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /** When the last of them was settled. */
  readonly endMs: number;
  readonly ok: number;
  readonly failed: Readonly<Partial<Record<FailureKind, number>>>;
  readonly unknown: number;
  /** The most that the harness was late with sending one. */
  readonly lateMs: number;
  /** From when each was due until it was answered, of those that were ok: an HdrHistogram, see {@link LatencyEncoder}. */
  readonly latencies?: string;
  /** Of those that were ok; left out where there is none. */
  readonly good?: GoodEdges;
  /** Around those that failed, and around those of which nothing is known. */
  readonly bad?: Hole;
  readonly unsure?: Hole;
}

export interface GoodEdges {
  /** When the first and the last of them were due. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** When the first answer came. */
  readonly answeredMs: number;
}

/** The stretch that some requests of a window span, and what is known right before and after it within the window. */
export interface Hole {
  /** When the first and the last of them were due. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** When it was settled what became of the first. */
  readonly settledMs: number;
  /** When the last good one before the first was due; null where there is none in this window. */
  readonly beforeMs: number | null;
  /** When the first good one after the last was due, and when the first of those after it was answered; likewise. */
  readonly afterMs: number | null;
  readonly answeredMs: number | null;
}

/** A window while its requests are under way. Holds a few numbers for each of them until all are settled. */
export class OpenWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly #dueMs: number[] = [];
  readonly #outcomes: (Outcome | undefined)[] = [];
  readonly #endMs: number[] = [];
  #pending = 0;
  #lateMs = 0;

  constructor(fromMs: number, toMs: number) {
    this.fromMs = fromMs;
    this.toMs = toMs;
  }

  get isSettled(): boolean {
    return this.#pending === 0;
  }

  /** @returns what the request is called in {@link settle} */
  add(dueMs: number, lateMs: number): number {
    this.#pending += 1;
    this.#lateMs = Math.max(this.#lateMs, lateMs);
    this.#outcomes.push(undefined);
    this.#endMs.push(dueMs);
    return this.#dueMs.push(dueMs) - 1;
  }

  settle(index: number, outcome: Outcome, endMs: number): void {
    this.#outcomes[index] = outcome;
    this.#endMs[index] = endMs;
    this.#pending -= 1;
  }

  /** Counts it all; undefined where nothing was due. */
  close(encoder: LatencyEncoder): RequestWindow | undefined {
    const dueMs = this.#dueMs;
    if (dueMs.length === 0) return undefined;
    const failed: Partial<Record<FailureKind, number>> = {};
    const latencies: number[] = [];
    let unknown = 0;
    let endMs = this.toMs;
    for (const [index, outcome] of this.#outcomes.entries()) {
      endMs = Math.max(endMs, this.#endMs[index]!);
      if (outcome === 'ok') latencies.push(Math.max(0, this.#endMs[index]! - dueMs[index]!));
      else if (outcome === 'unknown' || outcome === undefined) unknown += 1;
      else failed[outcome] = (failed[outcome] ?? 0) + 1;
    }
    const encoded = encoder.encode(latencies);
    const good = this.#good();
    const bad = this.#hole((outcome) => outcome !== 'ok' && outcome !== 'unknown');
    const unsure = this.#hole((outcome) => outcome === 'unknown');
    return {
      fromMs: this.fromMs,
      toMs: this.toMs,
      endMs,
      ok: latencies.length,
      failed,
      unknown,
      lateMs: this.#lateMs,
      ...(encoded === undefined ? {} : { latencies: encoded }),
      ...(good && { good }),
      ...(bad && { bad }),
      ...(unsure && { unsure }),
    };
  }

  #good(): GoodEdges | undefined {
    const first = this.#outcomes.indexOf('ok');
    if (first < 0) return undefined;
    const last = this.#outcomes.lastIndexOf('ok');
    return { firstMs: this.#dueMs[first]!, lastMs: this.#dueMs[last]!, answeredMs: this.#firstAnswer(first) };
  }

  #hole(isIn: (outcome: Outcome | undefined) => boolean): Hole | undefined {
    const first = this.#outcomes.findIndex(isIn);
    if (first < 0) return undefined;
    const last = this.#outcomes.findLastIndex(isIn);
    const before = first === 0 ? -1 : this.#outcomes.lastIndexOf('ok', first - 1);
    const after = this.#outcomes.indexOf('ok', last + 1);
    return {
      firstMs: this.#dueMs[first]!,
      lastMs: this.#dueMs[last]!,
      settledMs: this.#endMs[first]!,
      beforeMs: before < 0 ? null : this.#dueMs[before]!,
      afterMs: after < 0 ? null : this.#dueMs[after]!,
      answeredMs: after < 0 ? null : this.#firstAnswer(after),
    };
  }

  /** The first good answer that came to any request from the n-th on. */
  #firstAnswer(from: number): number {
    return this.#outcomes.reduce((min, outcome, index) => (outcome === 'ok' && index >= from ? Math.min(min, this.#endMs[index]!) : min), Infinity);
  }
}
