import assert from 'node:assert/strict';
import fc from 'fast-check';
import { holm } from '../../../runner/statistics/holm.ts';
import { leastP, rankTest } from '../../../runner/statistics/rank-test.ts';

/** The same by trying every choice. */
function byTryingAll(now: readonly number[], before: readonly number[]): number {
  const pooled = [...now, ...before];
  const rank = (value: number): number => pooled.reduce((sum, other) => sum + (other < value ? 1 : other === value ? 0.5 : 0), 0.5);
  const ranks = pooled.map(rank);
  const observed = ranks.slice(0, now.length).reduce((sum, one) => sum + one, 0);
  let [all, enough] = [0, 0];
  for (let mask = 0; mask < 2 ** pooled.length; mask++) {
    const chosen = ranks.filter((_, index) => (mask >> index) % 2 === 1);
    if (chosen.length !== now.length) continue;
    all += 1;
    if (chosen.reduce((sum, one) => sum + one, 0) >= observed) enough += 1;
  }
  return enough / all;
}

describe('the rank-sum test', () => {
  it('gives the published figures', () => {
    // All above: one way in C(8, 4) = 70.
    assert.equal(rankTest([5, 6, 7, 8], [1, 2, 3, 4]), 1 / 70);
    assert.equal(leastP(4, 4), 1 / 70);
    // The critical value of the usual tables for 5 against 5 at 5 %, one-sided, is U = 4: p = 12 / 252.
    assert.ok(Math.abs(rankTest([3, 6, 7, 9, 10], [1, 2, 4, 5, 8]) - 0.0754) < 0.001);
    assert.equal(rankTest([1, 1, 1], [1, 1, 1]), 1);
    assert.equal(rankTest([], [1]), 1);
  });

  it('counts every choice, also with ties and values without end', () => {
    const value = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(Infinity));
    const sample = fc.array(value, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sample, sample, (now, before) => {
        assert.ok(Math.abs(rankTest(now, before) - byTryingAll(now, before)) < 1e-12);
      }),
      { numRuns: 200 },
    );
  });

  it('sees only the order of the values', () => {
    const sample = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sample, sample, (now, before) => {
        assert.equal(rankTest(now.map(Math.log), before.map(Math.log)), rankTest(now, before));
      }),
      { numRuns: 50 },
    );
  });
});

describe("Holm's correction", () => {
  it('asks the least p-value for most, and stops at the first that is not enough', () => {
    assert.deepEqual(holm([0.004, 0.02, 0.003], 0.01), [true, false, true]);
    assert.deepEqual(holm([0.006, 0.001, 0.006], 0.01), [false, true, false]);
    assert.deepEqual(holm([0.01], 0.01), [true]);
    assert.deepEqual(holm([], 0.01), []);
  });
});
