import { formatDuration } from '../../scenarios/duration.ts';
import type { Clock } from '../clock.ts';
import { exitCodes, messageOf } from '../errors.ts';
import { mayBegin, roundsOf } from './order.ts';
import type { EndedRun, GateDrill, NotRun, PlannedRun } from './result.ts';
import { lackText, newLacks, type Lack } from './whole.ts';
import { worstOf } from '../worst.ts';

/** What a gate does to the world, handed in. Environments are named as drills name them; null is that of the command line. */
export interface Hands {
  readonly clock: Clock;
  /**
   * Runs a drill to its end. When `signal` aborts it is ended early: everything is undone then.
   *
   * @returns also when the run went wrong: its exit code tells
   */
  run(planned: PlannedRun, signal: AbortSignal): Promise<EndedRun>;
  /** What the environment lacks to be whole. @throws when it can't be looked at, or `signal` aborts */
  look(environment: string | null, signal: AbortSignal): Promise<readonly Lack[]>;
  /** What runs have left open there, each with what to do. */
  left(environment: string | null): Promise<readonly string[]>;
}

export type GateEvent =
  | { readonly type: 'begun'; readonly planned: PlannedRun }
  | { readonly type: 'ended'; readonly ended: EndedRun }
  | { readonly type: 'waiting'; readonly environment: string | null; readonly lacks: readonly string[] }
  | { readonly type: 'not-run'; readonly notRun: NotRun };

export interface DriveInput {
  readonly drills: readonly GateDrill[];
  readonly hands: Hands;
  readonly failFast: boolean;
  /** For the whole, in milliseconds; as long as it takes when left out. */
  readonly withinMs?: number | undefined;
  /** How long an environment may take to be whole again after a drill. */
  readonly wholeWithinMs: number;
  /** Ends the gate early, by its user. */
  readonly interrupt: AbortSignal;
  onEvent(event: GateEvent): void;
}

export interface Driven {
  /** In the order in which they ended. */
  readonly runs: readonly EndedRun[];
  readonly notRun: readonly NotRun[];
  readonly notWhole: readonly string[];
  readonly exitCode: number;
  /** Why it ended early; empty when it did not. */
  readonly stopped: string;
}

const lookAgainMs = 2_000;

/**
 * Runs the drills of a gate, round after round, and sees to it that each begins on an environment that is whole. What is not
 * run in the end is told, with the reason.
 */
