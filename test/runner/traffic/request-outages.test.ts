import assert from 'node:assert/strict';
import fc from 'fast-check';
import { arrivalsAt } from '../../../runner/traffic/arrivals.ts';
import { startOpenLoop } from '../../../runner/traffic/open-loop.ts';
import type { Sender } from '../../../runner/traffic/outcome.ts';
import { findRequestOutages } from '../../../runner/traffic/request-outages.ts';
import { valueOfWindow } from '../../../runner/traffic/window-value.ts';
import type { RequestWindow } from '../../../runner/traffic/window.ts';
import { simulatedClock } from '../simulated-clock.ts';

interface World {
  readonly fromMs: number;
  readonly forMs: number;
  /** Refused, or never answered. */
  readonly silent: boolean;
  readonly rate: number;
  readonly latenciesMs: readonly number[];
}

const timeoutMs = 250;
const runsMs = 2_600;

/** A service that is away for a while, as its requests reach it: half of a latency after they were sent. */
async function windowsOf({ fromMs, forMs, silent, rate, latenciesMs }: World): Promise<RequestWindow[]> {
  const clock = simulatedClock(0);
  const windows: RequestWindow[] = [];
  let sent = 0;
  const sender: Sender = {
    send(done) {
      const latencyMs = latenciesMs[sent++ % latenciesMs.length]!;
      const reachedMs = clock.now() + latencyMs / 2;
      const isAway = reachedMs >= fromMs && reachedMs < fromMs + forMs;
      if (isAway && silent) return () => {};
      return clock.schedule(clock.now() + latencyMs, () => done(isAway ? 'refused' : 'ok'));
    },
    close: () => {},
  };
  const loop = startOpenLoop({ sender, arrivals: arrivalsAt(rate), startAtMs: 0, windowMs: 100, timeoutMs, clock, record: (window) => windows.push(window), blind: () => {} });
  await clock.advance(runsMs);
  await loop.stop();
  return windows.sort((a, b) => a.fromMs - b.fromMs);
}

const worlds: fc.Arbitrary<World> = fc.record({
  fromMs: fc.double({ min: 800, max: 1_200, noNaN: true }),
  forMs: fc.double({ min: 60, max: 900, noNaN: true }),
  silent: fc.boolean(),
  rate: fc.constantFrom(50, 100, 333),
  latenciesMs: fc.array(fc.double({ min: 1, max: 8, noNaN: true }), { minLength: 1, maxLength: 7 }),
});

describe('an outage in windows of requests', () => {
  it('is found, once, and the truth lies within its error bars', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const windows = await windowsOf(world);
        const { outages } = findRequestOutages(windows.map((window) => ({ window, value: valueOfWindow(window, 0).value })), 1_000 / world.rate);
        assert.equal(outages.length, 1, JSON.stringify(outages));
        const { start, end, length, lengthMs } = outages[0]!;
        const endMs = world.fromMs + world.forMs;
        const says = JSON.stringify(outages[0]);
        assert.ok(start.min <= world.fromMs && world.fromMs <= start.max, `began at ${world.fromMs}: ${says}`);
        assert.ok(end && end.min <= endMs && endMs <= end.max, `ended at ${endMs}: ${says}`);
        assert.ok(length.min <= world.forMs && world.forMs <= length.max);
        // Two distances, a latency, and where nothing is heard what makes a silence certain.
        assert.ok(length.max - length.min <= 2 * (1_000 / world.rate) + 40, `for ${world.forMs}: ${says}`);
        assert.ok(Math.abs(lengthMs - world.forMs) <= 1_000 / world.rate + 8, `${lengthMs} for ${world.forMs}`);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });

  it('is none where a single request failed, and two where failures are far apart', async () => {
    const find = (windows: readonly RequestWindow[]) => findRequestOutages(windows.map((window) => ({ window, value: valueOfWindow(window, 0).value })), 10).outages;
    const base = { rate: 100, latenciesMs: [2], silent: false };
    assert.deepEqual(find(await windowsOf({ ...base, fromMs: 1_005, forMs: 10 })), []);
    const first = await windowsOf({ ...base, fromMs: 1_000, forMs: 40 });
    const second = await windowsOf({ ...base, fromMs: 1_160, forMs: 40 });
    const both = first.map((window, index) => (window.fromMs >= 1_100 ? second[index]! : window));
    assert.deepEqual(find(both).map(({ lengthMs }) => Math.round(lengthMs)), [40, 40]);
  });

  it('is not over when the run ends before it', async () => {
    const windows = await windowsOf({ fromMs: 1_000, forMs: 10_000, silent: false, rate: 100, latenciesMs: [2] });
    const { outages } = findRequestOutages(windows.map((window) => ({ window, value: valueOfWindow(window, 0).value })), 10);
    assert.equal(outages.length, 1);
    assert.equal(outages[0]!.end, null);
    assert.equal(outages[0]!.length.max, Infinity);
    assert.ok(outages[0]!.length.min > 1_500);
  });
});
