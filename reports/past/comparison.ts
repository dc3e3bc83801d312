import type { Change, ComparedFigure, ComparedRow, ComparedSide, RunsComparison } from '../../runner/past/compare.ts';
import { aligned } from '../words/columns.ts';
import { counted } from '../words/lists.ts';
import { escaped, fitting, table } from '../words/markdown.ts';
import { changeText, scoreText } from '../words/scores.ts';
import { length, nothing } from '../words/times.ts';
import { visible } from '../words/untrusted.ts';
import { signs } from '../words/verdicts.ts';

/** The widest that a column gets on the terminal, in characters. */
const widest = 44;
const mostBytes = { rows: 50_000, notes: 4_000 };

/** Runs side by side for the terminal. Pure, and ends in a newline. */
export function comparisonText(comparison: RunsComparison): string {
  const { drill, notes } = comparison;
  const lines = [
    `${visible(drill)}: ${comparison.sides.map(({ name }) => visible(name)).join(' → ')}`,
    '',
    ...aligned([headOf(comparison), ...cellsOf(comparison)].map((row) => row.map(visible)), widest),
    ...(notes.length === 0 ? [] : ['', ...notes.map(visible)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** The same for a pull request; stays under what a comment may hold. */
export function comparisonMarkdown(comparison: RunsComparison): string {
  const { shown, more } = fitting(comparison.notes.map((note) => `- ${escaped(note, 500)}`), mostBytes.notes);
  const parts = [
    `## ${escaped(comparison.drill)}: ${counted(comparison.sides.length, 'side')} compared`,
    table(headOf(comparison).map((head) => escaped(head)), cellsOf(comparison).map((row) => row.map((cell) => escaped(cell))), mostBytes.rows).replaceAll('in report.json', 'with --format json'),
    ...(shown.length === 0 ? [] : [[...shown, ...(more > 0 ? [`- … and ${counted(more, 'more note')}`] : [])].join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function headOf({ sides }: RunsComparison): string[] {
  return ['what', ...sides.flatMap(({ name }, index) => (index === 0 ? [name] : [name, 'change', '95 % interval', 'more than noise?']))];
}

function cellsOf({ sides, rows }: RunsComparison): string[][] {
  return [
    ['verdict', ...besides(sides.map(verdictCell))],
    ['score', ...besides(sides.map(({ score }, index) => (index === 0 && sides[0]!.name === 'baseline' ? nothing : scoreText(score))))],
    ...rows.map((row) => [nameOf(row), ...row.figures.flatMap((figure, index) => [figureCell(figure, row), ...(index === 0 ? [] : changeCells(row.changes[index - 1] ?? null, row))])]),
  ];
}

/** Without changes: those are of figures. */
function besides(cells: readonly string[]): string[] {
  return cells.flatMap((cell, index) => (index === 0 ? [cell] : [cell, '', '', '']));
}

function nameOf({ kind, name, of }: ComparedRow): string {
  if (kind === 'step') return `step ${name}`;
  return of === 'used' ? `${name} (of its limit)` : `${name} (${of})`;
}

function verdictCell({ runs, verdicts }: ComparedSide): string {
  const parts = (['held', 'broken', 'inconclusive'] as const).filter((value) => verdicts[value] > 0);
  return runs === 1 ? parts.map((value) => `${signs[value]} ${value}`).join('') : parts.map((value) => `${signs[value]} ${verdicts[value]} ${value}`).join(', ');
}

function figureCell(figure: ComparedFigure | null, { unit }: ComparedRow): string {
  if (figure === null) return nothing;
  const { median, least, most, count, plusMinus, verdicts } = figure;
  const bad = verdicts && (verdicts.broken > 0 || verdicts.inconclusive > 0) ? (['broken', 'inconclusive'] as const).filter((value) => verdicts[value] > 0).map((value) => ` ${signs[value]}${verdicts[value]}`).join('') : '';
  if (count === 0) return `not known${bad}`;
  const said = (value: number): string => (unit === 'ms' ? length(value) : scoreText(value));
  if (count === 1) return `${said(median)}${unit === 'ms' && plusMinus > 0 ? ` ± ${length(plusMinus)}` : ''}${bad}`;
  return `${said(median)} (${said(least)} to ${said(most)}, ${count} runs)${bad}`;
}

function changeCells(change: Change | null, { unit }: ComparedRow): string[] {
  if (change === null) return [nothing, nothing, nothing];
  const { by, byPart, interval, moreThanNoise } = change;
  const said = (value: number): string => signed(value, unit);
  return [
    `${said(by)}${byPart === null || unit === 'part' ? '' : ` (${changeText(byPart)})`}`,
    interval === null ? nothing : `${said(interval.min)} to ${said(interval.max)}`,
    moreThanNoise === null ? 'too few repeats' : moreThanNoise ? (by > 0 ? 'yes, more' : 'yes, less') : 'no',
  ];
}

function signed(value: number, unit: ComparedRow['unit']): string {
  const size = unit === 'ms' ? length(Math.abs(value)) : Number.isFinite(value) ? `${Math.round(Math.abs(value) * 100)} points` : '∞';
  return value === 0 ? size : `${value > 0 ? '+' : '−'}${size}`;
}
