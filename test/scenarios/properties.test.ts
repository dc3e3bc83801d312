import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { loadScenario, ScenarioError } from '../../scenarios/load.ts';
import { printScenario } from '../../scenarios/print.ts';
import { drillInput } from './drill-arbitrary.ts';
import { goodDrill, vocabulary } from './vocabulary.ts';

const options = { file: 'd.yaml', vocabulary };

describe('any drill', function () {
  this.timeout(60_000);

  // The YAML parser makes an error for each slip, and mocha has every one of them carry its whole stack.
  const { stackTraceLimit } = Error;
  before(() => (Error.stackTraceLimit = 10));
  after(() => (Error.stackTraceLimit = stackTraceLimit));

  it('that is valid survives load → print → load', () => {
    fc.assert(
      fc.property(drillInput(vocabulary), (input) => {
        const drill = loadScenario(stringify(input, { aliasDuplicateObjects: false }), options);
        const printed = printScenario(drill, vocabulary);
        assert.deepEqual(loadScenario(printed, options), drill, printed);
      }),
      { numRuns: 60 },
    );
  });

  it('made of random bytes is refused likewise', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array).toString('utf8'));
    const yamlish = fc.string({ maxLength: 200, unit: fc.constantFrom('\n', ' ', '  ', '- ', ': ', '? ', '{', '}', '[', ']', ',', '"', "'", '&a', '*a', '!', '|', '>', '#', 'a', 'name', '%', '---\n', '...\n', '\t', '<<', '\r\n', '\0', '\u2028') });
    fc.assert(
      fc.property(fc.oneof(bytes, yamlish), (text) => {
        try {
          loadScenario(text, options);
          assert.fail('it was accepted');
        } catch (error) {
          assertRefusal(error, text);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is refused or loaded with any parameters', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(fc.constant('zone'), fc.string()), fc.string()), (set) => {
        try {
          loadScenario(goodDrill, { ...options, set });
        } catch (error) {
          assertRefusal(error, goodDrill);
        }
      }),
    );
  });
});

function assertRefusal(error: unknown, text: string): void {
  if (!(error instanceof ScenarioError)) throw error;
  assert.ok(error.problems.length > 0);
  const lines = text.split('\n');
  for (const { at, text: said } of error.problems) {
    assert.ok(said.length > 0);
    if (!at) continue;
    assert.ok(at.line >= 1 && at.line <= lines.length, `line ${at.line} of ${lines.length}: ${said}`);
    assert.ok(at.column >= 1 && at.column <= lines[at.line - 1]!.length + 1, `column ${at.column} of line ${at.line}: ${said}`);
  }
  assert.doesNotMatch(error.message, /undefined|\[object|Invalid input|Invalid string|must match/);
}
