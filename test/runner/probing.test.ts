import assert from 'node:assert/strict';
import type { Answer } from '../../runner/probe.ts';
import { startStream } from '../../runner/probing.ts';
import { simulatedClock, type SimulatedClock } from './simulated-clock.ts';

type Seen = [start: number, end: number, value: string, why?: string];

/** Starts a stream on a clock that stands at 1000; times are told from there. */
function watch(
  clock: SimulatedClock,
  ask: (signal: AbortSignal, index: number) => Promise<Answer>,
  { everyMs = 20, timeoutMs = 1_000 } = {},
) {
  const seen: Seen[] = [];
  const blind: [number, number][] = [];
  let asked = 0;
  const running = startStream({
    stream: { name: 'writes', ask: (signal) => ask(signal, asked++) },
    everyMs,
    timeoutMs,
    clock,
    startAtMs: 1_000,
    record: (start, end, answer) =>
      seen.push([start - 1_000, end - 1_000, answer.value, ...(answer.why === undefined ? [] : [answer.why])] as Seen),
    blind: (from, to) => blind.push([from - 1_000, to - 1_000]),
  });
  return { seen, blind, stop: () => running.stop(), asked: () => asked };
}

const good: Answer = { value: 'good' };

describe('a probe', () => {
  it('asks at the times fixed in advance, without drift', async () => {
    const clock = simulatedClock();
    const stream = watch(clock, async () => good);
    await clock.advance(99);
    assert.deepEqual(stream.seen.map(([start]) => start), [0, 20, 40, 60, 80]);
    await clock.advance(600_000);
    assert.equal(stream.seen.at(-1)?.[0], 600_080);
    assert.equal(stream.seen.length, 30_005);
    await stream.stop();
  });

  it('is not held up by a question that takes long', async () => {
    const clock = simulatedClock();
    const stream = watch(clock, async (_, index) => {
      if (index === 1) await clock.sleep(500);
      return good;
    });
    await clock.advance(600);
    assert.deepEqual(stream.seen.find(([start]) => start === 20), [20, 520, 'good']);
    assert.equal(stream.asked(), 31);
    await stream.stop();
  });

  it('gives up on a question at its own deadline, even one that ignores its signal', async () => {
    const clock = simulatedClock();
    let aborted = 0;
    const stream = watch(clock, (signal, index) => {
      signal.addEventListener('abort', () => aborted++);
      return index === 0 ? clock.sleep(1_500).then(() => good) : Promise.resolve(good);
    });
    await clock.advance(2_000);
    assert.deepEqual(stream.seen.filter(([start]) => start === 0), [[0, 1_000, 'bad', 'no answer within 1s']]);
    assert.equal(aborted, 1);
    await stream.stop();
  });

  it('tells what a question threw, in one short line', async () => {
    const clock = simulatedClock();
    const stream = watch(clock, async (_, index) => {
      throw index === 0 ? new Error('connection\n  refused') : new Error('x'.repeat(500));
    });
    await clock.advance(30);
    assert.deepEqual(stream.seen[0], [0, 0, 'bad', 'connection refused']);
    assert.equal(stream.seen[1]?.[3]?.length, 120);
    await stream.stop();
  });

  it('takes what is thrown before there is a promise for a bad answer too', async () => {
    const clock = simulatedClock();
    const stream = watch(clock, () => {
      throw new Error('closed');
    });
    await clock.advance(10);
    assert.deepEqual(stream.seen, [[0, 0, 'bad', 'closed']]);
    await stream.stop();
  });

  it('has as many questions under way as its deadline allows', async () => {
    const clock = simulatedClock();
    const stream = watch(clock, () => new Promise(() => {}), { everyMs: 10, timeoutMs: 1_000 });
    await clock.advance(5_000);
    assert.ok(stream.seen.length >= 400);
    assert.ok(stream.seen.every(([start, end, value]) => value === 'bad' && end - start === 1_000));
    await stream.stop();
  });

  it('is blind while the process stands still, and does not make up for it', async () => {
    const clock = simulatedClock();
    const stream = watch(clock, async () => good);
    await clock.advance(50);
    clock.standStill(500);
    await clock.advance(50);
    assert.deepEqual(stream.blind, [[60, 550]]);
    assert.deepEqual(stream.seen.map(([start]) => start), [0, 20, 40, 550, 560, 580, 600]);
    await stream.stop();
  });

  it('reads the answers that came while the process stood still before it gives up on them', async () => {
    const clock = simulatedClock();
    const stream = watch(clock, () => clock.sleep(30).then(() => good), { everyMs: 200, timeoutMs: 100 });
    await clock.advance(210);
    clock.standStill(300);
    await clock.advance(100);
    assert.deepEqual(stream.seen.find(([start]) => start === 200), [200, 510, 'good']);
    await stream.stop();
  });

  it('does not call silent what it may not have heard: the process stood still for most of the time', async () => {
    const clock = simulatedClock();
    const stream = watch(clock, (_, index) => (index === 1 ? new Promise(() => {}) : Promise.resolve(good)), { everyMs: 200, timeoutMs: 100 });
    await clock.advance(210);
    clock.standStill(300);
    await clock.advance(100);
    assert.deepEqual(stream.seen.find(([start]) => start === 200)?.[2], 'unknown');
    await stream.stop();
  });

  it('does not call silent what was asked while the process stood still again and again', async () => {
    const clock = simulatedClock();
    const stream = watch(clock, (_, index) => (index === 1 ? new Promise(() => {}) : Promise.resolve(good)), { everyMs: 20, timeoutMs: 400 });
    await clock.advance(30);
    for (let times = 0; times < 6; times += 1) {
      clock.standStill(50);
      await clock.advance(20);
    }
    await clock.advance(400);
    assert.deepEqual(stream.seen.find(([start]) => start === 20)?.slice(2), ['unknown', 'firedrill stood still while it waited']);
    await stream.stop();
  });

  it('calls silent what stayed unanswered although the process stood still for a while', async () => {
    const clock = simulatedClock();
    const stream = watch(clock, (_, index) => (index === 1 ? new Promise(() => {}) : Promise.resolve(good)), { everyMs: 20, timeoutMs: 400 });
    await clock.advance(30);
    clock.standStill(100);
    await clock.advance(600);
    assert.equal(stream.seen.find(([start]) => start === 20)?.[2], 'bad');
    await stream.stop();
  });

  it('records what was under way at its stop as unknown, and asks no more', async () => {
    const clock = simulatedClock();
    const stream = watch(clock, (_, index) => (index < 2 ? Promise.resolve(good) : new Promise(() => {})));
    await clock.advance(50);
    await stream.stop();
    await stream.stop();
    await clock.advance(5_000);
    assert.deepEqual(stream.seen, [
      [0, 0, 'good'],
      [20, 20, 'good'],
      [40, 50, 'unknown', 'cut off by the end of the run'],
    ]);
  });

  it('never asks twice at once for a tick, nor leaves one out, with timers that run early', async () => {
    const clock = simulatedClock();
    const early = { ...clock, schedule: (atMs: number, task: () => void) => clock.schedule(atMs - 0.9, task) };
    const stream = watch(early, async () => good);
    await clock.advance(200);
    assert.equal(stream.seen.length, 11);
    assert.deepEqual(stream.blind, []);
    await stream.stop();
  });
});
