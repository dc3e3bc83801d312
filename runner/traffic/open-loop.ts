import type { Clock } from '../clock.ts';
import type { RunningStream } from '../probing.ts';
import type { Arrivals } from './arrivals.ts';
import { latencyEncoder } from './latencies.ts';
import type { HeardAnswer, Outcome, Sender } from './outcome.ts';
import { OpenWindow, type RequestWindow } from './window.ts';

export interface OpenLoopOptions {
  readonly sender: Sender;
  /** When requests are due, from {@link startAtMs} on. */
  readonly arrivals: Arrivals;
  /** On {@link Clock.now}. */
  readonly startAtMs: number;
  /** How long a window is, in milliseconds. */
  readonly windowMs: number;
  /** How long a request may take from when it was sent, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Takes each window once all of its requests are settled; a later one may come first. */
  record(window: RequestWindow): void;
  /** The harness itself stood still from `fromMs` to `toMs`: requests that were due then were not sent. */
  blind(fromMs: number, toMs: number): void;
  /** Is told how late each request was sent, in milliseconds. */
  sent?(lateMs: number): void;
  /** Is told what became of each request, by its number in the order in which they are due; its answer when it came in time. */
  settled?(n: number, outcome: Outcome, answer?: HeardAnswer): void;
}

interface Request {
  readonly n: number;
  readonly window: OpenWindow;
  readonly index: number;
  readonly deadlineMs: number;
  cancel: () => void;
  /** False when the harness was late for its deadline, until its answer had the chance to be read. */
  overdue: boolean;
  /** The harness noticed its deadline so late that it can't say whether it would have heard an answer in time. */
  unheard: boolean;
}

/** A request that is late by more is not sent any more: what came of it would say more of the harness than of the service. */
export const tooLateMs = 50;
/** A deadline that is noticed later than this was missed by the harness, so that an answer may lie unread. */
const lateDeadlineMs = 5;

/**
 * Sends requests at times that are fixed in advance (an open loop): a slow answer delays no other request. Latency counts
 * from when a request was *due*, so that neither a slow service nor a late harness makes it look shorter: leaving that out
 * is what Gil Tene named coordinated omission.
 *
 * Its memory is bounded by what can be under way within one deadline. What fell due while the process stood still is not
 * made up for: it is counted as unknown, and the stretch is reported as blind.
 */
export function startOpenLoop(options: OpenLoopOptions): RunningStream {
  const { sender, arrivals, startAtMs, windowMs, timeoutMs, clock } = options;
  const encoder = latencyEncoder();
  // In the order of sending, which is that of the deadlines too: one timer, for the first of them, serves all.
  const inFlight = new Set<Request>();
  const open = new Set<OpenWindow>();
  let current = new OpenWindow(startAtMs, startAtMs + windowMs);
  open.add(current);
  let next = 0;
  let stopped = false;
  let takeBackTick = clock.schedule(startAtMs + arrivals(0), onTick);
  let takeBackDeadline: (() => void) | undefined;

  function onTick(): void {
    let blindFromMs: number | undefined;
    let dueMs = startAtMs + arrivals(next);
    for (let nowMs = clock.now(); dueMs <= nowMs; nowMs = clock.now()) {
      const window = windowAt(dueMs);
      const lateMs = nowMs - dueMs;
      if (lateMs > tooLateMs) {
        blindFromMs ??= dueMs;
        window.settle(window.add(dueMs, 0), 'unknown', nowMs);
        options.settled?.(next, 'unknown');
      } else {
        if (blindFromMs !== undefined) options.blind(blindFromMs, nowMs);
        blindFromMs = undefined;
        send(window, dueMs, nowMs);
      }
      next += 1;
      dueMs = startAtMs + arrivals(next);
    }
    if (blindFromMs !== undefined) options.blind(blindFromMs, clock.now());
    closeSettled();
    takeBackTick = clock.schedule(dueMs, onTick);
  }

  function windowAt(dueMs: number): OpenWindow {
    if (dueMs < current.toMs) return current;
    const index = Math.floor((dueMs - startAtMs) / windowMs);
    current = new OpenWindow(startAtMs + index * windowMs, startAtMs + (index + 1) * windowMs);
    open.add(current);
    return current;
  }

  function send(window: OpenWindow, dueMs: number, nowMs: number): void {
    const lateMs = nowMs - dueMs;
    options.sent?.(lateMs);
    const request: Request = { n: next, window, index: window.add(dueMs, lateMs), deadlineMs: nowMs + timeoutMs, cancel: () => {}, overdue: false, unheard: false };
    inFlight.add(request);
    request.cancel = sender.send((outcome, answer) => settle(request, outcome, answer));
    takeBackDeadline ??= clock.schedule(request.deadlineMs, onDeadline);
  }

  function settle(request: Request, said: Outcome, answer?: HeardAnswer): void {
    // What comes after the deadline is dropped here.
    if (!inFlight.delete(request)) return;
    const nowMs = clock.now();
    const outcome = inTime(said, nowMs - request.deadlineMs);
    request.window.settle(request.index, outcome, nowMs);
    options.settled?.(request.n, outcome, outcome === said ? answer : undefined);
    if (request.window !== current) closeIfSettled(request.window);
  }

  /** An answer that was read long after its deadline came in time or not: the harness was not there to see. */
  function inTime(outcome: Outcome, lateMs: number): Outcome {
    if (outcome !== 'ok' || lateMs <= 0) return outcome;
    return lateMs > lateDeadlineMs ? 'unknown' : 'timeout';
  }

  function closeSettled(): void {
    for (const window of open) closeIfSettled(window);
  }

  function closeIfSettled(window: OpenWindow): void {
    // The current one may still get requests, unless nothing more is due in it.
    const isFull = window !== current || stopped;
    if (!isFull || !window.isSettled || !open.delete(window)) return;
    const closed = window.close(encoder);
    if (closed) options.record(closed);
  }

  function onDeadline(): void {
    takeBackDeadline = undefined;
    const nowMs = clock.now();
    for (const request of inFlight) {
      const lateMs = nowMs - request.deadlineMs;
      if (lateMs < 0) break;
      if (lateMs > lateDeadlineMs && !request.overdue) {
        request.overdue = true;
        request.unheard = lateMs >= timeoutMs / 2;
        continue;
      }
      settle(request, request.unheard ? 'unknown' : 'timeout');
      request.cancel();
    }
    for (const request of inFlight) {
      // After a standstill the sockets are read before the request is given up.
      takeBackDeadline = clock.schedule(request.overdue ? nowMs + lateDeadlineMs : request.deadlineMs, onDeadline);
      break;
    }
  }

  return {
    async stop() {
      if (stopped) return;
      stopped = true;
      takeBackTick();
      takeBackDeadline?.();
      for (const request of inFlight) {
        settle(request, clock.now() >= request.deadlineMs ? 'timeout' : 'unknown');
        request.cancel();
      }
      closeSettled();
      sender.close();
    },
  };
}
