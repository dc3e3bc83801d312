import assert from 'node:assert/strict';
import { scheduleOnceRead } from '../../runner/patience.ts';
import { simulatedClock } from './simulated-clock.ts';

describe('a deadline', () => {
  it('is called on time', async () => {
    const clock = simulatedClock();
    const startMs = clock.now();
    let calledMs: number | undefined;
    scheduleOnceRead(clock, startMs + 100, () => (calledMs = clock.now()));
    await clock.advance(1000);
    assert.equal(calledMs, startMs + 100);
  });

  it('lets what came meanwhile be read first when the process stood still', async () => {
    const clock = simulatedClock();
    const order: string[] = [];
    scheduleOnceRead(clock, clock.now() + 100, () => order.push('deadline'));
    clock.schedule(clock.now() + 200, () => order.push('answer'));
    clock.standStill(5000);
    await clock.advance(100);
    assert.deepEqual(order, ['answer', 'deadline']);
  });

  it('can be taken back, also in between', async () => {
    const clock = simulatedClock();
    const takeBack = scheduleOnceRead(clock, clock.now() + 100, () => assert.fail('called'));
    clock.schedule(clock.now() + 200, takeBack);
    clock.standStill(5000);
    await clock.advance(100);
  });
});
