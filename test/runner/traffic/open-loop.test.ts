import assert from 'node:assert/strict';
import { arrivalsAt } from '../../../runner/traffic/arrivals.ts';
import { Latencies } from '../../../runner/traffic/latencies.ts';
import { startOpenLoop, type OpenLoopOptions } from '../../../runner/traffic/open-loop.ts';
import type { Outcome, Sender } from '../../../runner/traffic/outcome.ts';
import type { RequestWindow } from '../../../runner/traffic/window.ts';
import { SimulatedSender, type Answering } from './simulated-sender.ts';
import { simulatedClock, type SimulatedClock } from '../simulated-clock.ts';

interface Ran {
  readonly windows: RequestWindow[];
  readonly blind: (readonly [number, number])[];
  readonly service: SimulatedSender;
}

/** Sends 100 requests a second from 0 on, in windows of 100 ms, for a while. */
async function ran(
  answer: Answering,
  during: (clock: SimulatedClock) => Promise<void>,
  options: Partial<OpenLoopOptions> = {},
): Promise<Ran> {
  const clock = simulatedClock(0);
  const service = new SimulatedSender(clock, answer);
  const windows: RequestWindow[] = [];
  const blind: [number, number][] = [];
  const loop = startOpenLoop({
    sender: service,
    arrivals: arrivalsAt(100),
    startAtMs: 0,
    windowMs: 100,
    timeoutMs: 250,
    clock,
    record: (window) => windows.push(window),
    blind: (from, to) => blind.push([from, to]),
    ...options,
  });
  await during(clock);
  await loop.stop();
  return { windows: windows.toSorted((a, b) => a.fromMs - b.fromMs), blind, service };
}

const forMs = (durationMs: number) => async (clock: SimulatedClock): Promise<void> => clock.advance(durationMs);

function quantile(window: RequestWindow | undefined, q: number): number {
  assert.ok(window?.latencies);
  const latencies = new Latencies();
  latencies.add(window.latencies);
  return Math.round(latencies.quantile(q).max);
}

describe('an open loop of requests', () => {
  it('sends at times fixed in advance, however slow the answers are', async () => {
    const { service } = await ran(() => ['ok', 200], forMs(995));
    assert.deepEqual(service.sentMs, Array.from({ length: 100 }, (_, n) => n * 10));
  });

  it('counts each window when its requests are settled', async () => {
    const { windows } = await ran(() => ['ok', 5], forMs(1_000));
    const { fromMs, toMs, ok, failed, unknown, lateMs } = windows[3]!;
    assert.deepEqual({ fromMs, toMs, ok, failed, unknown, lateMs }, { fromMs: 300, toMs: 400, ok: 10, failed: {}, unknown: 0, lateMs: 0 });
    assert.equal(quantile(windows[3], 1), 5);
    assert.equal(windows.length, 11);
  });

  it('counts a request that has no answer by its deadline as a timeout, and cancels it', async () => {
    const { windows, service } = await ran((at) => (at >= 200 && at < 300 ? undefined : ['ok', 1]), forMs(1_000));
    assert.deepEqual(windows[2]!.failed, { timeout: 10 });
    assert.equal(windows[2]!.endMs, 540);
    assert.equal(service.cancelled, 10 + windows.at(-1)!.unknown);
  });

  it('tells kinds of failure apart', async () => {
    const kinds: Outcome[] = ['refused', 'reset', '5xx', 'wrong answer', 'dns', 'tls', 'unreachable', 'ok', 'ok', 'ok'];
    const { windows } = await ran((at) => [kinds[(at / 10) % 10]!, 1], forMs(300));
    assert.deepEqual(windows[1]!.failed, { refused: 1, reset: 1, '5xx': 1, 'wrong answer': 1, dns: 1, tls: 1, unreachable: 1 });
    assert.equal(windows[1]!.ok, 3);
  });

  it('says when the good requests around those that failed were due', async () => {
    const { windows } = await ran((at) => [at >= 130 && at < 160 ? 'refused' : 'ok', at === 160 ? 9 : 2], forMs(300));
    assert.deepEqual(windows[1]!.bad, { firstMs: 130, lastMs: 150, settledMs: 132, beforeMs: 120, afterMs: 160, answeredMs: 169 });
    assert.deepEqual(windows[2]!.good, { firstMs: 200, lastMs: 290, answeredMs: 202 });
    assert.equal(windows[2]!.bad, undefined);
  });

  it('counts latency from when a request was due: a harness that is late makes it no shorter', async () => {
    const { windows } = await ran(() => ['ok', 1], async (clock) => {
      await clock.advance(105);
      clock.standStill(40);
      await clock.advance(300);
    });
    // Due at 110, sent at 145, answered at 146.
    assert.equal(quantile(windows[1], 1), 36);
    assert.equal(windows[1]!.lateMs, 35);
    assert.equal(windows[1]!.ok, 10);
  });

  it('does not make up for what fell due while the harness stood still for long: that is unknown, and blind', async () => {
    const { windows, blind, service } = await ran(() => ['ok', 1], async (clock) => {
      await clock.advance(105);
      clock.standStill(500);
      await clock.advance(300);
    });
    assert.deepEqual(windows.map(({ unknown }) => unknown).slice(0, 7), [0, 9, 10, 10, 10, 6, 0]);
    assert.deepEqual(blind, [[110, 605]]);
    assert.deepEqual(service.sentMs.filter((at) => at === 605).length, 5);
    assert.deepEqual(windows[1]!.unsure, { firstMs: 110, lastMs: 190, settledMs: 605, beforeMs: 100, afterMs: null, answeredMs: null });
  });

  it('takes no answer that lay unread for a timeout', async () => {
    const { windows } = await ran(() => ['ok', 245], async (clock) => {
      await clock.advance(105);
      clock.standStill(260);
      await clock.advance(500);
    });
    assert.ok(windows.every(({ failed }) => Object.keys(failed).length === 0), JSON.stringify(windows));
  });

  it('counts as unknown what the end of the run cut off', async () => {
    const { windows, service } = await ran(() => undefined, forMs(195));
    assert.deepEqual(windows.map(({ unknown, failed }) => [unknown, failed]), [[10, {}], [10, {}]]);
    assert.equal(service.cancelled, 20);
    assert.equal(service.closed, true);
  });

  it('holds no more than what is under way within a deadline, however long it runs', async () => {
    let most = 0;
    let open = 0;
    const clock = simulatedClock(0);
    const sender: Sender = {
      send: () => {
        most = Math.max(most, (open += 1));
        return () => (open -= 1);
      },
      close: () => {},
    };
    const loop = startOpenLoop({ sender, arrivals: arrivalsAt(100), startAtMs: 0, windowMs: 100, timeoutMs: 250, clock, record: () => {}, blind: () => {} });
    await clock.advance(20_000);
    await loop.stop();
    assert.ok(most <= 26, `${most} at once`);
  });
});
