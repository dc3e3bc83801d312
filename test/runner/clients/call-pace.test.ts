import assert from 'node:assert/strict';
import { callPace } from '../../../runner/clients/call-pace.ts';
import { simulatedClock } from '../simulated-clock.ts';

describe('the pace of AWS calls', () => {
  it('lets a few pass at once, and counts them by action', async () => {
    const pace = callPace(simulatedClock());
    for (let n = 0; n < 5; n += 1) await pace.turn(n < 3 ? 'DescribeInstances' : 'StopInstances');
    assert.deepEqual([...pace.byAction], [['DescribeInstances', 3], ['StopInstances', 2]]);
    assert.equal(pace.mostInASecond(), 5);
  });

  it('never lets ten pass within a second, however many want to', async () => {
    const clock = simulatedClock();
    const pace = callPace(clock);
    const times: number[] = [];
    await clock.until(
      Promise.all(
        Array.from({ length: 60 }, async () => {
          await pace.turn('DescribeInstances');
          times.push(clock.now());
        }),
      ),
    );
    assert.equal(times.length, 60);
    for (const from of times) assert.ok(times.filter((at) => at >= from && at < from + 1_000).length < 10, `from ${from}`);
    assert.equal(pace.mostInASecond(), 9);
  });

  it('lets what changes something go first', async () => {
    const clock = simulatedClock();
    const pace = callPace(clock);
    const order: string[] = [];
    const wanted = [...Array.from({ length: 12 }, () => 'DescribeInstances'), 'TerminateInstances'];
    await clock.until(
      Promise.all(
        wanted.map(async (action) => {
          await pace.turn(action);
          order.push(action);
        }),
      ),
    );
    assert.equal(order.indexOf('TerminateInstances'), 9);
  });
});
