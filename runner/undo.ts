import { actFor } from './changes.ts';
import { DeadlineExceeded, withDeadline, type Clock } from './clock.ts';
import { messageOf } from './errors.ts';
import type { Fault, FaultContext, UndoRecord } from './fault.ts';
import type { World } from './world.ts';

/** How long all attempts at one undo may take where the drill doesn't say, and the pause between two. */
const defaultTimeoutMs = 60_000;
const retryAfterMs = 500;

export interface UndoInput {
  /** The fault's id in the drill. */
  readonly id: string;
  /** Of a fault, or of a probe that leaves something. */
  readonly fault: Pick<Fault, 'undo' | 'byHand'>;
  readonly record: UndoRecord;
  readonly world: World;
  readonly clock: Clock;
  readonly run: FaultContext['run'];
  /** How long all attempts may take together, in milliseconds: the drill's `recovery.undoTimeout`. */
  readonly timeoutMs: number | undefined;
  note(text: string): void;
}

export interface Undone {
  /** Whether it was seen to be back. */
  readonly verified: boolean;
  /** What was done, or what a human must do. */
  readonly said: string;
}

/**
 * Puts back what a fault broke, trying again until its own deadline. Waits for no probe and no other undo. Never throws:
 * an undo that fails is an answer.
 */
export async function undoFault({ id, fault, record, world, clock, run, timeoutMs = defaultTimeoutMs, note }: UndoInput): Promise<Undone> {
  if (!fault.undo) return { verified: false, said: `fault ${id} left an undo record, but its kind has no undo` };
  const untilMs = clock.now() + timeoutMs;
  let failure = '';
  let awaited: string | undefined;
  const awaits = (what: string | undefined): void => void (awaited = what);
  while (clock.now() < untilMs) {
    awaited = undefined;
    try {
      const said = await withDeadline(clock, untilMs - clock.now(), `undo of ${id}`, (signal) =>
        actFor({ fault: id, during: 'undo' }, () => fault.undo!(record, { world, clock, run, signal, note, awaits, spare: () => {} })),
      );
      return { verified: true, said };
    } catch (error) {
      const isOver = error instanceof DeadlineExceeded;
      // That the time was over says less than what was waited for, or how the attempt before failed.
      const said = (isOver ? awaited : undefined) ?? messageOf(error);
      if (isOver && awaited === undefined && failure !== '') continue;
      if (said !== failure) note(`undo of ${id} failed${isOver ? '' : ', trying again'}: ${said}`);
      failure = said;
    }
    await clock.sleep(retryAfterMs);
  }
  const commands = fault.byHand?.(record, world.environment, run) ?? [];
  return { verified: false, said: commands.length === 0 ? failure : `${failure}; by hand: ${commands.join('; ')}` };
}
