import { setImmediate as turn, setTimeout as realPause } from 'node:timers/promises';
import type { Clock } from '../../runner/clock.ts';

/** Of real time: for files and sockets on a busy machine. */
const patienceMs = 20_000;
const manyTurns = 1_000;

interface Timer {
  readonly atMs: number;
  readonly order: number;
  task: (() => void) | undefined;
}

/** A clock that stands still until the test moves it, so that an hour of drill takes as long as its code does. */
export interface SimulatedClock extends Clock {
  /** Lets `durationMs` pass: every timer that falls due runs at its own time, and what it set off runs to its end. */
  advance(durationMs: number): Promise<void>;
  /** Lets time pass until `promise` settles, from timer to timer. Throws when nothing is left that could settle it. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** The process stands still for `durationMs`: time passes, timers don't run, and are late afterwards. */
  standStill(durationMs: number): void;
  /** The clock on the wall is put forward, or back by less than nothing; time itself does not notice. */
  setWall(byMs: number): void;
  /** The machine sleeps: monotonic time and timers stand still, and the clock on the wall is ahead of them afterwards. */
  suspend(durationMs: number): void;
}

/**
 * A deterministic clock: timers run by time, those of one time in the order in which they were set. Between two timers
 * all promise callbacks run.
 *
 * @param startMs what {@link Clock.now} says at first
 * @param wallMs what {@link Clock.wall} says at first: 2026-01-02T03:04:05.000Z
 */
export function simulatedClock(startMs = 1_000, wallMs = Date.UTC(2026, 0, 2, 3, 4, 5)): SimulatedClock {
  const timers: Timer[] = [];
  let nowMs = startMs;
  let order = 0;
  let wallAheadMs = wallMs - startMs;

  function schedule(atMs: number, task: () => void): () => void {
    const timer: Timer = { atMs, order: order++, task };
    push(timers, timer);
    return () => {
      timer.task = undefined;
    };
  }

  /** Runs the first timer that is due by `limitMs`, at its time. */
  async function runNext(limitMs: number): Promise<boolean> {
    while (timers[0] && !timers[0].task) pop(timers);
    const first = timers[0];
    if (!first || first.atMs > limitMs) return false;
    pop(timers);
    nowMs = Math.max(nowMs, first.atMs);
    first.task?.();
    await turn();
    return true;
  }

  return {
    now: () => nowMs,
    wall: () => nowMs + wallAheadMs,
    schedule,
    async sleep(durationMs, signal) {
      signal?.throwIfAborted();
      if (durationMs <= 0) return;
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => {
          takeBack();
          reject(signal?.reason);
        };
        const takeBack = schedule(nowMs + durationMs, () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    async advance(durationMs) {
      const untilMs = nowMs + durationMs;
      await turn();
      while (await runNext(untilMs));
      nowMs = Math.max(nowMs, untilMs);
    },
    async until(promise) {
      let settled = false;
      const settle = () => {
        settled = true;
      };
      promise.then(settle, settle);
      await turn();
      let idleTurns = 0;
      let stuckAtMs = performance.now() + patienceMs;
      while (!settled) {
        if (await runNext(Number.POSITIVE_INFINITY)) {
          idleTurns = 0;
          stuckAtMs = performance.now() + patienceMs;
          continue;
        }
        // Files and sockets take real time: they get some before this counts as stuck.
        if (performance.now() > stuckAtMs) throw new Error('no timer is left, and what the test waits for has not come');
        idleTurns += 1;
        await (idleTurns < manyTurns ? turn() : realPause(1));
      }
      return await promise;
    },
    standStill(durationMs) {
      nowMs += durationMs;
    },
    setWall(byMs) {
      wallAheadMs += byMs;
    },
    suspend(durationMs) {
      wallAheadMs += durationMs;
    },
  };
}

function before(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** A binary heap: the earliest timer first. */
function push(heap: Timer[], timer: Timer): void {
  let index = heap.push(timer) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!before(timer, heap[parent]!)) break;
    heap[index] = heap[parent]!;
    index = parent;
  }
  heap[index] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, last)) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = last;
}
