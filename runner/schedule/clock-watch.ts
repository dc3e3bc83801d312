import { formatDuration } from '../../scenarios/duration.ts';
import type { Clock } from '../clock.ts';

/** Less is what clocks are corrected by all the time. */
const toleranceMs = 2_000;

/** A step of the clock on the wall. */
export interface ClockStep {
  /** By how much it went another way than the time that this process has seen pass. */
  readonly byMs: number;
  readonly says: string;
}

/**
 * Tells when the clock on the wall has gone another way than time did: it was set, or this machine slept (monotonic time
 * stands still then, and the clock on the wall is ahead of it afterwards). The two can't be told apart, and need not be.
 *
 * @returns to be asked again and again: the step since it was asked last, or undefined
 */
export function watchClock(clock: Pick<Clock, 'now' | 'wall'>): () => ClockStep | undefined {
  let aheadMs = clock.wall() - clock.now();
  return () => {
    const nowAheadMs = clock.wall() - clock.now();
    const byMs = Math.round(nowAheadMs - aheadMs);
    // What is slewed bit by bit is no step, and must not add up to one.
    aheadMs = nowAheadMs;
    if (Math.abs(byMs) < toleranceMs) return undefined;
    const amount = formatDuration(Math.abs(byMs));
    return { byMs, says: byMs < 0 ? `the clock was put back by ${amount}` : `this machine slept, or its clock was put forward, for ${amount}` };
  };
}
