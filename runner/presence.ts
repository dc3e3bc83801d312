import { ascending } from './latency.ts';
import type { ObservationColumns } from './observation-columns.ts';

/** A stretch in which the harness itself stood still: it could neither ask nor read an answer. */
export interface Standstill {
  readonly from: number;
  readonly to: number;
}

/** When the harness was there to see: it stands still now and then, and an answer lies unread meanwhile. */
export interface Presence {
  /** When a question that was asked at `start` was surely on its way: at once, or after the standstill that followed. */
  sent(start: number): number;
  /** The first moment at or after `time` at which the harness is known to have run. */
  next(time: number): number;
}

/**
 * Tells from a stream's own times when the harness was running: whenever it asked or took an answer. Right after either
 * it reads what has come, so that an answer which is not there by then had not come.
 */
export function presenceOf(observations: ObservationColumns, everyMs: number): Presence {
  const starts = new Float64Array(observations.size);
  const ends = new Float64Array(observations.size);
  let size = 0;
  let inOrder = true;
  observations.each((start, end) => {
    inOrder &&= size === 0 || ends[size - 1]! <= end;
    starts[size] = start;
    ends[size] = end;
    size += 1;
  });
  if (!inOrder) ends.sort();
  // Timers are late by about a millisecond at the best of times.
  const lateMs = everyMs + Math.max(1.5, everyMs / 20);
  return {
    sent(start) {
      const following = starts[firstFrom(starts, start + everyMs / 10)];
      return following !== undefined && following - start > lateMs ? following : start;
    },
    next: (time) => Math.min(starts[firstFrom(starts, time)] ?? Infinity, ends[firstFrom(ends, time)] ?? Infinity),
  };
}

/** The index of the first that is not less than `value`. */
function firstFrom(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (sorted[mid]! < value) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** Overlapping stretches as one. */
export function joined(stretches: readonly Standstill[]): Standstill[] {
  const result: Standstill[] = [];
  for (const one of stretches.toSorted((a, b) => ascending(a.from, b.from))) {
    const last = result.at(-1);
    if (last && one.from <= last.to) result[result.length - 1] = { from: last.from, to: Math.max(last.to, one.to) };
    else result.push(one);
  }
  return result;
}
