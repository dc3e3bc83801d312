import type { ListedRun, Listing } from '../../runner/past/listing.ts';
import { plainStyle, type Style } from '../format.ts';
import { aligned } from '../words/columns.ts';
import { counted } from '../words/lists.ts';
import { scoreText } from '../words/scores.ts';
import { length, nothing, utcOf } from '../words/times.ts';
import { visible } from '../words/untrusted.ts';
import { signs } from '../words/verdicts.ts';


/** The runs of a folder for the terminal, a line each, newest first. Pure, and ends in a newline. */
export function historyText({ runs, areas, odd }: Listing, style: Style = plainStyle): string {
  const rows = runs.map(({ summary }) => [
    utcOf(summary.startedAt).slice(0, 16), visible(summary.drill), visible(summary.environment), `${signs[summary.verdict]} ${summary.verdict}`,
    String(summary.exitCode), length(summary.tookMs), summary.recovery === null ? nothing : length(summary.recovery.ms), scoreText(summary.score.value), visible(summary.run),
  ]);
  const [head, ...lines] = aligned([['began (UTC)', 'drill', 'in', 'verdict', 'exit', 'took', 'back after', 'score', 'run'], ...rows], 60);
  const parts = [
    runs.length === 0 ? ['no run is there that fits'] : [style.faint(head!), ...lines.map((line, index) => coloured(line, runs[index]!, style))],
    areas.length === 0 ? [] : [style.strong('Score by area: the worst of its drills, by the newest run of each'), ...aligned(areas.map(({ area, value, drill, drills }) => [`  ${visible(area)}`, scoreText(value), `${visible(drill)}${drills > 1 ? `, of ${counted(drills, 'drill')}` : ''}`]))],
    runs.flatMap(({ problems }) => problems.map((problem) => style.inconclusive(visible(problem)))),
    odd.length === 0 ? [] : [style.strong('Not listed'), ...odd.map(({ folder, why }) => `  ${visible(folder)}: ${visible(why)}`)],
  ];
  return `${parts.filter((part) => part.length > 0).map((part) => part.join('\n')).join('\n\n')}\n`;
}

function coloured(line: string, { summary: { verdict } }: ListedRun, style: Style): string {
  const word = `${signs[verdict]} ${verdict}`;
  const at = line.indexOf(word);
  return `${line.slice(0, at)}${style[verdict](word)}${line.slice(at + word.length)}`;
}
