import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** A line that must not pass, where it stands, and the rule that has to say so. */
const bad: [what: string, path: string, code: string, rule: string][] = [
  ['a promise nobody waits for', 'lab/floating.ts', `export const a = (): void => { Promise.resolve(1); };`, 'typescript(no-floating-promises)'],
  ['a promise waved away with void', 'lab/void.ts', `export const a = (): void => { void Promise.resolve(1); };`, 'typescript(no-floating-promises)'],
  ['a promise where none is looked at', 'lab/misused.ts', `export const a = (): void => { [1].forEach(async (n) => { await Promise.resolve(n); }); };`, 'typescript(no-misused-promises)'],
  ['await on what is no promise', 'lab/thenable.ts', `export const a = async (n: number): Promise<number> => await n;`, 'typescript(await-thenable)'],
  ['a promise that leaves its try', 'lab/return.ts', `export async function a(b: () => Promise<void>): Promise<void> { try { return b(); } catch (error) { throw new Error('b', { cause: error }); } }`, 'typescript(return-await)'],
  ['a swallowed error', 'lab/catch.ts', `export const a = (b: () => void): void => { try { b(); } catch {} };`, 'eslint(no-empty)'],
  ['a thrown string', 'lab/throw.ts', `export const a = (): void => { throw 'lost'; };`, 'typescript(only-throw-error)'],
  ['any', 'lab/any.ts', `export const a = (b: any): unknown => b;`, 'typescript(no-explicit-any)'],
  ['a name that is not used', 'lab/unused.ts', `export const a = (): void => { const b = 1; };`, 'eslint(no-unused-vars)'],
  ['a loose comparison', 'lab/equal.ts', `export const a = (b: number | string): boolean => b == 1;`, 'eslint(eqeqeq)'],
  ['a note to oneself', 'lab/note.ts', `export const a = 1; // ${'TO'}${'DO'}: finish`, 'eslint(no-warning-comments)'],
  ['a missing case', 'lab/switch.ts', `export function a(b: 'x' | 'y'): void { switch (b) { case 'x': } }`, 'typescript(switch-exhaustiveness-check)'],
  ['the clock, read by the runner', 'runner/now.ts', `export const a = (): number => Date.now();`, 'eslint(no-restricted-properties)'],
  ['chance, taken by the runner', 'runner/random.ts', `export const a = (): number => Math.random();`, 'eslint(no-restricted-properties)'],
  ['the environment, read by a report', 'reports/env.ts', `export const a = process.env.HOME;`, 'eslint(no-restricted-properties)'],
  ['a timer in the runner', 'runner/timer.ts', `export const a = (): unknown => setTimeout(() => 1, 1);`, 'eslint(no-restricted-globals)'],
  ['a timer from a module', 'runner/timers.ts', `import { setTimeout as sleep } from 'node:timers/promises';\nexport const a = sleep;`, 'eslint(no-restricted-imports)'],
  ['output from the language', 'scenarios/print.ts', `export const a = (): void => { console.log(1); };`, 'eslint(no-console)'],
  ['a test alone', 'test/only.test.ts', `it.only('a', () => {});`, 'jest(no-focused-tests)'],
  ['a group of tests alone', 'test/group.test.ts', `describe.only('a', () => { it('b', () => {}); });`, 'jest(no-focused-tests)'],
  ['a skipped test', 'test/skip.test.ts', `it.skip('a', () => {});`, 'jest(no-disabled-tests)'],
];

/** The same code where it is right. */
const good: [what: string, path: string, code: string][] = [
  ['the clock, read by the clock', 'runner/clock.ts', `export const a = (): unknown => [Date.now(), setTimeout(() => 1, 1)];`],
  ['chance, taken by the generator', 'runner/rng.ts', `export const a = (): number => Math.random();`],
  ['timers in the lab', 'lab/timer.ts', `export const a = (): unknown => setTimeout(() => 1, 1);`],
  ['the environment, read by the command line', 'cli/env.ts', `export const a = process.env.HOME;`],
];

describe('the linter', function () {
  this.timeout(120_000);

  const root = resolve(import.meta.dirname, '../..');
  let rulesByFile: Map<string, string[]>;

  before(() => {
    const checkout = mkdtempSync(join(tmpdir(), 'firedrill-lint-'));
    try {
      for (const name of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) copyFileSync(join(root, name), join(checkout, name));
      symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
      for (const [, path, code] of [...bad, ...good]) {
        mkdirSync(dirname(join(checkout, path)), { recursive: true });
        writeFileSync(join(checkout, path), `${code}\n`);
      }
      const oxlint = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['--format=json'], { cwd: checkout, encoding: 'utf8' });
      assert.equal(oxlint.status, 1, oxlint.stderr);
      const { diagnostics } = JSON.parse(oxlint.stdout) as { diagnostics: { filename: string; code: string }[] };
      rulesByFile = new Map(
        [...Map.groupBy(diagnostics, ({ filename }) => filename)].map(([file, found]) => [file, found.map(({ code }) => code)]),
      );
    } finally {
      rmSync(checkout, { recursive: true });
    }
  });

  for (const [what, path, , rule] of bad) {
    it(`refuses ${what}`, () => assert.ok(rulesByFile.get(path)?.includes(rule), `${path}: ${String(rulesByFile.get(path))}`));
  }
  for (const [what, path] of good) {
    it(`allows ${what}`, () => assert.equal(rulesByFile.get(path), undefined));
  }
});
