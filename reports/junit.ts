import { defineFormat } from './format.ts';
import { junitDocument, runSuite } from './xml/junit.ts';

export default defineFormat({
  summary: 'For CI systems: JUnit XML, a test case for each SLO; broken is a failure, inconclusive an error.',
  extension: 'xml',
  render: (run) => junitDocument([runSuite(run)]),
});
