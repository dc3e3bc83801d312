import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** Of a failure, as it happens: all of it comes at the end. */
const mostLines = 60;
/** Of a failure in the summary, at each of its ends. */
const fewLines = 7;

function indented(lines: readonly string[]): string {
  return lines.map((line) => `       ${line}`).join('\n');
}

function inShort(lines: readonly string[]): readonly string[] {
  return lines.length <= 2 * fewLines ? lines : [...lines.slice(0, fewLines), '…', ...lines.slice(-fewLines)];
}

/** What a parallel run hands over is no Error any more. */
function textOf(error: unknown): string {
  const { stack, message } = typeof error === 'object' && error !== null ? (error as Partial<Error>) : {};
  return stack ?? message ?? String(error);
}

/**
 * Mocha's own "spec" report, with each failure told at once and not at the end of an hour only; and the true counts and
 * the failures in short as JSON in the file that the reporter option `counts` names, for `npm test` to add up, with what each
 * suite took, hooks and all. A failed hook counts as a failure, as in mocha's own figures.
 */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const countsFile: unknown = options.reporterOptions?.counts;
    if (typeof countsFile !== 'string') throw new TypeError('the reporter needs --reporter-option counts=<file>');
    const failures: string[] = [];
    runner.on('fail', (test, error: unknown) => {
      const text = textOf(error);
      failures.push(`${test.titlePath().join(': ')}\n${indented(inShort(text.split('\n')))}`);
      Mocha.reporters.Base.consoleLog(indented(text.split('\n').slice(0, mostLines)));
    });
    const suites: { title: string; tookMs: number }[] = [];
    let suiteFromMs = performance.now();
    runner.on('suite end', (suite) => {
      if (!suite.parent?.root) return;
      const nowMs = performance.now();
      suites.push({ title: suite.title, tookMs: Math.round(nowMs - suiteFromMs) });
      suiteFromMs = nowMs;
    });
    runner.once('end', () => {
      writeFileSync(countsFile, JSON.stringify({ passed: this.stats.passes, failed: this.stats.failures, failures, suites }));
    });
  }
}
