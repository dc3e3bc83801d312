import type { JudgedFault, JudgedRun } from '../runner/verdict.ts';
import { defineFormat, plainStyle } from './format.ts';
import type { Style } from './format.ts';
import { aligned } from './words/columns.ts';
import { consistencyInWords, counterexamples, operationLines } from './words/consistency.ts';
import { counted, cut, listed } from './words/lists.ts';
import { shadowsInWords } from './words/loads.ts';
import { awayFor, criticalPath, recoveryName, unseenWay } from './words/recoveries.ts';
import { loadRows, requestHeads, requestRows } from './words/requests.ts';
import { targetsByZone } from './words/targets.ts';
import { moment, nothing, utcOf } from './words/times.ts';
import { visible } from './words/untrusted.ts';
import { headline, oddEnd, openFaults, recoverCommand, signs } from './words/verdicts.ts';

/** What fits a screen; the other formats have the rest. */
const most = { faults: 12, recoveries: 12, requests: 12, slos: 40, notes: 5, operations: 12 };

/** The widest that a column of the verdict table gets, in characters. */
const widest = 60;

export default defineFormat({
  summary: 'For the terminal: short, and the verdict comes last, where the eye is.',
  extension: null,
  render(run, style = plainStyle) {
    const sections = [about(run, style), faults(run, style), recoveries(run, style), requests(run, style), notes(run, style), consistency(run, style), verdict(run, style)];
    return `${sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n')).join('\n\n')}\n`;
  },
});

function about(run: JudgedRun, style: Style): string[] {
  const where = `(${visible(run.run.drill)} in ${visible(run.environment.name)}, seed ${run.run.seed})`;
  return [
    `${style.strong(visible(run.run.title))} ${style.faint(where)}`,
    style.faint(
      run.run.firstFaultAt === null
        ? `nothing was broken; started ${visible(utcOf(run.run.startedAt))}`
        : `first fault ${visible(utcOf(run.run.firstFaultAt))}, which t counts from`,
    ),
  ];
}

function faults(run: JudgedRun, style: Style): string[] {
  if (run.faults.length === 0) return [];
  const { shown, more } = cut(run.faults, most.faults);
  const rows = shown.map((fault) => [
    fault.injectedMs === null ? 'not done' : moment(fault.injectedMs), visible(fault.id), visible(fault.kind),
    `${visible(targetsByZone(fault.targets))}${faultState(fault)}`,
  ]);
  return [style.strong('Injected'), ...indented(rows), ...rest(more, 'fault')];
}

function faultState(fault: JudgedFault): string {
  const failed = fault.error === null ? '' : `, failed: ${visible(fault.error)}`;
  if (fault.open) return `${failed}, STILL OPEN`;
  return fault.undone === null ? failed : `${failed}, undone at ${moment(fault.undone.atMs)}`;
}

function recoveries(run: JudgedRun, style: Style): string[] {
  if (run.waterfall.length === 0) return [];
  const { shown, more } = cut(run.waterfall, most.recoveries);
  const rows = shown.map((recovery) => {
    const slowest = criticalPath(recovery);
    const missing = recovery.steps.filter((step) => step.at === null).map((step) => step.step);
    return [
      visible(recoveryName(recovery)), visible(recovery.zone),
      visible(awayFor(recovery) ?? unseenWay(recovery)),
      missing.length > 0 ? `not seen: ${visible(listed(missing, 3))}` : slowest === null ? '' : `slowest: ${visible(slowest)}`,
    ];
  });
  return [style.strong('Recovery'), ...indented(rows), ...rest(more, 'target')];
}

function requests(run: JudgedRun, style: Style): string[] {
  const rows = [...requestRows(run), ...loadRows(run)];
  if (rows.length === 0) return [];
  const { shown, more } = cut(rows, most.requests);
  return [style.strong('Requests'), ...indented([requestHeads, ...shown.map((row) => row.map(visible))]), ...rest(more, 'stream'), ...shadows(run)];
}

/** Of what differed the first is enough here; the other formats have the rest. */
function shadows(run: JudgedRun): string[] {
  const { shown, more } = cut(shadowsInWords(run), most.requests);
  return [...shown.flatMap(({ sentence, differences }) => [`  ${visible(sentence)}`, ...differences.slice(0, 1).map((one) => `    ${visible(one)}`)]), ...rest(more, 'shadow')];
}

function notes(run: JudgedRun, style: Style): string[] {
  if (run.notes.length === 0) return [];
  const { shown, more } = cut(run.notes, most.notes);
  return [style.strong('Notes'), ...shown.map((note) => `  ${moment(note.atMs)}  ${visible(note.text)}`), ...rest(more, 'note')];
}

/** The counterexample in words, where there is one, and a line for each probe that has recorded a history. */
function consistency(run: JudgedRun, style: Style): string[] {
  if (!run.consistency?.length) return [];
  const [first] = counterexamples(run);
  const lines = run.consistency.flatMap((one) => {
    const words = consistencyInWords(one);
    return [`${one.probe}: ${words.verdict}`, ...(words.cost === null ? [] : [words.cost])];
  });
  const { shown, more } = cut(first ? operationLines(first.shown) : [], most.operations);
  const counterexample = first ? [style.broken(`  ${visible(first.shown.says)}`), ...shown.map((line) => `    ${visible(line)}`), ...rest(more, 'operation')] : [];
  return [style.strong('Consistency'), ...counterexample, ...lines.map((line) => `  ${visible(line)}`)];
}

/** The warning about what may still be broken, the table, and the verdict as the last line. */
function verdict(run: JudgedRun, style: Style): string[] {
  const { value, exitCode } = run.verdict;
  const odd = oddEnd(run);
  const open = openFaults(run);
  const { shown, more } = cut(run.slos, most.slos);
  const rows = shown.map((slo) => [visible(slo.name), visible(slo.measured), visible(slo.margin === '' ? nothing : slo.margin)]);
  const table = aligned([['SLO', 'measured', 'margin'], ...rows], widest);
  return [
    ...open
      .map((fault) => `${visible(fault.id)} (${visible(fault.kind)}) has no verified undo.`)
      .map((what) => style.broken(`Something may still be broken: ${what}`)),
    ...(open.length > 0 ? [style.broken(`Run: ${visible(recoverCommand(run))}`), ''] : []),
    ...(odd === null ? [] : [style.strong(visible(odd)), '']),
    style.faint(`  ${' '.repeat(16)}${table[0]!}`),
    ...shown.flatMap((slo, index) => [
      `  ${style[slo.verdict](`${signs[slo.verdict]} ${slo.verdict}`.padEnd(16))}${table[index + 1]!}`,
      // What held needs no explanation here; the other formats have it.
      ...(slo.verdict === 'held' ? [] : [`  ${' '.repeat(16)}${style.faint(visible(`${slo.objective}: ${slo.reason}`))}`]),
    ]),
    ...rest(more, 'SLO'),
    '',
    `${style[value](`${signs[value]} ${value.toUpperCase()}`)} ${style.strong(visible(headline(run)))} ${style.faint(`(exit ${exitCode})`)}`,
  ];
}

function indented(rows: readonly (readonly string[])[]): string[] {
  return aligned(rows, widest).map((line) => `  ${line}`.trimEnd());
}

function rest(more: number, what: string): string[] {
  return more === 0 ? [] : [`  … and ${counted(more, `more ${what}`)}`];
}
