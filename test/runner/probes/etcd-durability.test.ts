import assert from 'node:assert/strict';
import etcdDurability from '../../../runner/probes/etcd-durability.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { askOnce, sampleContext, sampleFleet } from './sample-fleet.ts';

async function setUp() {
  const clock = simulatedClock();
  const fleet = sampleFleet(3, clock);
  const context = sampleContext(clock, { fleet, timeoutMs: 2000 });
  const probe = await clock.until(etcdDurability.open({ kind: 'etcd-durability' }, context));
  return { clock, fleet, context, probe, ask: () => askOnce(probe, clock) };
}

describe('etcd-durability', () => {
  it('is good while every entry that was acknowledged can be read', async () => {
    const { ask, fleet } = await setUp();
    for (let n = 0; n < 5; n += 1) assert.equal((await ask()).value, 'good');
    assert.equal(fleet.stored.size, 5);
  });

  it('names the first entry that was acknowledged and is missing, again and again', async () => {
    const { ask, fleet } = await setUp();
    for (let n = 0; n < 4; n += 1) await ask();
    fleet.stored.delete('drills/run-1/mine/00000003');
    assert.equal((await ask()).why, 'entry 3 acknowledged and missing');
    fleet.stored.delete('drills/run-1/mine/00000004');
    const later = await ask();
    assert.equal(later.why, 'entry 3 and later ones acknowledged and missing');
    assert.deepEqual(later.detail, { missing: 2, entries: 6 });
  });

  it('knows nothing while nobody can be asked, and owes nothing for what was not acknowledged', async () => {
    const { ask, fleet } = await setUp();
    await ask();
    for (const member of fleet.all) member.mood = 'refused';
    assert.deepEqual(await ask(), { value: 'unknown', why: "the ledger can't be read: connection refused", tookMs: 0 });
    for (const member of fleet.all) member.mood = 'well';
    assert.equal((await ask()).value, 'good');
  });

  it('is unknown within its time while all are silent', async () => {
    const { ask, fleet } = await setUp();
    for (const member of fleet.all) member.mood = 'silent';
    const answer = await ask();
    assert.equal(answer.value, 'unknown');
    assert.ok(answer.tookMs <= 2000, `${answer.tookMs} ms`);
  });

  it('goes on to the next member when one is silent', async () => {
    const { ask, fleet } = await setUp();
    fleet.all[0]!.mood = 'silent';
    for (let n = 0; n < 3; n += 1) assert.equal((await ask()).value, 'good');
  });

  it('says that its own write failed, and reads all the same', async () => {
    const { ask, fleet } = await setUp();
    for (const member of fleet.all) member.writeError = 'etcdserver: no space';
    assert.deepEqual((await ask()).detail, { write: 'etcdserver: no space' });
  });

  it('takes its keys away at the end', async () => {
    const { probe, clock, fleet } = await setUp();
    await clock.until(probe.close());
    assert.deepEqual(fleet.deleted, ['drills/run-1/mine/']);
  });
});
