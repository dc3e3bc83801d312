import type { JudgedChange, JudgedFault, JudgedRun, Recovery } from '../runner/verdict.ts';
import { defineFormat } from './format.ts';
import { callOf, purposeOf } from './words/changes.ts';
import { consistencyInWords, counterexamples, operationLines } from './words/consistency.ts';
import { counted } from './words/lists.ts';
import { loadCells, loadHeads, shadowsInWords } from './words/loads.ts';
import { code, codeBlock, details, escaped, fitting, mostCharacters, table } from './words/markdown.ts';
import { awayFor, criticalPath, recoveryName, unseenWay } from './words/recoveries.ts';
import { requestHeads, requestRows } from './words/requests.ts';
import { targetsByZone } from './words/targets.ts';
import { length, moment, momentWithError, nothing, utcOf, zeroOf } from './words/times.ts';
import { exitMeaning, headline, oddEnd, openFaults, recoverCommand, signs, tally } from './words/verdicts.ts';

/**
 * The whole stays under what a pull request's comment may hold (65 536 characters), whatever it has to tell: each part has
 * its share in bytes, and what doesn't fit is counted.
 */
const mostBytes = { warning: 4_000, objectives: 15_000, faults: 11_000, overview: 6_000, waterfalls: 12_000, requests: 3_000, loads: 2_000, changes: 4_000, notes: 3_000, counterexample: 1_500, consistency: 500 };

export default defineFormat({
  summary: 'For pull requests and chats: the verdict, the SLOs, the recovery of each target, the faults.',
  extension: 'md',
  render: (run) => `${fitted(sections(run).filter((section) => section !== '')).join('\n\n')}\n`,
});

/** Each part has its share, but all together, with every text made of what takes long to escape, may still be too much. */
const wholeBytes = 59_000;

/** All sections when they fit; else as many as do, a line that says so, and how to run it again. */
function fitted(all: readonly string[]): readonly string[] {
  const closing = ['… and the rest, which is too long for here, in report.json.', ...all.slice(-2)];
  let sizeBytes = Buffer.byteLength(closing.join('\n\n'));
  const tooMuch = all.findIndex((section) => (sizeBytes += Buffer.byteLength(section) + 2) > wholeBytes);
  if (tooMuch === -1 || tooMuch >= all.length - 2) return all;
  const kept = all.slice(0, tooMuch);
  // A heading of what is left out says nothing.
  while (kept.at(-1)?.startsWith('## ')) kept.pop();
  return [...kept, ...closing];
}

function sections(run: JudgedRun): string[] {
  return [
    warning(run),
    `# ${signs[run.verdict.value]} ${run.verdict.value.toUpperCase()}: ${escaped(run.run.title)}`,
    `**${escaped(headline(run), mostCharacters.sentence)}** Exit code ${run.verdict.exitCode} (${exitMeaning(run.verdict.exitCode)}).`,
    ending(run),
    ...counterexample(run),
    about(run),
    '## Objectives',
    objectives(run),
    '## What was broken',
    faults(run),
    ...(run.waterfall.length > 0 ? ['## How each target came back', overview(run), ...waterfalls(run)] : []),
    ...consistency(run),
    ...requests(run),
    ...loads(run),
    ...(run.changes?.length ? ['## Calls that changed something', changes(run.changes)] : []),
    ...(run.notes.length > 0 ? ['## Notes', notes(run)] : []),
    '## Run it again',
    codeBlock(run.run.command),
  ];
}

function warning(run: JudgedRun): string {
  const open = openFaults(run);
  if (open.length === 0) return '';
  const lines = open.map((fault) => `> - ${code(fault.id)} (${code(fault.kind)}): ${escaped(state(fault))}`);
  const { shown, more } = fitting(lines, mostBytes.warning);
  return [
    '> [!CAUTION]',
    `> **Something may still be broken:** ${counted(open.length, 'fault')} with no verified undo.`,
    ...shown,
    ...(more === 0 ? [] : [`> - … and ${counted(more, 'more')}`]),
    '>',
    `> Run ${code(recoverCommand(run))}, then check by hand.`,
  ].join('\n');
}

function ending(run: JudgedRun): string {
  const odd = oddEnd(run);
  return odd === null ? '' : `> ${escaped(odd, mostCharacters.sentence)}`;
}

function about(run: JudgedRun): string {
  return [
    `- Drill ${code(run.run.drill)} in ${code(run.environment.name)}, run ${code(run.run.id)}, seed ${run.run.seed}`,
    `- From ${escaped(utcOf(run.run.startedAt))} to ${escaped(utcOf(run.run.endedAt))} (${length(run.run.endMs - run.run.startMs)})`,
    `- \`t\` counts from ${escaped(zeroOf(run))}`,
    `- firedrill ${escaped(run.run.firedrillVersion)}, Node ${escaped(run.run.nodeVersion)}`,
  ].join('\n');
}

function objectives(run: JudgedRun): string {
  const rows = run.slos.map((slo) => [
    `${signs[slo.verdict]} ${slo.verdict}`, escaped(slo.name), code(slo.probe), escaped(slo.objective), escaped(slo.measured),
    escaped(slo.margin === '' ? nothing : slo.margin), escaped(slo.reason),
  ]);
  return `${tally(run)}\n\n${table(['', 'SLO', 'probe', 'objective', 'measured', 'margin', 'why'], rows, mostBytes.objectives)}`;
}

