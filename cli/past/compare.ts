import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { comparisonMarkdown, comparisonText } from '../../reports/past/comparison.ts';
import { exitCodes, ExpectedError } from '../../runner/errors.ts';
import { compareRuns, type Side } from '../../runner/past/compare.ts';
import { readBaseline } from '../gate/baseline-file.ts';
import { readRecord } from '../gate/record.ts';
import { visibleLines } from '../visible-lines.ts';
import { isFolder, readRun } from './read-runs.ts';

export interface CompareOptions {
  readonly out: string;
  readonly baseline?: string;
  readonly format: string;
}

/**
 * `firedrill compare`: runs of one drill side by side, with what changed and whether that is more than noise.
 *
 * @param sides each is a run by its name or folder, several of them joined by commas (repeats), or a gate; the first is what
 *   the others are compared with, unless there is a baseline
 * @returns 0: it tells, and judges nothing
 * @throws ExpectedError when a run can't be read, or they are of different drills
 */
export async function compareCommand(sides: readonly string[], { out, baseline: source, format }: CompareOptions): Promise<number> {
  if (sides.length < 2 && source === undefined) throw new ExpectedError('one is not enough to compare: name another run, or a baseline with --baseline');
  const read = await Promise.all(sides.map((side) => sideOf(side, out)));
  const drills = new Set(read.flatMap(({ runs }) => runs.map(({ drill }) => drill)));
  if (drills.size > 1) throw new ExpectedError(`these are runs of different drills, ${[...drills].join(' and ')}: compare those of one`);
  const [drill] = drills;
  const comparison = compareRuns(read, source === undefined ? undefined : await baselineOf(source, drill!));
  if (format === 'json') process.stdout.write(`${visibleLines(JSON.stringify({ schemaVersion: 1, ...comparison }, null, 2))}\n`);
  else process.stdout.write(format === 'markdown' ? comparisonMarkdown(comparison) : comparisonText(comparison));
  return exitCodes.held;
}

async function baselineOf(source: string, drill: string) {
  const { baseline, source: name } = await readBaseline(source, 'firedrill.baseline.json');
  const found = Object.values(baseline.drills).find((one) => one.drill === drill);
  if (!found) throw new ExpectedError(`${name} has nothing of ${drill}; it has ${Object.values(baseline.drills).map((one) => one.drill).join(', ') || 'no drill'}`);
  return { name: 'baseline', drill: found };
}

async function sideOf(text: string, out: string): Promise<Side> {
  const names = text.split(',').filter((name) => name !== '');
  if (names.length === 0) throw new ExpectedError(`${JSON.stringify(text)} names no run; give the name or the folder of one`);
  const folders = names.flatMap((name) => foldersOf(name, out));
  const runs = await Promise.all(folders.map((folder) => readRun(dirname(folder), basename(folder))));
  for (const { problems } of runs) for (const problem of problems) process.stderr.write(`${visibleLines(problem)}\n`);
  return { name: basename(names[0]!) + (runs.length > 1 ? ` (${runs.length} runs)` : ''), runs: runs.map(({ summary }) => summary) };
}

/** A run's folder, or those of all runs of a gate. */
function foldersOf(name: string, out: string): string[] {
  const folder = [name, join(out, name)].find(isFolder);
  if (folder === undefined) throw new ExpectedError(`there is no run ${name}, here or in ${out}; give its name or folder, or say where runs are kept with --out`);
  if (!existsSync(join(folder, 'gate.json'))) return [folder];
  const kept = dirname(folder);
  return readRecord(kept, basename(folder)).runs.map(({ run }) => join(kept, run));
}
