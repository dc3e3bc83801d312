import type { RawHole, RawRequests } from '../journal.ts';
import type { Hole, RequestWindow } from './window.ts';

/**
 * A window as the journal has it: all that it says, so that every figure can be worked out again.
 *
 * @param at turns a time of the clock into the journal's
 */
export function rawWindow(window: RequestWindow, at: (ms: number) => number): RawRequests {
  const { toMs, ok, failed, unknown, lateMs, latencies, good, bad, unsure } = window;
  return {
    to: at(toMs),
    ok,
    ...(bad && { failed, bad: rawHole(bad, at) }),
    ...(unsure && { unknown, unsure: rawHole(unsure, at) }),
    ...(lateMs > 0 ? { late: Math.round(lateMs * 100) / 100 } : {}),
    ...(latencies === undefined ? {} : { hdr: latencies }),
    ...(good && { good: [at(good.firstMs), at(good.lastMs), at(good.answeredMs)] }),
  };
}

/** @param at turns a time of the journal into the reader's */
export function readWindow(start: number, end: number, raw: RawRequests, at: (ms: number) => number): RequestWindow {
  const { to, ok, failed = {}, unknown = 0, late = 0, hdr, good, bad, unsure } = raw;
  return {
    fromMs: at(start),
    toMs: at(to),
    endMs: at(end),
    ok,
    failed,
    unknown,
    lateMs: late,
    ...(hdr === undefined ? {} : { latencies: hdr }),
    ...(good && { good: { firstMs: at(good[0]), lastMs: at(good[1]), answeredMs: at(good[2]) } }),
    ...(bad && { bad: readHole(bad, at) }),
    ...(unsure && { unsure: readHole(unsure, at) }),
  };
}

function rawHole({ firstMs, lastMs, settledMs, beforeMs, afterMs, answeredMs }: Hole, at: (ms: number) => number): RawHole {
  const orNull = (ms: number | null): number | null => (ms === null ? null : at(ms));
  return [at(firstMs), at(lastMs), at(settledMs), orNull(beforeMs), orNull(afterMs), orNull(answeredMs)];
}

function readHole([first, last, settled, before, after, answered]: RawHole, at: (ms: number) => number): Hole {
  const orNull = (ms: number | null): number | null => (ms === null ? null : at(ms));
  return { firstMs: at(first), lastMs: at(last), settledMs: at(settled), beforeMs: orNull(before), afterMs: orNull(after), answeredMs: orNull(answered) };
}