function faults(run: JudgedRun): string {
  if (run.faults.length === 0) return 'Nothing: no fault was injected.';
  const rows = run.faults.map((fault) => [
    fault.injectedMs === null ? 'not injected' : moment(fault.injectedMs), code(fault.id), code(fault.kind),
    escaped(targetsByZone(fault.targets)), escaped(state(fault)), escaped(fault.sum),
  ]);
  return table(['when', 'fault', 'kind', 'targets', 'undo', 'quorum'], rows, mostBytes.faults);
}

function state(fault: JudgedFault): string {
  const failed = fault.error === null ? '' : `failed: ${fault.error}; `;
  if (fault.undone !== null) {
    const how = fault.undone.verified ? 'undone' : 'NOT verified as undone';
    return `${failed}${how} at ${moment(fault.undone.atMs)}: ${fault.undone.said}`;
  }
  if (fault.open) return `${failed}STILL OPEN`;
  return fault.error === null ? 'nothing to undo' : `failed: ${fault.error}`;
}

function overview(run: JudgedRun): string {
  return table(
    ['target', 'zone', 'fault', 'away', 'slowest step'],
    run.waterfall.map((recovery) => [
      escaped(recoveryName(recovery)), escaped(recovery.zone), code(recovery.fault),
      wayBack(recovery, (text) => `**${text}**`), escaped(criticalPath(recovery) ?? nothing),
    ]),
    mostBytes.overview,
  );
}

function waterfalls(run: JudgedRun): readonly string[] {
  const parts = run.waterfall.map((recovery) => {
    const rows = recovery.steps.map((step) => [
      step.step === recovery.slowest ? `**${escaped(step.step)}** (slowest)` : escaped(step.step),
      step.at === null ? 'not seen' : momentWithError(step.at), step.tookMs === null ? nothing : length(step.tookMs),
      escaped(step.source), escaped(step.note),
    ]);
    return details(title(recovery), table(['step', 'at', 'took', 'source', 'note'], rows, mostBytes.waterfalls));
  });
  const { shown, more } = fitting(parts, mostBytes.waterfalls);
  return more === 0 ? shown : [...shown, `… and ${counted(more, 'more target')}, in report.json.`];
}

function title(recovery: Recovery): string {
  return `${escaped(recoveryName(recovery))} (${escaped(recovery.zone)}): ${wayBack(recovery)}`;
}

function wayBack(recovery: Recovery, marked = (text: string): string => text): string {
  const away = awayFor(recovery);
  return away === null ? marked(escaped(unseenWay(recovery))) : escaped(away);
}

function requests(run: JudgedRun): readonly string[] {
  const rows = requestRows(run);
  return rows.length === 0 ? [] : ['## Requests', table(requestHeads, rows.map((row) => row.map((text) => escaped(text))), mostBytes.requests)];
}

function loads(run: JudgedRun): readonly string[] {
  if (!run.loads?.length) return [];
  const rows = run.loads.map((load) => loadCells(load).map((text) => escaped(text)));
  const lines = shadowsInWords(run).flatMap(({ sentence, differences }) => [
    `- ${escaped(sentence, mostCharacters.sentence)}`, ...differences.map((one) => `  - ${escaped(one, mostCharacters.sentence)}`),
  ]);
  const { shown, more } = fitting(lines, mostBytes.loads);
  return ['## Background load', table(loadHeads, rows, mostBytes.loads), (more === 0 ? shown : [...shown, `- … and ${counted(more, 'more line')}, in report.json`]).join('\n')];
}

/** The first alone: the others are in report.json. */
function counterexample(run: JudgedRun): readonly string[] {
  const [first] = counterexamples(run);
  if (!first) return [];
  const { shown, more } = fitting(operationLines(first.shown), mostBytes.counterexample);
  const rows = more === 0 ? shown : [...shown, `… and ${counted(more, 'more operation')}, in report.json`];
  return [`## ${escaped(first.check)}: it can't be so`, escaped(first.shown.says, mostCharacters.sentence), codeBlock(rows.join('\n'))];
}

function consistency(run: JudgedRun): readonly string[] {
  if (!run.consistency?.length) return [];
  const lines = run.consistency.flatMap((one) => {
    const { verdict, cost } = consistencyInWords(one);
    return [`- ${code(one.probe)}: ${escaped(verdict, mostCharacters.sentence)}`, ...(cost === null ? [] : [`  - ${escaped(cost)}`])];
  });
  return ['## Consistency', fitting(lines, mostBytes.consistency).shown.join('\n')];
}

function changes(all: readonly JudgedChange[]): string {
  const rows = all.map((change) => [
    moment(change.atMs), code(callOf(change)), escaped(change.target), escaped(purposeOf(change)), change.requestId === null ? nothing : code(change.requestId), escaped(change.outcome),
  ]);
  return table(['when', 'call', 'on', 'for', 'request id', 'outcome'], rows, mostBytes.changes);
}

function notes(run: JudgedRun): string {
  const { shown, more } = fitting(run.notes.map((note) => `- ${moment(note.atMs)} ${escaped(note.text)}`), mostBytes.notes);
  return (more === 0 ? shown : [...shown, `- … and ${more} more`]).join('\n');
}
