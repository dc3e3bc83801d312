import { dayEnd, dayExit, dayHeadline, drillSays, drillState, leftBroken } from '../../reports/words/day.ts';
import { signs } from '../../reports/words/verdicts.ts';
import type { JudgedDay } from '../../runner/gameday/judge-day.ts';
import { shellWords } from '../shell-words.ts';
import { visibleLines } from '../visible-lines.ts';

/**
 * The short text that a day ends with, and where the rest is. Ends in a newline.
 *
 * @param folder of the day
 */
export function closingText(day: JudgedDay, folder: string, paths: readonly string[]): string {
  const end = dayEnd(day);
  const lines = [
    '',
    `Game day: ${day.day.title}`,
    ...day.drills.map((drill) => `  ${drill.run && drill.state === 'run' ? signs[drill.run.verdict.value] : '·'} ${drillState(drill).padEnd(12)}  ${drill.number}. ${drill.planned.title}: ${drillSays(drill)}`),
    ...leftBroken(day).map(({ planned, runId }) => `Something may still be broken by “${planned.title}”: firedrill recover ${runId ?? ''}`.trimEnd()),
    ...(end === null ? [] : [end]),
    `${dayHeadline(day)} Exit code ${day.exitCode}: ${dayExit(day)}`,
    ...(day.day.outcome === null || day.day.outcome === 'interrupted' ? [`To go on with it: ${shellWords(['firedrill', 'gameday', 'run', '--resume', folder])}`] : []),
    ...paths,
  ];
  return `${visibleLines(lines.join('\n'))}\n`;
}
