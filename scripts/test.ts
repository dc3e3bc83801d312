// Runs every check and every test, and ends with the plain line "N passed, N failed". Each check counts as one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shareOfToday } from '../test/e2e/share-of-today.ts';

interface Counts {
  passed: number;
  failed: number;
  /** Each in short. */
  failures?: readonly string[];
  /** What each suite took, of those that ran one after another. */
  suites?: readonly { title: string; tookMs: number }[];
}

interface Section {
  readonly title: string;
  /** What it prints goes to `output`. */
  run(output: Output): Promise<Counts>;
}

type Output = number | 'inherit';

const root = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'firedrill-test-'));

/** One list after another; those of a list at the same time: with a lab in each, they mostly wait. */
const sections: readonly (readonly Section[])[] = [
  [{ title: 'Types', run: (output) => check('typecheck', output) }],
  [{ title: 'Lint', run: (output) => check('lint:code', output) }],
  [{ title: 'Import directions', run: (output) => check('lint:imports', output) }],
  [{ title: 'Unit and contract tests', run: (output) => mocha('test:unit', output) }],
  [{ title: 'End-to-end tests', run: (output) => mocha('test:e2e', output) }],
  [
    { title: 'In the lab', run: (output) => mocha('test:in-lab', output, notToday('test/in-lab')) },
    { title: 'In the lab with Kubernetes', run: (output) => mocha('test:in-cluster', output, notToday('test/in-cluster')) },
  ],
  // Alone: what is asked there has to be answered in time.
  [{ title: 'In the lab, alone', run: (output) => mocha('test:alone', output) }],
];

/** What is run every day, of the tests that need a lab: drills and their sabotage, runs that are killed, refusals, the gate. */
const everyDay = /(kill-at-every-step|killed-runs|runs|refusals|gate|lab)\.test\.ts$/;

/** The other files have their turn every third day: all of them at once take longer than anybody waits for. */
function notToday(folder: string): string[] {
  const others = readdirSync(join(root, folder)).filter((name) => name.endsWith('.test.ts') && !everyDay.test(name)).toSorted();
  const today = shareOfToday(others, Math.ceil(others.length / 3));
  return others.filter((name) => !today.includes(name)).map((name) => `${folder}/${name}`);
}

/** Runs an npm script with its output passed on; true when it exits with 0. */
async function npmRun(script: string, output: Output, args: string[] = []): Promise<boolean> {
  const npm = spawn('npm', ['run', '--silent', script, '--', ...args], { cwd: root, stdio: ['ignore', output, output] });
  const [code] = (await once(npm, 'close')) as [number | null];
  return code === 0;
}

async function check(script: string, output: Output): Promise<Counts> {
  return (await npmRun(script, output)) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * Runs a mocha script and reads the counts its reporter left. A run that left none, or counts nothing, has failed.
 *
 * @param left files whose turn it isn't; they are named at the end
 */
async function mocha(script: string, output: Output, left: readonly string[] = []): Promise<Counts> {
  leftForAnotherDay.push(...left);
  const countsFile = join(scratch, `${script.replace(':', '-')}.json`);
  // A log wants no colours, which mocha would use for every CI it knows.
  const colour = process.stdout.isTTY ? [] : ['--no-color'];
  const ok = await npmRun(script, output, ['--reporter', 'scripts/reporter.ts', '--reporter-option', `counts=${countsFile}`, ...colour, ...left.flatMap((file) => ['--ignore', file])]);
  const counts = readCounts(countsFile);
  if (!counts) return { passed: 0, failed: 1 };
  const failedOtherwise = counts.failed === 0 && (!ok || counts.passed === 0);
  return failedOtherwise ? { ...counts, failed: 1 } : counts;
}

function readCounts(path: string): Counts | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Counts;
  } catch (error) {
    console.error(`the test run ended before it could be counted: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** As many of the slowest suites are named at the end: an hour of tests should be known by its parts. */
const slowestNamed = 12;

const leftForAnotherDay: string[] = [];
const slow: { title: string; tookMs: number }[] = [];
const summary: string[] = [];
const failed: string[] = [];
const total: Counts = { passed: 0, failed: 0 };

async function runSection({ title, run }: Section, output: Output): Promise<void> {
  const startedAt = performance.now();
  const counts = await run(output);
  total.passed += counts.passed;
  total.failed += counts.failed;
  failed.push(...(counts.failures ?? []));
  slow.push(...(counts.suites ?? []));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  summary.push(`${counts.failed === 0 ? '✔' : '✘'} ${title.padEnd(28)}${`${counts.passed} passed, ${counts.failed} failed`.padEnd(24)}${seconds.padStart(7)} s`);
}

const headline = ({ title }: Section): void => console.log(`\n── ${title} ${'─'.repeat(60 - title.length)}`);

/** The first is seen as it runs, the others when all have ended. */
async function runTogether([first, ...others]: readonly Section[]): Promise<void> {
  const files = others.map((_, index) => join(scratch, `output-${index}`));
  headline(first!);
  await Promise.all([
    runSection(first!, 'inherit'),
    ...others.map(async (section, index) => {
      const output = openSync(files[index]!, 'w');
      await runSection(section, output);
      closeSync(output);
    }),
  ]);
  for (const [index, section] of others.entries()) {
    headline(section);
    process.stdout.write(readFileSync(files[index]!));
  }
}

try {
  for (const section of sections) await runTogether(section);
} finally {
  rmSync(scratch, { recursive: true });
}

if (failed.length > 0) console.log(`\n── Failed ${'─'.repeat(54)}\n${failed.join('\n')}`);
const slowest = slow.sort((a, b) => b.tookMs - a.tookMs).slice(0, slowestNamed);
console.log(`\n── Slowest ${'─'.repeat(53)}\n${slowest.map(({ title, tookMs }) => `${(tookMs / 1000).toFixed(1).padStart(7)} s  ${title}`).join('\n')}`);
if (leftForAnotherDay.length > 0) console.log(`\n── Their turn is another day, or with npm run test:all ${'─'.repeat(10)}\n${leftForAnotherDay.join('\n')}`);
console.log(`\n── Summary ${'─'.repeat(53)}\n${summary.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
