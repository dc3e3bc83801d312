import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PlainOperation, Value } from '../../../runner/consistency/search/history.ts';
import { judgePlain } from '../../../runner/consistency/search/judge.ts';
import { linearize } from '../../../runner/consistency/search/linearize.ts';
import { noLimit } from '../../../runner/consistency/verdict.ts';
import { seeded } from '../../../runner/rng.ts';
import { registerHistory } from './register-log.ts';

/** Every order that time allows, with every subset of the lost ones. */
function bruteForce(left: readonly PlainOperation[], state: Value): boolean {
  if (left.every(({ returnMs }) => returnMs === Infinity)) return true;
  const soonest = Math.min(...left.map(({ returnMs }) => returnMs));
  return left.some((operation) => {
    if (operation.callMs > soonest) return false;
    const { call, answer, differs, returnMs } = operation;
    let next: Value = state;
    if (call.f === 'read' && answer !== state) return false;
    if (call.f === 'write') next = call.value;
    if (call.f === 'cas') {
      const matches = state === call.from;
      if (returnMs < Infinity && matches === (differs === true)) return false;
      if (matches) next = call.to;
    }
    return bruteForce(left.filter((other) => other !== operation), next);
  });
}

const small = fc.record({ seed: fc.nat(), operations: fc.integer({ min: 1, max: 6 }), clients: fc.integer({ min: 1, max: 4 }), values: fc.integer({ min: 1, max: 3 }), lost: fc.constantFrom(0, 0.3) });

/** Other answers than there were. */
function garbled(operations: readonly PlainOperation[], seed: number): PlainOperation[] {
  const rng = seeded(seed);
  return operations.map((operation) => (operation.call.f === 'read' && rng.next() < 0.4 ? { ...operation, answer: rng.next() < 0.2 ? null : `${Math.floor(rng.next() * 3)}` } : operation));
}

describe('the search for an order', () => {
  it('agrees with trying everything, on small histories', () => {
    const verdicts = { held: 0, broken: 0 };
    fc.assert(
      fc.property(small, fc.nat(), fc.boolean(), (options, seed, asItIs) => {
        const operations = asItIs ? registerHistory(options) : garbled(registerHistory(options), seed);
        const expected = bruteForce(operations, null) ? 'held' : 'broken';
        verdicts[expected] += 1;
        assert.equal(linearize(operations, null, noLimit).verdict, expected);
        if (asItIs) assert.equal(expected, 'held');
      }),
      { numRuns: 6_000 },
    );
    assert.ok(verdicts.broken > 500 && verdicts.held > 500, JSON.stringify(verdicts));
  });

  it('shows a counterexample that is wrong by itself, and of which nothing can be left out that is a read', () => {
    fc.assert(
      fc.property(small, fc.nat(), (options, seed) => {
        const operations = garbled(registerHistory({ ...options, operations: 12 }), seed).map((one, line) => ({ ...one, line }));
        const finding = judgePlain(operations, 'cas-register', noLimit);
        if (finding.verdict !== 'broken') return;
        const shown = finding.counterexample!.operations;
        const few = shown.map(({ line, returnMs }) => ({ ...operations[line]!, returnMs: returnMs ?? Infinity }));
        assert.equal(bruteForce(few, null), false);
        for (const read of few.filter(({ call }, index) => call.f === 'read' && !shown[index]!.impossible)) assert.equal(bruteForce(few.filter((other) => other !== read), null), true);
      }),
      { numRuns: 300 },
    );
  });

  it('accuses no register of many operations and keys', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        assert.equal(judgePlain(registerHistory({ seed, operations: 600, clients: 5, values: 5, lost: 0.02, keys: 3 }), 'cas-register', noLimit).verdict, 'held');
      }),
      { numRuns: 20 },
    );
  });

  it('says that it does not know when the time or the memory is used up', () => {
    const hard = registerHistory({ seed: 1, operations: 4_000, clients: 20, values: 2, lost: 0.2 });
    assert.equal(linearize(hard, null, { over: () => true, memoryBytes: Infinity }).verdict, 'unknown');
    assert.equal(linearize(hard, null, { over: () => false, memoryBytes: 10_000 }).verdict, 'unknown');
  });

  it('appends', () => {
    const append = (value: string, callMs: number): PlainOperation => ({ client: '0', key: 'k', call: { f: 'append', value }, answer: null, callMs, returnMs: callMs + 1, line: 0 });
    const read = (answer: string, callMs: number): PlainOperation => ({ client: '0', key: 'k', call: { f: 'read' }, answer, callMs, returnMs: callMs + 1, line: 0 });
    assert.equal(judgePlain([read('', 0), append('x', 2), append('y', 4), read('xy', 6)], 'kv', noLimit).verdict, 'held');
    assert.equal(judgePlain([append('x', 2), append('y', 4), read('yx', 6)], 'kv', noLimit).verdict, 'broken');
  });
});
