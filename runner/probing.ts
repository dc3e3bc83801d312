import type { Clock } from './clock.ts';
import { messageOf } from './errors.ts';
import type { Answer, ProbeStream } from './probe.ts';
import { formatDuration } from '../scenarios/duration.ts';

export interface StreamOptions {
  readonly stream: ProbeStream;
  readonly everyMs: number;
  /** Each question's own deadline. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** When the first question is due, on {@link Clock.now}; the n-th is due n × `everyMs` later. */
  readonly startAtMs: number;
  /** Takes one question and its answer, with the times (on {@link Clock.now}) just before asking and on settling. */
  record(startMs: number, endMs: number, answer: Answer): void;
  /** The harness itself stood still from `fromMs` to `toMs`: questions that were due then were not asked. */
  blind(fromMs: number, toMs: number): void;
}

export interface RunningStream {
  /** Asks no more, cancels what is under way, and records that as unknown. */
  stop(): Promise<void>;
}

interface Question {
  readonly startMs: number;
  readonly controller: AbortController;
  /** False when the harness was late for the deadline, until the answer had its chance to be read. */
  overdue: boolean;
  /** The harness noticed its deadline so late that it can't say whether it would have heard an answer in time. */
  unheard: boolean;
}

/** A deadline that is noticed later than this was missed by the harness, so that an answer may lie unread. */
const lateDeadlineMs = 5;
const stoodStill = { value: 'unknown', why: 'firedrill stood still while it waited' } as const satisfies Answer;
const maxReasonLength = 120;

/**
 * Asks a stream's questions on a schedule that is fixed in advance: a slow or hanging answer never delays the next
 * question. A question that was not answered by its deadline is bad, whether or not it heeds its signal.
 *
 * The number under way is bounded by what the deadline allows anyway; should it be reached, questions are unknown. Those
 * that fell due while the process stood still are not made up for: that stretch is reported as blind.
 */
export function startStream(options: StreamOptions): RunningStream {
  const { stream, everyMs, timeoutMs, clock, record } = options;
  const noAnswer: Answer = { value: 'bad', why: `no answer within ${formatDuration(timeoutMs)}` };
  const maxInFlight = Math.ceil(timeoutMs / everyMs) + 8;
  // In the order of asking, which is that of the deadlines too: one timer, for the first of them, serves all.
  const inFlight = new Set<Question>();
  /** Stretches in which the harness stood still, as far back as a question may be under way. */
  let standstills: { readonly fromMs: number; readonly toMs: number }[] = [];
  let tick = 0;
  let stopped = false;
  let takeBackTick = clock.schedule(options.startAtMs, onTick);
  let takeBackDeadline: (() => void) | undefined;

  function onTick(): void {
    const nowMs = clock.now();
    const dueMs = options.startAtMs + tick * everyMs;
    // A timer may run a little early; by the time of its tick it has missed none.
    const missed = Math.max(0, Math.floor((nowMs - dueMs) / everyMs));
    if (missed > 0) {
      options.blind(dueMs, nowMs);
      standstills = [...standstills.filter(({ toMs }) => toMs > nowMs - 2 * timeoutMs), { fromMs: dueMs, toMs: nowMs }];
    }
    tick += missed + 1;
    takeBackTick = clock.schedule(options.startAtMs + tick * everyMs, onTick);
    ask();
  }

  function ask(): void {
    if (inFlight.size >= maxInFlight) {
      const nowMs = clock.now();
      record(nowMs, nowMs, { value: 'unknown', why: 'too many questions in flight' });
      return;
    }
    const controller = new AbortController();
    const question: Question = { startMs: clock.now(), controller, overdue: false, unheard: false };
    inFlight.add(question);
    takeBackDeadline ??= clock.schedule(question.startMs + timeoutMs, onDeadline);
    const onThrow = (thrown: unknown) => settle(question, { value: 'bad', why: reasonOf(thrown) });
    try {
      stream.ask(controller.signal).then((answer) => settle(question, answer), onThrow);
    } catch (thrown) {
      onThrow(thrown);
    }
  }

  function settle(question: Question, answer: Answer): void {
    const endMs = clock.now();
    // Late results of questions that were settled by their deadline are dropped here.
    if (inFlight.delete(question)) record(question.startMs, endMs, answer);
  }

  function onDeadline(): void {
    takeBackDeadline = undefined;
    const nowMs = clock.now();
    for (const question of inFlight) {
      const deadlineMs = question.startMs + timeoutMs;
      if (deadlineMs > nowMs) break;
      if (nowMs - deadlineMs > lateDeadlineMs && !question.overdue) {
        question.overdue = true;
        question.unheard = nowMs - deadlineMs >= timeoutMs / 2;
        continue;
      }
      const answer = question.unheard || stoodStillMs(question.startMs, deadlineMs) >= timeoutMs / 2 ? stoodStill : noAnswer;
      settle(question, answer);
      question.controller.abort(new Error(answer.why));
    }
    armDeadline(nowMs);
  }

  /** How long, of a question's time, the harness stood still: one that does so most of the time asks no fair question. */
  function stoodStillMs(startMs: number, deadlineMs: number): number {
    return standstills.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, Math.min(toMs, deadlineMs) - Math.max(fromMs, startMs)), 0);
  }

  function armDeadline(nowMs: number): void {
    for (const question of inFlight) {
      // After a standstill the sockets are read before the question is given up.
      const atMs = question.overdue ? nowMs + lateDeadlineMs : question.startMs + timeoutMs;
      takeBackDeadline = clock.schedule(atMs, onDeadline);
      return;
    }
  }

  return {
    async stop() {
      if (stopped) return;
      stopped = true;
      takeBackTick();
      takeBackDeadline?.();
      for (const question of inFlight) {
        const overdue = clock.now() >= question.startMs + timeoutMs;
        settle(question, overdue ? noAnswer : { value: 'unknown', why: 'cut off by the end of the run' });
        question.controller.abort(new Error('the run ended'));
      }
    },
  };
}

/** The message of what a question threw, in one short line that is the same for the same cause. */
function reasonOf(thrown: unknown): string {
  const line = messageOf(thrown).replace(/\s+/g, ' ').trim();
  return line.length <= maxReasonLength ? line : `${line.slice(0, maxReasonLength - 1)}…`;
}
