import assert from 'node:assert/strict';
import { latencyEncoder } from '../../../runner/traffic/latencies.ts';
import type { Outcome } from '../../../runner/traffic/outcome.ts';
import { requestsOverTime } from '../../../runner/traffic/slices.ts';
import { OpenWindow, type RequestWindow } from '../../../runner/traffic/window.ts';

const encoder = latencyEncoder();

/** Windows of 100 ms with requests at constant distances. */
function windowsOf(perSecond: number, toMs: number, answer: (dueMs: number) => readonly [Outcome, number] = () => ['ok', 2]): RequestWindow[] {
  const windows: RequestWindow[] = [];
  for (let fromMs = 0; fromMs < toMs; fromMs += 100) {
    const window = new OpenWindow(fromMs, fromMs + 100);
    for (let dueMs = fromMs; dueMs < fromMs + 100; dueMs += 1_000 / perSecond) {
      const [outcome, afterMs] = answer(dueMs);
      window.settle(window.add(dueMs, 0), outcome, dueMs + afterMs);
    }
    windows.push(window.close(encoder)!);
  }
  return windows;
}

describe('requests over time', () => {
  it('are slices of whole windows, with ten requests each where they are that many', () => {
    const ofRate = (perSecond: number) => requestsOverTime({ windows: windowsOf(perSecond, 5_000), spacingMs: 1_000 / perSecond }).slices;
    assert.deepEqual(ofRate(200).map(({ forMs, ok }) => [forMs, ok]).slice(0, 2), [[100, 20], [100, 20]]);
    assert.deepEqual(ofRate(50).map(({ atMs, forMs, ok }) => [atMs, forMs, ok]).slice(0, 2), [[100, 200, 10], [300, 200, 10]]);
    assert.deepEqual(ofRate(10).map(({ forMs, ok }) => [forMs, ok]), Array.from({ length: 5 }, () => [1_000, 10]));
  });

  it('are at most 600 slices, however long the run, and lose no request', () => {
    const { slices } = requestsOverTime({ windows: windowsOf(10, 610_000), spacingMs: 100 });
    assert.ok(slices.length <= 600, String(slices.length));
    assert.equal(slices.reduce((sum, { ok }) => sum + ok, 0), 6_100);
  });

  it('tell how many took how long, in ten buckets to a decade', () => {
    const took = [0.01, 1, 1.1, 1.25, 9, 1_500];
    let next = 0;
    const { slices, latency } = requestsOverTime({ windows: windowsOf(60, 100, () => ['ok', took[next++]!]), spacingMs: 16.7 });
    assert.deepEqual(slices[0]!.buckets, { '0.1': 1, '1': 1, '1.26': 2, '10': 1, '1580': 1 });
    assert.equal(Math.round(latency!.max), 1_500);
  });

  it('tell failures by kind, and no latency of what failed', () => {
    const { slices, latencies, latency } = requestsOverTime({
      windows: windowsOf(100, 2_000, (at) => (at < 1_000 ? ['refused', 1] : at < 1_100 ? ['unknown', 0] : ['ok', 2])),
      spacingMs: 10,
    });
    assert.deepEqual(slices[0], { atMs: 50, forMs: 100, ok: 0, failed: { refused: 10 }, unknown: 0, buckets: {} });
    assert.deepEqual(slices[10], { atMs: 1_050, forMs: 100, ok: 0, failed: {}, unknown: 10, buckets: {} });
    assert.deepEqual(latencies, [{ atMs: 1_500, p50: 2, p99: 2, 'p99.9': 2, max: 2 }]);
    assert.deepEqual(latency, { p50: 2, p99: 2, 'p99.9': 2, max: 2 });
  });

  it('are nothing without a window', () => {
    assert.deepEqual(requestsOverTime({ windows: [], spacingMs: 10 }), { slices: [], latencies: [], latency: null });
  });
});
