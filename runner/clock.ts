import { setTimeout as wait } from 'node:timers/promises';

/** Time, handed in: the engine never asks the machine. All times in milliseconds. */
export interface Clock {
  /** Monotonic, from any origin, with fractions. */
  now(): number;
  /** UTC, milliseconds since 1970. */
  wall(): number;
  /**
   * Resolves after `durationMs` (at once when it isn't positive).
   *
   * @throws the signal's reason when `signal` aborts first
   */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `task` once at `atMs` of {@link now} or as soon after as it can. Returns a function that takes it back. */
  schedule(atMs: number, task: () => void): () => void;
}

export const realClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  async sleep(durationMs, signal) {
    signal?.throwIfAborted();
    if (durationMs <= 0) return;
    try {
      await wait(durationMs, undefined, signal ? { signal } : {});
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
  schedule(atMs, task) {
    const timer = setTimeout(task, Math.max(0, atMs - performance.now()));
    return () => clearTimeout(timer);
  },
};

/**
 * Runs `work` with a signal that aborts after `deadlineMs`, or when `stop` does, and gives up on it then even if it
 * ignores the signal.
 *
 * @throws DeadlineExceeded when the time is over; the reason of `stop`; whatever `work` throws before
 */
export async function withDeadline<T>(
  clock: Clock,
  deadlineMs: number,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
  stop?: AbortSignal,
): Promise<T> {
  stop?.throwIfAborted();
  const controller = new AbortController();
  const { promise: givenUp, reject } = Promise.withResolvers<never>();
  const giveUp = (reason: unknown): void => {
    reject(reason);
    controller.abort(reason);
  };
  const onStop = (): void => giveUp(stop?.reason);
  const takeBack = clock.schedule(clock.now() + deadlineMs, () => giveUp(new DeadlineExceeded(what, deadlineMs)));
  stop?.addEventListener('abort', onStop, { once: true });
  try {
    return await Promise.race([work(controller.signal), givenUp]);
  } finally {
    takeBack();
    stop?.removeEventListener('abort', onStop);
  }
}

/** A question that was not answered in time. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  constructor(what: string, deadlineMs: number) {
    super(`${what}: no answer within ${Math.round(deadlineMs)} ms`);
  }
}