export async function drive(input: DriveInput): Promise<Driven> {
  const { drills, hands, interrupt, withinMs, onEvent } = input;
  const { clock } = hands;
  const waiting = roundsOf(drills);
  const running = new Map<PlannedRun, Promise<void>>();
  const atStart = new Map<string | null, readonly Lack[]>();
  const runs: EndedRun[] = [];
  const notWhole: string[] = [];
  const codes: number[] = [];
  let stopped = '';
  const stop = (why: string, code?: number): void => {
    stopped ||= why;
    if (code !== undefined) codes.push(code);
  };

  const budget = new AbortController();
  const timeIsOver = `the time for the whole, ${withinMs === undefined ? '' : formatDuration(withinMs)}, was over`;
  const takeBack = withinMs === undefined ? () => {} : clock.schedule(clock.now() + withinMs, () => budget.abort(new Error(timeIsOver)));
  const ending = AbortSignal.any([interrupt, budget.signal]);

  const one = async (planned: PlannedRun): Promise<void> => {
    const { environment } = planned.drill;
    if (!atStart.has(environment)) {
      const lacks = await settle(environment, [], 0);
      atStart.set(environment, lacks.found);
      if (lacks.told.length > 0) {
        notWhole.push(...lacks.told);
        waiting.unshift(planned);
        return stop(`the environment was not whole before anything was broken: ${lacks.told.join('; ')}`, exitCodes.inconclusive);
      }
    }
    if (ending.aborted) {
      waiting.unshift(planned);
      return;
    }
    onEvent({ type: 'begun', planned });
    const ended = asCounted(await hands.run(planned, ending));
    runs.push(ended);
    codes.push(ended.exitCode);
    onEvent({ type: 'ended', ended });
    await checkAfter(ended);
    if (input.failFast && ended.exitCode !== exitCodes.held) stop(`${ended.drill.id} ended with exit code ${ended.exitCode}, and --fail-fast was given`);
  };

  /** A run that was ended because the time was over tells nothing; one that its user ended is just that. */
  const asCounted = (ended: EndedRun): EndedRun => {
    if (ended.exitCode !== exitCodes.interrupted || interrupt.aborted || !budget.signal.aborted) return ended;
    return { ...ended, exitCode: exitCodes.inconclusive, lastWords: `ended early and undone: ${timeIsOver}` };
  };

  /** Nothing was touched by a run that was refused, or had bad input. */
  const checkAfter = async ({ drill, exitCode, run }: EndedRun): Promise<void> => {
    const { environment } = drill;
    if (exitCode === exitCodes.notUndone) return stop(`${run} left something that could not be undone: a human is needed`);
    const left = await leftIn(environment);
    if (left.length > 0) {
      notWhole.push(...left);
      return stop(`${run} has left something broken`, exitCodes.notUndone);
    }
    if (exitCode === exitCodes.refused || exitCode === exitCodes.badInput || interrupt.aborted) return;
    const { told } = await settle(environment, atStart.get(environment) ?? [], input.wholeWithinMs);
    if (told.length === 0) return;
    notWhole.push(...told);
    // The user has stopped waiting: that it is not whole yet says little.
    stop(`${drill.id} left the environment not whole: ${told.join('; ')}`, interrupt.aborted ? undefined : exitCodes.notUndone);
  };

  const leftIn = async (environment: string | null): Promise<readonly string[]> => {
    try {
      return await hands.left(environment);
    } catch (error) {
      return [`whether something was left broken could not be told: ${messageOf(error)}`];
    }
  };

  /** Looks until nothing is lacking, or the time is over. */
  const settle = async (environment: string | null, before: readonly Lack[], forMs: number): Promise<{ found: readonly Lack[]; told: string[] }> => {
    const untilMs = clock.now() + forMs;
    for (let first = true; ; first = false) {
      const { found, told } = await lookOnce(environment, before);
      if (told.length === 0 || clock.now() >= untilMs || interrupt.aborted) return { found, told };
      if (first) onEvent({ type: 'waiting', environment, lacks: told });
      await clock.sleep(lookAgainMs);
    }
  };

  const lookOnce = async (environment: string | null, before: readonly Lack[]): Promise<{ found: readonly Lack[]; told: string[] }> => {
    try {
      const found = await hands.look(environment, interrupt);
      // At the start there is nothing to compare with: what may be meant is taken for that.
      const told = atStart.has(environment) ? newLacks(found, before) : found.filter(({ mayBeMeant }) => !mayBeMeant);
      return { found, told: told.map(lackText) };
    } catch (error) {
      if (interrupt.aborted) return { found: [], told: [] };
      return { found: [], told: [`it could not be looked at: ${messageOf(error)}`] };
    }
  };

  try {
    while (waiting.length > 0 || running.size > 0) {
      if (interrupt.aborted) stop('interrupted', exitCodes.interrupted);
      else if (budget.signal.aborted && waiting.length > 0) stop(timeIsOver, exitCodes.inconclusive);
      const next = waiting[0];
      if (next && stopped === '' && mayBegin(next, [...running.keys()])) {
        waiting.shift();
        running.set(next, one(next).finally(() => running.delete(next)));
        continue;
      }
      if (running.size === 0) break;
      await Promise.race(running.values());
    }
  } finally {
    takeBack();
    await Promise.allSettled(running.values());
  }
  if (interrupt.aborted) stop('interrupted', exitCodes.interrupted);
  const notRun = waiting.map((planned): NotRun => ({ ...planned, why: stopped }));
  for (const each of notRun) onEvent({ type: 'not-run', notRun: each });
  return { runs, notRun, notWhole, exitCode: worstOf(codes), stopped };
}
