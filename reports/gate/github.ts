import type { EndedRun, GateResult, Place } from '../../runner/gate/result.ts';
import { code, escaped } from '../words/markdown.ts';
import { length } from '../words/times.ts';
import { visible } from '../words/untrusted.ts';
import { comparedInWords, signOf, slowerTimes, tallyOf, whyOf, wordOf } from './words.ts';

/** GitHub shows no more of a step. */
const mostAnnotations = 10;
const mostRows = 200;

/**
 * What GitHub shows beside the lines of a change: each SLO that did not hold, once for all its runs, where the drill has it.
 *
 * @returns workflow commands, one a line
 */
export function annotations(result: GateResult): string[] {
  const lines = new Set([...result.runs.flatMap(ofRun), ...slowerOnes(result), ...result.notWhole.map((line) => command('error', undefined, 'the environment is not whole', line))]);
  return [...lines].slice(0, mostAnnotations);
}

function ofRun(ended: EndedRun): string[] {
  const { judged, exitCode, drill } = ended;
  if (exitCode === 0) return [];
  const notHeld = judged?.slos.flatMap((slo, index) => {
    if (slo.verdict === 'held') return [];
    const level = slo.verdict === 'broken' ? 'error' : 'warning';
    return [command(level, drill.slos[index] ?? drill.place, `${drill.id}: ${slo.name}`, `${slo.verdict}: ${slo.objective}, measured: ${slo.measured}`)];
  });
  return notHeld && notHeld.length > 0 ? notHeld : [command('error', drill.place, drill.id, `${wordOf(exitCode)}: ${whyOf(ended)}`)];
}

function slowerOnes(result: GateResult): string[] {
  return slowerTimes(result).map((time) => {
    const run = result.runs.find(({ drill }) => drill.id === time.drill);
    const index = run?.judged?.slos.findIndex(({ name }) => name === time.slo) ?? -1;
    return command('error', run?.drill.slos[index] ?? run?.drill.place, `${time.drill}: ${time.slo}`, `slower than the baseline: ${comparedInWords(time)}`);
  });
}

function command(level: 'error' | 'warning', place: Place | undefined, title: string, message: string): string {
  const where = place ? `file=${property(place.file)},line=${place.line},` : '';
  return `::${level} ${where}title=${property(title)}::${data(message)}`;
}

function data(text: string): string {
  return visible(text).replaceAll('%', '%25');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** The gate in Markdown, for a step's summary. Ends in a newline. */
export function stepSummary(result: GateResult): string {
  const { exitCode, headline, suite, gate, tookMs, comparison, notWhole, runs, notRun } = result;
  const rows = [
    ...runs.map((run) => [`${signOf(run.exitCode)} ${wordOf(run.exitCode)}`, run.drill.id, String(run.round), length(run.tookMs), whyOf(run)]),
    ...notRun.map(({ drill, round, why }) => ['– not run', drill.id, String(round), '', why]),
  ];
  const times = (comparison?.times ?? []).map((time) => [time.slower ? '✗ slower' : '✓', time.drill, `${time.slo} (${time.of})`, comparedInWords(time)]);
  const parts = [
    `## ${signOf(exitCode)} ${whole(headline)}`,
    `Suite ${code(suite)}, gate ${code(gate)}, ${length(tookMs)}: ${tallyOf(result)}. Exit code ${exitCode}.`,
    table(['', 'drill', 'round', 'took', 'why'], rows),
    ...(notWhole.length > 0 ? [`### The environment is not whole`, notWhole.map((line) => `- ${whole(line)}`).join('\n')] : []),
    ...(comparison ? [`### Beside the baseline`, table(['', 'drill', 'SLO', 'took'], times), comparison.missing.map(({ drill, why }) => `- ${code(drill)} is not compared: ${whole(why)}`).join('\n')] : []),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const more = rows.length - mostRows;
  return [line(head), line(head.map(() => '---')), ...rows.slice(0, mostRows).map((row) => line(row.map(whole))), ...(more > 0 ? ['', `… and ${more} more`] : [])].join('\n');
}

/** Uncut: there is room. */
function whole(text: string): string {
  return escaped(text, Infinity);
}
