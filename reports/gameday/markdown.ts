import type { DayDrill, JudgedDay } from '../../runner/gameday/judge-day.ts';
import { dayEnd, dayExit, dayHeadline, dayVerdict, drillSays, drillState, drillVerdict, keptFrom, leftBroken, momentText, momentTime, reportLink } from '../words/day.ts';
import { counted } from '../words/lists.ts';
import { code, codeBlock, escaped, fitting, mostCharacters, table, textBlock } from '../words/markdown.ts';
import { nothing, utcOf } from '../words/times.ts';
import { signs } from '../words/verdicts.ts';

/** Long days are cut here; the day's journal has all of it. */
const mostBytes = { drills: 12_000, objectives: 20_000, timeline: 60_000 };

/**
 * The report of a whole day. Pure, and ends in one newline; all that came from outside is escaped.
 *
 * @param written what people have written below {@link keptFrom} in the report as it was; blank fields when left out
 */
export function dayMarkdown(day: JudgedDay, written?: string): string {
  const parts = [
    warning(day),
    `# ${signs[dayVerdict(day)]} Game day: ${escaped(day.day.title)}`,
    `**${escaped(dayHeadline(day), mostCharacters.sentence)}** Exit code ${day.exitCode} (${dayExit(day)}).`,
    ending(day),
    about(day),
    '## Drills',
    drills(day),
    ...day.drills.flatMap(objectives),
    '## Timeline',
    timeline(day),
    ...(day.announcement === null ? [] : ['## Announcement', textBlock(day.announcement)]),
    '## Run it again',
    codeBlock(day.day.command),
    keptFrom,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n${written ?? `\n${blank}`}`;
}

const blank = `## Findings

1.
2.
3.

## Action items

| what | who | by when |
| --- | --- | --- |
|  |  |  |
|  |  |  |
|  |  |  |
`;

function warning(day: JudgedDay): string {
  const left = leftBroken(day);
  if (left.length === 0) return '';
  const lines = left.map(({ planned, runId }) => `> - ${escaped(planned.title)}: run ${code(`firedrill recover ${runId ?? ''}`.trim())}, then check by hand.`);
  return ['> [!CAUTION]', '> **Something may still be broken:**', ...lines].join('\n');
}

function ending(day: JudgedDay): string {
  const end = dayEnd(day);
  return end === null ? '' : `> ${escaped(end, mostCharacters.sentence)}`;
}

function about({ day }: JudgedDay): string {
  return [
    ...(day.why === null ? [] : [`- ${escaped(day.why, mostCharacters.sentence)}`]),
    `- Game day ${code(day.name)} in ${code(day.environment)}, ${code(day.id)}, seed ${day.seed}, led by ${escaped(day.by)}`,
    `- From ${escaped(utcOf(day.startedAt))} to ${escaped(utcOf(day.endedAt))}`,
    ...(day.unattended ? ['- Nobody was asked (`--yes`), for all of the day or a part of it'] : []),
    `- firedrill ${escaped(day.firedrillVersion)}, Node ${escaped(day.nodeVersion)}`,
  ].join('\n');
}

function drills(day: JudgedDay): string {
  const rows = day.drills.map((drill) => [
    String(drill.number), drill.state === 'run' ? `${signs[drillVerdict(drill)]} ${drillState(drill)}` : drillState(drill), `${escaped(drill.planned.title)} ${code(drill.planned.drill)}`,
    escaped(drillSays(drill), mostCharacters.sentence), drill.planned.drawnBy === null ? nothing : code(drill.planned.drawnBy), link(drill),
  ]);
  return table(['', 'verdict', 'drill', 'what came of it', 'drawn by', 'report'], rows, mostBytes.drills);
}

function link(drill: DayDrill): string {
  const target = reportLink(drill);
  return target === null ? nothing : `[report](${target})`;
}

function objectives(drill: DayDrill): string[] {
  if (!drill.run || drill.run.slos.length === 0) return [];
  const rows = drill.run.slos.map(({ verdict, name, objective, measured, margin, reason }) => [
    `${signs[verdict]} ${verdict}`, escaped(name), escaped(objective), escaped(measured), escaped(margin === '' ? nothing : margin), escaped(reason),
  ]);
  return [`### ${drill.number}. ${escaped(drill.planned.title)}`, table(['', 'SLO', 'objective', 'measured', 'margin', 'why'], rows, mostBytes.objectives)];
}

function timeline(day: JudgedDay): string {
  const lines = day.timeline.map((moment) => `- ${momentTime(moment)} ${escaped(momentText(moment), mostCharacters.sentence)}`);
  const { shown, more } = fitting(lines, mostBytes.timeline);
  return ['All times are UTC; `t` counts from the first fault of the drill that was under way.', '', ...shown, ...(more === 0 ? [] : [`- … and ${counted(more, 'more line')}, in day.ndjson`])].join('\n');
}
