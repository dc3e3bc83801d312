import { exitCodes } from '../errors.ts';

/**
 * From the worst to the best. A human is needed above all; what was interrupted says nothing of the platform, so that hides
 * what came before. Broken is certain, an abort may be; without data, refused, not even begun say less and less.
 */
const worstFirst: readonly number[] = [
  exitCodes.notUndone,
  exitCodes.interrupted,
  exitCodes.broken,
  exitCodes.aborted,
  exitCodes.inconclusive,
  exitCodes.refused,
  exitCodes.badInput,
  exitCodes.held,
];

/** The worst of some exit codes; that of a run that was killed, or any that is not known, counts as inconclusive. */
export function worstOf(codes: readonly number[]): number {
  const known = codes.map((code) => (worstFirst.includes(code) ? code : exitCodes.inconclusive));
  return worstFirst.find((code) => known.includes(code)) ?? exitCodes.held;
}
