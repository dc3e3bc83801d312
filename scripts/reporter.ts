import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/**
 * Mocha's own "spec" report, and the true counts as JSON in the file that the reporter option `counts` names, for
 * `npm test` to add up. A failed hook counts as a failure, as in mocha's own figures.
 */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const countsFile: unknown = options.reporterOptions?.counts;
    if (typeof countsFile !== 'string') throw new TypeError('the reporter needs --reporter-option counts=<file>');
    runner.once('end', () => {
      writeFileSync(countsFile, JSON.stringify({ passed: this.stats.passes, failed: this.stats.failures }));
    });
  }
}
