import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ascending, quantile } from '../../../runner/latency.ts';
import { Latencies, latencyEncoder } from '../../../runner/traffic/latencies.ts';

describe('latencies', () => {
  it('come back from the journal with every quantile within its error bar', () => {
    const encoder = latencyEncoder();
    fc.assert(
      fc.property(fc.array(fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 5 }), (windows) => {
        const latencies = new Latencies();
        for (const one of windows) latencies.add(encoder.encode(one)!);
        const sorted = windows.flat().sort(ascending);
        assert.equal(latencies.count, sorted.length);
        for (const q of [0.5, 0.99, 0.999, 1]) {
          const { min, max } = latencies.quantile(q);
          const exact = quantile(sorted, q)!;
          assert.ok(min - 0.001 <= exact && exact <= max + 0.001, `${q}: ${exact} is not within ${min} to ${max}`);
          assert.ok(max - min <= exact / 1_000 + 0.001);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('of nothing are nothing', () => {
    assert.equal(latencyEncoder().encode([]), undefined);
    assert.equal(new Latencies().count, 0);
  });
});
