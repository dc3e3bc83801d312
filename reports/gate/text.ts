import type { EndedRun, GateResult, PlannedRun } from '../../runner/gate/result.ts';
import { plainStyle } from '../format.ts';
import type { Style } from '../format.ts';
import { aligned } from '../words/columns.ts';
import { length } from '../words/times.ts';
import { visible } from '../words/untrusted.ts';
import { comparedInWords, signOf, slowerTimes, tallyOf, whyOf, wordOf } from './words.ts';

/** Wider reasons are in the reports. */
const widest = 100;

/** `etcd-leader-loss 2/10`. */
export function nameOfRun({ drill, round }: PlannedRun): string {
  return drill.repeat === 1 ? drill.id : `${drill.id} ${round}/${drill.repeat}`;
}

/** A run that has ended, in a line. */
export function endedLine(ended: EndedRun, done: number, all: number, style: Style = plainStyle): string {
  const { exitCode, tookMs } = ended;
  const why = whyOf(ended);
  return `${set(`${signOf(exitCode)} ${wordOf(exitCode)}`, exitCode, style)}  ${visible(nameOfRun(ended))}  ${style.faint(`${length(tookMs)}, ${done} of ${all}`)}${why === '' ? '' : `  ${cut(visible(why))}`}`;
}

/** The whole gate as a table, and its verdict last, where the eye is. Ends in a newline. */
export function gateText(result: GateResult, style: Style = plainStyle): string {
  const sections = [table(result, style), compared(result, style), lacking(result, style), verdict(result, style)];
  return `${sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function table(result: GateResult, style: Style): string[] {
  const drills = [...new Set([...result.runs, ...result.notRun].map(({ drill }) => drill))];
  const rows = drills.map((drill) => {
    const runs = result.runs.filter((run) => run.drill === drill);
    const counts = [...new Set(runs.map(({ exitCode }) => exitCode))].map((code) => `${signOf(code)} ${runs.filter(({ exitCode }) => exitCode === code).length} ${wordOf(code)}`);
    const notRun = result.notRun.filter((each) => each.drill === drill).length;
    const worst = runs.find(({ exitCode }) => exitCode !== 0);
    return [
      visible(drill.id),
      [...counts, ...(notRun > 0 ? [`– ${notRun} not run`] : [])].join(', '),
      runs.length === 0 ? '–' : length(runs.reduce((sum, { tookMs }) => sum + tookMs, 0) / runs.length),
      worst ? cut(visible(whyOf(worst))) : '',
    ];
  });
  return rows.length === 0 ? [] : aligned([['drill', 'runs', 'took', 'why'], ...rows]).map((line, index) => (index === 0 ? style.faint(line) : line));
}

function compared({ comparison }: GateResult, style: Style): string[] {
  if (!comparison) return [];
  const rows = comparison.times.map((time) => [time.slower ? '✗' : '✓', visible(time.drill), visible(`${time.slo} (${time.of})`), comparedInWords(time)]);
  return [
    style.strong(`Beside the baseline (${visible(comparison.baseline)})`),
    ...aligned(rows),
    ...comparison.missing.map(({ drill, why }) => `? ${visible(drill)} is not compared: ${visible(why)}`),
  ];
}

function lacking({ notWhole }: GateResult, style: Style): string[] {
  return notWhole.length === 0 ? [] : [style.broken('The environment is not whole'), ...notWhole.map((line) => `  ${visible(line)}`)];
}

function verdict(result: GateResult, style: Style): string[] {
  const { exitCode, headline, notRun } = result;
  const slower = slowerTimes(result).length;
  return [
    `${tallyOf(result)}${slower > 0 ? `, ${slower} slower than the baseline` : ''}`,
    ...(notRun.length > 0 ? [`not run, as ${visible(notRun[0]!.why)}: ${visible(notRun.map(nameOfRun).join(', '))}`] : []),
    set(`${signOf(exitCode)} ${visible(headline)} (exit ${exitCode})`, exitCode, style),
  ];
}

function set(text: string, exitCode: number, style: Style): string {
  if (exitCode === 0) return style.held(text);
  return signOf(exitCode) === '?' ? style.inconclusive(text) : style.broken(text);
}

function cut(text: string): string {
  return text.length <= widest ? text : `${text.slice(0, widest - 1)}…`;
}
