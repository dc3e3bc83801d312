import type { ComparedTime, EndedRun, GateResult } from '../../runner/gate/result.ts';
import { length } from '../words/times.ts';
import { exitMeaning, headline } from '../words/verdicts.ts';

/** The one sign for how a run ended. */
export function signOf(exitCode: number): string {
  if (exitCode === 0) return '✓';
  return exitCode === 4 || exitCode === 3 ? '?' : '✗';
}

/** How a run ended, in a few words. */
export function wordOf(exitCode: number): string {
  const words: Readonly<Record<number, string>> = {
    0: 'held', 1: 'broken', 2: 'bad input', 3: 'refused', 4: 'inconclusive', 5: 'aborted', 6: 'not undone', 130: 'interrupted',
  };
  return words[exitCode] ?? `exit code ${exitCode}`;
}

/** Why a run ended as it did, in one sentence; empty for one that held. */
export function whyOf({ exitCode, judged, lastWords }: EndedRun): string {
  if (exitCode === 0) return '';
  if (judged && judged.verdict.exitCode === exitCode) return headline(judged);
  return lastWords || exitMeaning(exitCode);
}

/** `4.20 s, was 3.10 s: 35 % slower (p = 0.0004)`. */
export function comparedInWords({ nowMs, beforeMs, byPart, p }: ComparedTime): string {
  const change = byPart === null ? '' : `: ${percent(Math.abs(byPart))} ${byPart > 0 ? 'slower' : 'faster'}`;
  return `${length(nowMs)}, was ${length(beforeMs)}${byPart === 0 ? ': the same' : change}${p === null ? '' : ` (p = ${chance(p)})`}`;
}

/** `35 %`; whole ones, as more would pretend. */
export function percent(part: number): string {
  return Number.isFinite(part) ? `${Math.round(part * 100)} %` : 'without end';
}

export function chance(p: number): string {
  return p < 0.0001 ? 'less than 0.0001' : p.toFixed(4);
}

/** What became slower than the baseline by more than noise. */
export function slowerTimes({ comparison }: GateResult): readonly ComparedTime[] {
  return comparison?.times.filter(({ slower }) => slower) ?? [];
}

/** How many of each kind of end, the worst first: `1 broken, 3 held, 2 not run`. */
export function tallyOf({ runs, notRun }: GateResult): string {
  const codes = [...new Set(runs.map(({ exitCode }) => exitCode))].sort((a, b) => Number(a === 0) - Number(b === 0) || b - a);
  const parts = codes.map((code) => `${runs.filter(({ exitCode }) => exitCode === code).length} ${wordOf(code)}`);
  return [...parts, ...(notRun.length > 0 ? [`${notRun.length} not run`] : [])].join(', ') || 'nothing to run';
}
