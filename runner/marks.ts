import type { Clock } from './clock.ts';
import { codeOf } from './clients/aws.ts';
import type { FaultContext } from './fault.ts';

type Tags = Readonly<Record<string, string>>;

/** The tags of everything that a run creates or changes: an undo finds its things by them, and touches nothing else. */
export const markKeys = {
  run: 'firedrill:run',
  drill: 'firedrill:drill',
  /** The fault's id in the drill: one run may have several faults of a kind. */
  fault: 'firedrill:fault',
  /** UTC: from then on, whoever finds it may take it for left over. */
  expires: 'firedrill:expires',
} as const;

/** How long after its time a fault may still be under way, in milliseconds: recovery, undo, a human who looks. */
const graceMs = 2 * 60 * 60_000;

/** @param lastsMs how long the fault is to last, as far as the drill says */
export function marksFor(fault: string, lastsMs: number, { run, clock }: Pick<FaultContext, 'run' | 'clock'>): Tags {
  return {
    [markKeys.run]: run.id,
    [markKeys.drill]: run.drill,
    [markKeys.fault]: fault,
    [markKeys.expires]: new Date(clock.wall() + lastsMs + graceMs).toISOString(),
  };
}

/** Whether something carries the marks of this fault of this run. */
export function isMarked(tags: Tags | undefined, fault: string, { run }: Pick<FaultContext, 'run'>): boolean {
  return tags?.[markKeys.run] === run.id && tags[markKeys.fault] === fault;
}

/** The filters that find what carries them. */
export function marksFilter(fault: string, { run }: Pick<FaultContext, 'run'>): Record<string, readonly string[]> {
  return { [`tag:${markKeys.run}`]: [run.id], [`tag:${markKeys.fault}`]: [fault] };
}

/** Those of the tags that are marks, with the values they have. */
export function marksAmong(tags: Tags | undefined): Tags {
  const keys: readonly string[] = Object.values(markKeys);
  return Object.fromEntries(Object.entries(tags ?? {}).filter(([key]) => keys.includes(key)));
}

/** An objection, when somebody's run has marked it already; undefined when not. */
export function alreadyMarked(name: string, tags: Tags | undefined): string | undefined {
  const run = tags?.[markKeys.run];
  return run === undefined ? undefined : `${name} carries the tags of run ${run}; put that back first: firedrill recover ${run}`;
}

/** What was made or changed a moment ago may not be told of yet: AWS is consistent after a while only. */
const settlesMs = 3_000;
const lookAgainMs = 300;

/** Looks until there is something, or long enough to believe that there is nothing. */
export async function lookUntilFound<T>(clock: Clock, signal: AbortSignal, look: () => Promise<T[]>): Promise<T[]> {
  const untilMs = clock.now() + settlesMs;
  for (;;) {
    const found = await look();
    if (found.length > 0 || clock.now() >= untilMs) return found;
    await clock.sleep(lookAgainMs, signal);
  }
}

/** Tries again while the service says that what was just made is not there. */
export async function onceVisible<T>(clock: Clock, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  const untilMs = clock.now() + settlesMs;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!codeOf(error).includes('NotFound') || clock.now() >= untilMs) throw error;
    }
    await clock.sleep(lookAgainMs, signal);
  }
}

/**
 * Looks until it is so.
 *
 * @throws the signal's reason when it never is; an Error with `otherwise` after `forMs`
 */
export async function waitUntil(
  { clock, signal, awaits }: Pick<FaultContext, 'clock' | 'signal' | 'awaits'>,
  forMs: number,
  otherwise: string,
  isSo: () => Promise<boolean>,
): Promise<void> {
  const untilMs = clock.now() + forMs;
  awaits?.(otherwise);
  while (!(await isSo())) {
    if (clock.now() >= untilMs) throw new Error(otherwise);
    await clock.sleep(lookAgainMs, signal);
  }
  awaits?.(undefined);
}
