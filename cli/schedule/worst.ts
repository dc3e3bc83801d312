import { exitCodes } from '../../runner/errors.ts';

/** Worst first: what needs a human, then what the platform did, then what was not found out. */
const order: readonly number[] = [
  exitCodes.notUndone,
  exitCodes.broken,
  exitCodes.aborted,
  exitCodes.interrupted,
  exitCodes.inconclusive,
  exitCodes.badInput,
  exitCodes.refused,
  exitCodes.held,
];

/** The worst of some exit codes; 0 of none. One that isn't in the table (a process that was killed) counts as a human's. */
export function worstOf(exits: readonly number[]): number {
  if (exits.some((exit) => !order.includes(exit))) return exitCodes.notUndone;
  return order.find((exit) => exits.includes(exit)) ?? exitCodes.held;
}
