import { exitCodes } from '../errors.ts';
import type { Driven } from './drive.ts';
import type { Comparison } from './result.ts';
import { worstOf } from '../worst.ts';

/** What a gate comes to: the worst of its drills, of the comparison with the baseline, and of how it ended. */
export function conclude(driven: Driven, comparison: Comparison | null): { exitCode: number; headline: string } {
  const slower = comparison?.times.filter((time) => time.slower) ?? [];
  // A gate that was to compare and could compare nothing has not looked.
  const sawNothing = comparison !== null && driven.exitCode === exitCodes.held && driven.runs.length > 0 && comparison.times.length === 0;
  const exitCode = worstOf([driven.exitCode, ...(slower.length > 0 ? [exitCodes.broken] : []), ...(sawNothing ? [exitCodes.inconclusive] : [])]);
  return { exitCode, headline: headlineOf(exitCode, driven, slower.map(({ drill, slo }) => `${drill}: ${slo}`), sawNothing) };
}

function headlineOf(exitCode: number, { runs, notRun, stopped }: Driven, slower: readonly string[], sawNothing: boolean): string {
  const runsWith = (code: number): string => [...new Set(runs.flatMap((run) => (run.exitCode === code ? [run.drill.id] : [])))].join(', ');
  const early = stopped === '' ? '' : `; ended early: ${stopped}`;
  switch (exitCode) {
    case exitCodes.held:
      return runs.length === 0 ? 'Nothing to run' : `All ${runs.length === 1 ? 'of 1 run' : `${runs.length} runs`} held`;
    case exitCodes.notUndone:
      return `A human is needed: ${stopped || `${runsWith(exitCode)} left something that could not be undone`}`;
    case exitCodes.interrupted:
      return `Interrupted, and everything undone; ${notRun.length} not run`;
    case exitCodes.broken: {
      const broken = runsWith(exitCodes.broken);
      return [...(broken === '' ? [] : [`Broken: ${broken}`]), ...(slower.length === 0 ? [] : [`Slower than the baseline: ${slower.join('; ')}`])].join('. ') + early;
    }
    case exitCodes.aborted:
      return `Aborted, and everything undone: ${runsWith(exitCode)}${early}`;
    case exitCodes.refused:
      return `Refused: ${runsWith(exitCode)}${early}`;
    case exitCodes.badInput:
      return `Bad input: ${runsWith(exitCode)}${early}`;
    default:
      return `Inconclusive: ${inconclusiveBecause(runs, sawNothing, stopped)}`;
  }
}

function inconclusiveBecause(runs: Driven['runs'], sawNothing: boolean, stopped: string): string {
  const known: readonly number[] = Object.values(exitCodes);
  const unclear = [...new Set(runs.flatMap(({ drill, exitCode }) => (exitCode === exitCodes.inconclusive || !known.includes(exitCode) ? [drill.id] : [])))];
  const reasons = [
    ...(unclear.length > 0 ? [unclear.join(', ')] : []),
    ...(sawNothing ? ['nothing could be compared with the baseline'] : []),
    ...(stopped === '' ? [] : [stopped]),
  ];
  return reasons.join('; ');
}
