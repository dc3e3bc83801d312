import { join } from 'node:path';
import { aligned } from '../reports/words/columns.ts';
import { length } from '../reports/words/times.ts';
import { exitCodes, ExpectedError } from '../runner/errors.ts';
import { drillBaseline, printBaseline, type Baseline } from '../runner/gate/baseline.ts';
import { judgeFolder } from '../runner/judge-folder.ts';
import { median } from '../runner/statistics/slow-down.ts';
import type { JudgedRun } from '../runner/verdict.ts';
import { readBaseline, updateBaseline } from './gate/baseline-file.ts';
import { readRecord, type GateRecord } from './gate/record.ts';
import { visibleLines } from './visible-lines.ts';

/** Fewer tell too little of how much a time scatters. */
const fewRuns = 10;

const print = (line: string): void => void process.stdout.write(`${visibleLines(line)}\n`);

/**
 * `firedrill baseline update`: makes what a gate measured the baseline for those to come. Only runs that held count: what broke
 * must not become the measure.
 *
 * @param gate its name; the newest by default
 * @returns 4 when no run of it held
 */
export async function updateCommand(gate: string | undefined, { out, baseline: path }: { readonly out: string; readonly baseline?: string }): Promise<number> {
  const record = readRecord(out, gate);
  const drills: Baseline['drills'] = {};
  for (const id of new Set(record.runs.map(({ drill }) => drill))) {
    const runs = record.runs.filter(({ drill }) => drill === id);
    const held = await heldRuns(runs, out);
    if (held.length < runs.length) print(`${id}: ${runs.length - held.length} of ${runs.length} runs did not hold, and do not count`);
    if (held.length === 0) continue;
    drills[id] = drillBaseline(held, runs[0]!.measure);
    if (held.length < fewRuns) print(`${id}: ${held.length} run${held.length === 1 ? ' tells' : 's tell'} little of how times scatter; ${fewRuns} are enough, 20 are better: firedrill gate … --repeat 20`);
  }
  const ids = Object.keys(drills);
  if (ids.length === 0) {
    process.stderr.write(`no run of gate ${record.gate} held: the baseline stays as it was\n`);
    return exitCodes.inconclusive;
  }
  for (const file of await updateBaseline(path ?? record.baselinePath, drills)) print(`${file}: ${ids.join(', ')} as measured by gate ${record.gate}; commit it`);
  return exitCodes.held;
}

async function heldRuns(runs: GateRecord['runs'], out: string): Promise<JudgedRun[]> {
  const held = runs.filter(({ exitCode }) => exitCode === exitCodes.held);
  const judged = await Promise.all(held.map(({ run }) => judgeFolder(join(out, run))));
  return judged.filter(({ verdict }) => verdict.exitCode === exitCodes.held);
}

/**
 * `firedrill baseline show`: what recovery took when the baseline was made.
 *
 * @param source a file, a folder of files, or `main` for the file on that branch
 * @throws ExpectedError when there is none
 */
export async function showCommand(source: string, { json = false }: { readonly json?: boolean }): Promise<number> {
  const { baseline } = await readBaseline(source, 'firedrill.baseline.json');
  if (json) {
    process.stdout.write(printBaseline(baseline));
    return exitCodes.held;
  }
  const rows = Object.entries(baseline.drills).flatMap(([id, { times, runs, environment }]) =>
    Object.entries(times).flatMap(([slo, parts]) =>
      Object.entries(parts).map(([of, { ms, plusMinusMs }]) => [id, `${slo} (${of})`, `${length(median(ms))} ± ${length(plusMinusMs)}`, `${length(ms[0]!)} to ${length(ms.at(-1)!)}`, `${runs} runs in ${environment}`]),
    ),
  );
  if (rows.length === 0) throw new ExpectedError(`${source} has no times in it; make one with: firedrill baseline update`);
  const table = [['drill', 'SLO', 'median', 'from', 'of'], ...rows];
  for (const line of aligned(table)) print(line);
  return exitCodes.held;
}
