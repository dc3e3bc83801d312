import assert from 'node:assert/strict';
import etcdHash from '../../../runner/probes/etcd-hash.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { askOnce, sampleContext, sampleFleet } from './sample-fleet.ts';

async function setUp() {
  const clock = simulatedClock();
  const fleet = sampleFleet(3, clock);
  const probe = await clock.until(etcdHash.open({ kind: 'etcd-hash' }, sampleContext(clock, { fleet, timeoutMs: 2000 })));
  return { fleet, ask: () => askOnce(probe, clock) };
}

describe('etcd-hash', () => {
  it('is good when all members hold the same', async () => {
    const { ask } = await setUp();
    assert.equal((await ask()).value, 'good');
  });

  it('compares at the revision of the one that is furthest behind', async () => {
    const { ask, fleet } = await setUp();
    fleet.all[1]!.revision = 480;
    assert.equal((await ask()).value, 'good');
  });

  it('names the member that holds something else', async () => {
    const { ask, fleet } = await setUp();
    fleet.all[2]!.hash = 'other';
    assert.equal((await ask()).value, 'bad');
    assert.equal((await ask()).why, 'other data than most: peer-3');
  });

  it('knows nothing while a member is missing', async () => {
    const { ask, fleet } = await setUp();
    fleet.all[0]!.mood = 'refused';
    assert.deepEqual({ ...(await ask()), tookMs: 0 }, { value: 'unknown', why: "can't be told without peer-1", tookMs: 0 });
  });

  it('does not compare what was compacted differently', async () => {
    const { ask, fleet } = await setUp();
    fleet.all[0]!.compactRevision = '400';
    assert.equal((await ask()).value, 'unknown');
  });
});
