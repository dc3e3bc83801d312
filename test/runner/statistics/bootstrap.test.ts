import assert from 'node:assert/strict';
import fc from 'fast-check';
import { seeded } from '../../../runner/rng.ts';
import { difference, differenceInterval, fewestRepeats } from '../../../runner/statistics/bootstrap.ts';

describe('the confidence interval of a difference', () => {
  const ten = [98, 99, 100, 101, 102, 97, 103, 100, 99, 101];

  it('is the same for the same values, and has the difference of the medians in it', () => {
    const later = ten.map((value) => value + 30);
    const interval = differenceInterval(later, ten)!;
    assert.deepEqual(differenceInterval(later, ten), interval);
    assert.ok(interval.min <= 30 && interval.max >= 30 && interval.max - interval.min < 10, JSON.stringify(interval));
  });

  it('is none with too few repeats', () => {
    assert.equal(differenceInterval(ten, ten.slice(0, fewestRepeats - 1)), null);
    assert.equal(differenceInterval([], ten), null);
    assert.notEqual(differenceInterval(ten, ten.slice(0, fewestRepeats)), null);
  });

  it('copes with times that did not end', () => {
    const endless = ten.map(() => Infinity);
    assert.deepEqual(differenceInterval(endless, ten), { min: Infinity, max: Infinity });
    assert.deepEqual(differenceInterval(endless, endless), { min: 0, max: 0 });
    assert.equal(difference(Infinity, Infinity), 0);
    fc.assert(fc.property(fc.array(fc.constantFrom(1, 2, 50, Infinity), { minLength: 5, maxLength: 9 }), fc.array(fc.constantFrom(1, 3, Infinity), { minLength: 5, maxLength: 9 }), (now, before) => {
      const { min, max } = differenceInterval(now, before)!;
      assert.ok(min <= max && !Number.isNaN(min));
    }), { numRuns: 20 });
  });

  it('has the truth in it in nine of ten days at least, with ten repeats', () => {
    const rng = seeded(5);
    // Skewed to the long side, as recoveries are: the middle of these is 100.
    const time = (): number => 100 * Math.exp(0.1 * (rng.next() + rng.next() + rng.next() + rng.next() - 2) * Math.sqrt(3));
    const days = 150;
    let covered = 0;
    for (let day = 0; day < days; day += 1) {
      const [now, before] = [Array.from({ length: 10 }, () => time() + 20), Array.from({ length: 10 }, time)];
      const { min, max } = differenceInterval(now, before)!;
      if (min <= 20 && max >= 20) covered += 1;
    }
    assert.ok(covered >= 0.9 * days, `${covered} of ${days}`);
  });
});
