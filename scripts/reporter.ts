import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** Of a failure, as it happens: all of it comes at the end. */
const mostLines = 60;

/**
 * Mocha's own "spec" report, with each failure told at once and not at the end of an hour only; and the true counts as JSON
 * in the file that the reporter option `counts` names, for `npm test` to add up. A failed hook counts as a failure, as in
 * mocha's own figures.
 */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const countsFile: unknown = options.reporterOptions?.counts;
    if (typeof countsFile !== 'string') throw new TypeError('the reporter needs --reporter-option counts=<file>');
    runner.on('fail', (_test, error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      Mocha.reporters.Base.consoleLog(text.split('\n').slice(0, mostLines).map((line) => `       ${line}`).join('\n'));
    });
    runner.once('end', () => {
      writeFileSync(countsFile, JSON.stringify({ passed: this.stats.passes, failed: this.stats.failures }));
    });
  }
}
