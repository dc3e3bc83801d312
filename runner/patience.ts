import type { Clock } from './clock.ts';

/** A timer that is later than this was held up by its own process: what came meanwhile lies unread. */
const lateMs = 5;

/**
 * Calls `task` at `atMs`, as {@link Clock.schedule} does; after a standstill of the process, only once the sockets have
 * been read: Node runs timers first, and would take an answer that is there for silence.
 *
 * @returns a function that takes it back
 */
export function scheduleOnceRead(clock: Clock, atMs: number, task: () => void): () => void {
  let takeBack = clock.schedule(atMs, () => {
    if (clock.now() - atMs <= lateMs) task();
    else takeBack = clock.schedule(clock.now() + lateMs, task);
  });
  return () => takeBack();
}

/**
 * How much longer than the question the calls below it may take, in milliseconds: their own deadlines know nothing of
 * standstills, so they must not come first.
 */
export const slackMs = 1000;
