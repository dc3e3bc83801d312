import assert from 'node:assert/strict';
import fc from 'fast-check';
import { arrivalsAt } from '../../../runner/traffic/arrivals.ts';

describe('the arrival rate', () => {
  it('is constant without a ramp', () => {
    const arrivals = arrivalsAt(200);
    assert.deepEqual([0, 1, 2, 200].map(arrivals), [0, 5, 10, 1_000]);
  });

  it('grows evenly on a ramp: half as many requests as without one, and a quarter of them in its first half', () => {
    const arrivals = arrivalsAt(100, 10_000);
    const until = (ms: number): number => Array.from({ length: 2_000 }, (_, n) => arrivals(n)).filter((at) => at < ms).length;
    assert.equal(until(5_000), 125);
    assert.equal(until(10_000), 500);
    assert.equal(until(11_000), 600);
  });

  it('never goes back in time, and is never faster than its rate', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 10_000, noNaN: true }), fc.integer({ min: 0, max: 60_000 }), fc.nat(100_000), (rate, rampMs, n) => {
        const arrivals = arrivalsAt(rate, rampMs);
        assert.ok(arrivals(n) >= 0);
        assert.ok(arrivals(n + 1) - arrivals(n) >= 1_000 / rate - 1e-6 * (1 + arrivals(n + 1)), `${arrivals(n)} ${arrivals(n + 1)}`);
      }),
    );
  });
});
