import { exitCodes, type ExitCode } from './errors.ts';

/**
 * From the worst to the best. A human is needed above all; what was interrupted says nothing of the platform, so that hides
 * what came before. Broken is certain, an abort may be; without data, refused, not even begun say less and less.
 */
const worstFirst: readonly ExitCode[] = [
  exitCodes.notUndone,
  exitCodes.interrupted,
  exitCodes.broken,
  exitCodes.aborted,
  exitCodes.inconclusive,
  exitCodes.refused,
  exitCodes.badInput,
  exitCodes.held,
];

/**
 * The worst of some exit codes; held of none.
 *
 * @param unknown what one counts as that is not in the table: that of a process that was killed
 */
export function worstOf(codes: readonly number[], unknown: ExitCode = exitCodes.inconclusive): ExitCode {
  const known = codes.map((code) => worstFirst.find((one) => one === code) ?? unknown);
  return worstFirst.find((code) => known.includes(code)) ?? exitCodes.held;
}
