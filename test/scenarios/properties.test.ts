import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { catalogue, findDrill } from '../../scenarios/find.ts';
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

  it('that is mutated is loaded or refused with line and column, and nothing else happens', async () => {
    const originals = [goodDrill];
    for (const name of await catalogue()) originals.push((await findDrill(name)).text);
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...originals), fc.array(edit, { minLength: 1, maxLength: 4 }), (original, edits) => {
        const text = edits.reduce((before, change) => change(before), original);
        try {
          loadScenario(text, options);
        } catch (error) {
          assertRefusal(error, text);
          refused += 1;
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(refused > 100, `only ${refused} mutations were refused`);
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

type Edit = (text: string) => string;

/** Anything that an author, an editor or a bad disk may do to a file. */
const edit: fc.Arbitrary<Edit> = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
  .chain(([where, other]) => {
    const at = (length: number, fraction = where): number => Math.floor(fraction * length);
    const byLine = (change: (lines: string[], index: number) => void): Edit => (text) => {
      const lines = text.split('\n');
      change(lines, at(lines.length - 0.001));
      return lines.join('\n');
    };
    const scalars = fc.constantFrom(
      '', 'null', '1', '-1', '0', '1.5', 'true', '"x"', '5s', '5', '99%', '$zone', '$nope', '$$', 'any', '[]', '{}', '[a]', '{ a: 1 }',
      '*a', '&a b', '!!str 1', '!x y', '|', '>', '__proto__', 'constructor', 'toString', '{ __proto__: { a: 1 } }', '.nan', '.inf', '1e999', '0s', '999999999999d',
    );
    return fc.oneof(
      fc.constant<Edit>(byLine((lines, index) => lines.splice(index, 1))),
      fc.constant<Edit>(byLine((lines, index) => lines.splice(index, 0, lines[index]!))),
      fc.constant<Edit>(byLine((lines, index) => lines.push(lines.splice(index, 1)[0]!))),
      fc.constant<Edit>(byLine((lines, index) => (lines[index] = ` ${lines[index]!}`))),
      fc.constant<Edit>(byLine((lines, index) => (lines[index] = lines[index]!.trimStart()))),
      fc.constant<Edit>((text) => text.slice(0, at(text.length)) + text.slice(at(text.length) + 1)),
      fc.constant<Edit>((text) => text.slice(0, at(text.length))),
      fc.constant<Edit>((text) => {
        const [from, to] = [at(text.length), at(text.length, other)].sort((a, b) => a - b) as [number, number];
        return text.slice(0, from) + text.slice(to);
      }),
      fc.string({ minLength: 1, maxLength: 3, unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom(...'{}[]:,#&*!|>\'"%@`-?\n\t $0')) }).map<Edit>(
        (inserted) => (text) => text.slice(0, at(text.length)) + inserted + text.slice(at(text.length)),
      ),
      // A value after a colon, a whole word, or the name of a key.
      scalars.map<Edit>((scalar) => replaceOne(/(?<=: )[^ ,}\n]+/g, where, scalar)),
      scalars.map<Edit>((scalar) => replaceOne(/[\w$-]+/g, where, scalar)),
      scalars.map<Edit>((scalar) => replaceOne(/[\w-]+(?=:)/g, where, scalar)),
    );
  });

function replaceOne(pattern: RegExp, where: number, by: string): Edit {
  return (text) => {
    const matches = [...text.matchAll(pattern)];
    const match = matches[Math.floor(where * (matches.length - 0.001))];
    return match ? text.slice(0, match.index) + by + text.slice(match.index + match[0].length) : text;
  };
}
