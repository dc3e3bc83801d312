import { stripVTControlCharacters } from 'node:util';
import type { ChalkInstance } from 'chalk';
import { visible } from '../../reports/words/untrusted.ts';
import { recentMs, type Progress, type StreamProgress } from './progress.ts';

const stripCells = 40;

/**
 * The view of a run that updates in place: phase, time, a strip of each probe's last seconds, what was hit and what is
 * still missing.
 *
 * @param nowMs on the run's clock
 * @param columns of the terminal: no line is longer
 */
export function drawBoard(progress: Progress, nowMs: number, columns: number, style: ChalkInstance): string {
  const lines = [
    `${style.bold(visible(progress.title) || 'starting')}  ${style.dim(`${progress.drill} · seed ${progress.seed}`)}`,
    `${phaseWord(progress, style)}  ${clockOf(progress, nowMs)}`,
    '',
    ...streamLines(progress, nowMs, style),
  ];
  const faults = [...progress.faults].map(([id, { says, state }]) => `  ${mark(state, style)} ${style.bold(id)}  ${visible(says)}`);
  if (faults.length > 0) lines.push('', 'hit', ...faults);
  const missing = [...progress.missing].map(([name, last]) => `${visible(name)} ${style.dim(`(${visible(last)})`)}`);
  if (missing.length > 0) lines.push('', `still missing  ${missing.join('  ')}`);
  else if (faults.length > 0) lines.push('', style.green('nothing is missing any more'));
  return lines.map((line) => cut(line, columns)).join('\n');
}

function phaseWord({ phase }: Progress, style: ChalkInstance): string {
  const words = {
    baseline: style.cyan('baseline'),
    inject: style.red('breaking'),
    recover: style.yellow('recovering'),
    undo: style.yellow('undoing'),
    done: style.green('done'),
  };
  return phase ? words[phase] : style.dim('connecting');
}

function clockOf({ firstFaultMs }: Progress, nowMs: number): string {
  const elapsed = `${(nowMs / 1_000).toFixed(1)} s`;
  return firstFaultMs === undefined ? elapsed : `${elapsed}   t+${((nowMs - firstFaultMs) / 1_000).toFixed(1)} s since the first fault`;
}

function streamLines({ streams }: Progress, nowMs: number, style: ChalkInstance): string[] {
  const width = Math.max(0, ...[...streams.keys()].map((name) => name.length));
  return [...streams].map(([name, stream]) => {
    const said = stream.value === 'g' ? style.green('good') : stream.value === 'b' ? style.red('bad') : style.yellow('unknown');
    const why = stream.value === 'g' ? '' : style.dim(`  ${visible(stream.why)}`);
    return `  ${name.padEnd(width)}  ${strip(stream, nowMs, style)}  ${said}${why}`;
  });
}

/** The last seconds, the newest on the right: a cell is as bad as the worst in it. Shapes differ, not just colours. */
function strip({ recent }: StreamProgress, nowMs: number, style: ChalkInstance): string {
  const cellMs = recentMs / stripCells;
  const cells = new Array<'g' | 'b' | 'u' | undefined>(stripCells).fill(undefined);
  const rank = { g: 1, u: 2, b: 3 };
  for (const { atMs, value } of recent) {
    const index = stripCells - 1 - Math.floor((nowMs - atMs) / cellMs);
    if (index < 0 || index >= stripCells) continue;
    const known = cells[index];
    if (!known || rank[value] > rank[known]) cells[index] = value;
  }
  const glyphs = { g: style.green('▁'), u: style.yellow('▒'), b: style.red('█') };
  return cells.map((cell) => (cell ? glyphs[cell] : ' ')).join('');
}

function mark(state: string, style: ChalkInstance): string {
  if (state === 'failed') return style.red('!');
  return state === 'under way' ? style.yellow('…') : state === 'undone' ? style.green('✓') : style.red('×');
}

/** Cuts a line to the terminal's width, so that it never wraps and the view stays in its place. */
function cut(line: string, columns: number): string {
  const excess = stripVTControlCharacters(line).length - columns;
  if (excess <= 0) return line;
  const plain = stripVTControlCharacters(line);
  return `${plain.slice(0, Math.max(0, columns - 1))}…`;
}
