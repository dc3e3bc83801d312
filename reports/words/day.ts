import type { DayDrill, DayMoment, JudgedDay } from '../../runner/gameday/judge-day.ts';
import type { VerdictValue } from '../../runner/verdict.ts';
import { counted } from './lists.ts';
import { moment } from './times.ts';
import { exitMeaning } from './verdicts.ts';

/** The worst of the day in one word: held only when every drill of the day was run, and held. */
export function dayVerdict({ exitCode, drills }: JudgedDay): VerdictValue {
  if (exitCode === 0) return 'held';
  return exitCode === 6 || drills.some(({ run }) => run?.verdict.value === 'broken') ? 'broken' : 'inconclusive';
}

/** What came of the day, in a sentence. */
export function dayHeadline(day: JudgedDay): string {
  const ran = day.drills.filter(({ state }) => state === 'run');
  const count = (value: VerdictValue): number => ran.filter((drill) => drillVerdict(drill) === value).length;
  const parts = (['held', 'broken', 'inconclusive'] as const).filter((value) => count(value) > 0).map((value) => `${count(value)} ${value}`);
  const notRun = day.drills.length - ran.length;
  const told = [`${ran.length} of ${counted(day.drills.length, 'drill')} run${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`, ...(notRun > 0 ? [`${notRun} not run to the end`] : [])];
  return `${told.join('; ')}.`;
}

/** How the day came to its end, when it didn't go through all that was planned; null otherwise. */
export function dayEnd({ day }: JudgedDay): string | null {
  switch (day.outcome) {
    case 'finished': return null;
    case 'stopped': return `The day was ended early: ${day.outcomeReason}`;
    case 'interrupted': return `The day was interrupted: ${day.outcomeReason}`;
    case 'failed': return `The day could not go on: ${day.outcomeReason}`;
    case null: return 'The day did not end: it was killed, or is still going on';
  }
}

/** As the exit code of the day: what it means. */
export function dayExit({ exitCode }: JudgedDay): string {
  return exitCode === 4 ? 'inconclusive: a drill could not be judged, or was not run' : exitMeaning(exitCode);
}

/** The verdict on a drill; inconclusive for one that has none. */
export function drillVerdict({ run }: DayDrill): VerdictValue {
  return run?.verdict.value ?? 'inconclusive';
}

/** What stands where a drill's verdict would. */
export function drillState(drill: DayDrill): string {
  switch (drill.state) {
    case 'run': return drillVerdict(drill);
    case 'died': return 'killed';
    case 'skipped': return drill.skippedFor === 'no-go' ? 'no-go' : 'not run';
    case 'not run': return 'not run';
  }
}

/** The drill in a sentence: the headline of its verdict, or why it has none. */
export function drillSays({ run, state, why }: DayDrill): string {
  return run && state === 'run' ? run.verdict.headline : why;
}

/** The page of a drill's own report, seen from the day's folder beside it; null where it isn't known, or is no folder's name. */
export function reportLink({ runId }: DayDrill): string | null {
  return runId !== null && /^\d{8}T\d{6}Z-[a-z0-9-]+$/.test(runId) ? `../${runId}/report.html` : null;
}

/** Drills of which something may still be in place. */
export function leftBroken({ drills }: JudgedDay): readonly DayDrill[] {
  return drills.filter(({ run, state, runId }) => (run?.open.length ?? 0) > 0 || (state === 'died' && runId !== null));
}

/** `10:21:33` of the day; with its `t` where a drill was under way: `10:21:33 (t+4.200 s)`. */
export function momentTime({ at, tMs }: DayMoment): string {
  const time = Number.isNaN(Date.parse(at)) ? at : new Date(at).toISOString().slice(11, 19);
  return tMs === null ? time : `${time} (${moment(tMs)})`;
}

/** Who said it and what it was: `kim: go`. */
export function momentText({ kind, who, text }: DayMoment): string {
  if (kind === 'note') return `note: ${text}`;
  if (kind === 'question') return `asked: ${text}`;
  return who === null ? text : `${who}: ${text}`;
}

/** Where findings begin, in the Markdown: what people write below it is kept when the report is made again. */
export const keptFrom = '<!-- From here on the file is yours: it is kept when the report is made again. -->';
