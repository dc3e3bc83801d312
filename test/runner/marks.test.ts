import assert from 'node:assert/strict';
import { waitUntil } from '../../runner/marks.ts';
import { simulatedClock } from './simulated-clock.ts';

describe('waiting for what an undo has to see', () => {
  it('ends as soon as it is so', async () => {
    const clock = simulatedClock();
    const startMs = clock.now();
    let looks = 0;
    await clock.until(waitUntil({ clock, signal: new AbortController().signal }, 10_000, 'never', async () => ++looks === 5));
    assert.ok(clock.now() < startMs + 2_000);
  });

  it('says what it waited for when its own time is over', async () => {
    const clock = simulatedClock();
    const startMs = clock.now();
    const waiting = waitUntil({ clock, signal: new AbortController().signal }, 10_000, 'still suspended: peer-1', async () => false);
    await assert.rejects(clock.until(waiting), /^Error: still suspended: peer-1$/);
    assert.ok(clock.now() >= startMs + 10_000);
  });

  it('tells what it waits for, and when it does no more', async () => {
    const clock = simulatedClock();
    const told: (string | undefined)[] = [];
    const context = { clock, signal: new AbortController().signal, awaits: (what: string | undefined) => void told.push(what) };
    await clock.until(waitUntil(context, 10_000, 'still suspended: peer-1', async () => true));
    assert.deepEqual(told, ['still suspended: peer-1', undefined]);
  });
});
