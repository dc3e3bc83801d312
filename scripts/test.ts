// Runs every check and every test, and ends with the plain line "N passed, N failed". Each check counts as one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Counts {
  passed: number;
  failed: number;
}

interface Section {
  title: string;
  run: () => Counts;
}

const root = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'firedrill-test-'));

const sections: Section[] = [
  { title: 'Types', run: () => check('typecheck') },
  { title: 'Lint', run: () => check('lint:code') },
  { title: 'Import directions', run: () => check('lint:imports') },
  { title: 'Unit and contract tests', run: () => mocha('test:unit') },
  { title: 'End-to-end tests', run: () => mocha('test:e2e') },
  { title: 'Tests in the lab', run: () => mocha('test:lab') },
];

/** Runs an npm script with its output passed on; true when it exits with 0. */
function npmRun(script: string, args: string[] = []): boolean {
  const npm = spawnSync('npm', ['run', '--silent', script, '--', ...args], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (npm.error) throw npm.error;
  return npm.status === 0;
}

function check(script: string): Counts {
  return npmRun(script) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Runs a mocha script and reads the counts its reporter left. A run that left none, or counts nothing, has failed. */
function mocha(script: string): Counts {
  const countsFile = join(scratch, `${script.replace(':', '-')}.json`);
  // A log wants no colours, which mocha would use for every CI it knows.
  const colour = process.stdout.isTTY ? [] : ['--no-color'];
  const ok = npmRun(script, ['--reporter', 'scripts/reporter.ts', '--reporter-option', `counts=${countsFile}`, ...colour]);
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

const summary: string[] = [];
const total: Counts = { passed: 0, failed: 0 };
try {
  for (const { title, run } of sections) {
    console.log(`\n── ${title} ${'─'.repeat(60 - title.length)}`);
    const startedAt = performance.now();
    const { passed, failed } = run();
    total.passed += passed;
    total.failed += failed;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    summary.push(`${failed === 0 ? '✔' : '✘'} ${title.padEnd(26)}${`${passed} passed, ${failed} failed`.padEnd(24)}${seconds.padStart(7)} s`);
  }
} finally {
  rmSync(scratch, { recursive: true });
}

console.log(`\n── Summary ${'─'.repeat(53)}\n${summary.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
