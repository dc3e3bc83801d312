// Runs drills many times over in one lab, those of Kubernetes and of the mesh in others, and prints how often each passed:
//
//   npm run soak -- 10                                the whole catalogue ten times
//   npm run soak -- 3 --drill etcd-leader-loss        one drill
//   npm run soak -- 3 --sabotage no-replacement       in a lab made wrong on purpose: a pass is exit code 1
//
// `--recovery-timeout` and `--set` are passed on to every run.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { chooseDrill } from '../cli/drill.ts';
import { labFor } from '../cli/own-lab.ts';
import { loadKinds } from '../runner/kinds.ts';

interface Arguments {
  rounds: number;
  drills: string[];
  sabotage: string | undefined;
  /** The exit code of a drill that does what it should. */
  expected: number;
  runOptions: string[];
  /** How drills are made less patient: assignments for those that declare the parameter. */
  patience: string[];
}

interface Tally {
  passes: number;
  seconds: number[];
  surprises: string[];
}

const root = join(import.meta.dirname, '..');
const { rounds, drills, sabotage, expected, runOptions, patience } = readArguments();
const lab = `soak-${process.pid}`;
const tallies = new Map(drills.map((drill): [string, Tally] => [drill, { passes: 0, seconds: [], surprises: [] }]));

// Ctrl-C reaches the drill too, which undoes what it did; what is left to do here is to end the lab.
let interrupted = false;
process.on('SIGINT', () => (interrupted = true));
process.on('SIGTERM', () => (interrupted = true));

const kinds = await loadKinds();
/** Drills by the lab that they need, as flags of `lab up`. */
const byLab = new Map<string, string[]>([['', []], ['--kubernetes', []], ['--specimen', []]]);
/** What each drill is run with. */
const optionsOf = new Map<string, string[]>();
for (const drill of drills) {
  const { scenario } = await chooseDrill(drill, kinds, {});
  const { kubernetes, specimen } = labFor(scenario, kinds);
  optionsOf.set(drill, [...runOptions, ...patience.filter((one) => Object.hasOwn(scenario.parameters, one.split('=')[0]!)).flatMap((one) => ['--set', one])]);
  byLab.get(specimen ? '--specimen' : kubernetes ? '--kubernetes' : '')!.push(drill);
}

try {
  for (const [flag, names] of byLab) await soak(names, ...(flag === '' ? [] : [flag]));
} finally {
  printTable();
}
const allPassed = [...tallies.values()].every(({ passes }) => passes === rounds);
process.exitCode = interrupted ? 130 : allPassed ? 0 : 1;

async function soak(names: readonly string[], ...flags: string[]): Promise<void> {
  if (names.length === 0 || interrupted) return;
  await must('lab', 'up', '--lab', lab, ...flags);
  try {
    for (let round = 1; round <= rounds && !interrupted; round++) await soakOnce(names, round);
  } finally {
    await firedrill('lab', 'down', '--lab', lab);
  }
}

async function soakOnce(names: readonly string[], round: number): Promise<void> {
  for (const drill of names) {
    const tally = tallies.get(drill)!;
    if (sabotage !== undefined) await must('lab', 'sabotage', sabotage, 'on', '--lab', lab);
    const startedAt = performance.now();
    const { status, lastWords } = await firedrill('run', drill, '--lab', lab, '--json', '--yes', ...optionsOf.get(drill)!);
    if (interrupted) return;
    const seconds = (performance.now() - startedAt) / 1000;
    const passed = status === expected;
    tally.seconds.push(seconds);
    if (passed) tally.passes++;
    else tally.surprises.push(`round ${round}: exit code ${status}, ${expected} was expected${lastWords && `: ${lastWords}`}`);
    const mark = passed ? styleText('green', '✔') : styleText('red', '✘');
    console.log(`${mark} ${round}/${rounds} ${drill}  exit ${status}  ${seconds.toFixed(1)} s`);
    if (sabotage !== undefined) await must('lab', 'sabotage', sabotage, 'off', '--lab', lab);
    await must('lab', 'reset', '--lab', lab);
  }
}

/** Runs the CLI to its end. `lastWords` is the last line it wrote to stderr. */
function firedrill(...args: string[]): Promise<{ status: number; lastWords: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'cli/main.js'), ...args], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-4096)));
    child.on('error', reject);
    child.on('close', (code) => resolve({ status: code ?? 130, lastWords: words.trim().split('\n').at(-1) ?? '' }));
  });
}

async function must(...args: string[]): Promise<void> {
  const { status, lastWords } = await firedrill(...args);
  if (status !== 0) throw new Error(`firedrill ${args.join(' ')} ended with exit code ${status}: ${lastWords}`);
}

function printTable(): void {
  const width = Math.max(...drills.map((name) => name.length), 'drill'.length);
  console.log(`\n${'drill'.padEnd(width)}  passes  median    slowest`);
  for (const [drill, { passes, seconds, surprises }] of tallies) {
    const sorted = seconds.toSorted((a, b) => a - b);
    const times = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((s) => (s === undefined ? '–' : `${s.toFixed(1)} s`));
    console.log(`${drill.padEnd(width)}  ${`${passes}/${rounds}`.padEnd(6)}  ${times[0]!.padEnd(8)}  ${times[1]!}`);
    for (const surprise of surprises) console.log(`  ${surprise}`);
  }
}

function readArguments(): Arguments {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sabotage: { type: 'string' },
      drill: { type: 'string', multiple: true },
      'recovery-timeout': { type: 'string' },
      set: { type: 'string', multiple: true },
    },
  });
  const written = positionals[0] ?? '1';
  const rounds = Number(written);
  if (!Number.isInteger(rounds) || rounds < 1) refuse(`"${written}" is no number of rounds; give a whole number from 1`);
  const catalogue = globSync('scenarios/catalogue/*.yaml', { cwd: root }).map((path) => basename(path, '.yaml')).sort();
  const { sabotage, drill: drills = catalogue } = values;
  const { 'recovery-timeout': recoveryTimeout = sabotage && '25s', set = [] } = values;
  for (const drill of drills) {
    if (!catalogue.includes(drill)) refuse(`"${drill}" is no drill of the catalogue; there are ${catalogue.join(', ')}`);
  }
  if (drills.length === 0) refuse('there is no drill in scenarios/catalogue/');
  return {
    rounds,
    drills,
    sabotage,
    expected: sabotage === undefined ? 0 : 1,
    runOptions: [
      ...(recoveryTimeout === undefined ? [] : ['--recovery-timeout', recoveryTimeout]),
      ...set.flatMap((assignment) => ['--set', assignment]),
    ],
    // In a sabotaged lab something never comes: the drills' own patience of minutes would only make it take longer.
    patience: sabotage && !values.set ? ['whole-again-within', 'ready-again-within', 'served-again-within'].map((parameter) => `${parameter}=15s`) : [],
  };
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
