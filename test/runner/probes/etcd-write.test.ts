import assert from 'node:assert/strict';
import etcdWrite from '../../../runner/probes/etcd-write.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { askOnce, sampleContext, sampleFleet } from './sample-fleet.ts';

async function setUp({ size = 3, via = 'any', timeoutMs = 1000 }: { size?: number; via?: 'any' | 'each'; timeoutMs?: number } = {}) {
  const clock = simulatedClock();
  const fleet = sampleFleet(size, clock);
  const context = sampleContext(clock, { fleet, timeoutMs });
  const probe = await clock.until(etcdWrite.open({ kind: 'etcd-write', hedge: 200, via }, context));
  return { clock, fleet, all: fleet.all, context, probe };
}

describe('etcd-write', () => {
  it('starts from the next member each time, and says who took it', async () => {
    const { probe, clock, fleet } = await setUp();
    for (const by of ['peer-1', 'peer-2', 'peer-3', 'peer-1']) {
      assert.deepEqual(await askOnce(probe, clock), { value: 'good', detail: { by, tries: 1 }, tookMs: 2 });
    }
    assert.deepEqual(fleet.writes.map(({ member }) => member), ['peer-1', 'peer-2', 'peer-3', 'peer-1']);
  });

  it('moves on at once when refused, and says who took it after how many tries', async () => {
    const { probe, clock, all } = await setUp();
    all[0]!.mood = 'refused';
    assert.deepEqual(await askOnce(probe, clock), { value: 'good', detail: { by: 'peer-2', tries: 2 }, tookMs: 2 });
  });

  it('asks the next as well after the hedge when one is silent', async () => {
    const { probe, clock, all } = await setUp();
    all[0]!.mood = 'silent';
    assert.deepEqual(await askOnce(probe, clock), { value: 'good', detail: { by: 'peer-2', tries: 2 }, tookMs: 202 });
  });

  it('takes the first acknowledgement, also from a member that was given up on', async () => {
    const { probe, clock, all } = await setUp();
    all[0]!.tookMs = 300;
    all[1]!.tookMs = 900;
    assert.deepEqual(await askOnce(probe, clock), { value: 'good', detail: { by: 'peer-1', tries: 2 }, tookMs: 300 });
  });

  it('is bad when every member says no, with the most frequent reason', async () => {
    const { probe, clock, all } = await setUp();
    all[0]!.mood = 'refused';
    all[1]!.writeError = 'etcdserver: no leader';
    all[2]!.writeError = 'etcdserver: no leader';
    assert.deepEqual(await askOnce(probe, clock), { value: 'bad', why: 'etcdserver: no leader', detail: { tries: 3 }, tookMs: 4 });
  });

  it('asks no member twice for one write, and none after the deadline', async () => {
    const { probe, clock, fleet } = await setUp({ size: 9, timeoutMs: 500 });
    for (const member of fleet.all) member.mood = 'silent';
    const asking = probe.streams[0]!.ask(new AbortController().signal);
    await clock.advance(3000);
    assert.deepEqual(fleet.writes.map(({ member }) => member), ['peer-1', 'peer-2', 'peer-3']);
    assert.equal(await Promise.race([asking, Promise.resolve('open')]), 'open', 'the deadline is for the engine to call');
  });

  it('gives a stream for each member when asked to', async () => {
    const { probe, clock, all } = await setUp({ via: 'each' });
    all[1]!.writeError = 'etcdserver: no leader';
    assert.deepEqual(probe.streams.map(({ name }) => name), ['mine/peer-1', 'mine/peer-2', 'mine/peer-3']);
    const answers = await clock.until(Promise.allSettled(probe.streams.map((stream) => stream.ask(new AbortController().signal))));
    assert.deepEqual(answers.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled']);
  });

  it('writes a few keys below a folder of its own, and takes them away at the end', async () => {
    const { probe, clock, fleet, context } = await setUp();
    for (let tick = 0; tick < 100; tick += 1) await askOnce(probe, clock);
    const keys = new Set(fleet.writes.map(({ key }) => key));
    assert.ok(keys.size <= 16);
    for (const key of keys) assert.match(key, /^drills\/run-1\/mine\/\d+$/);
    await clock.until(probe.close());
    assert.deepEqual(fleet.deleted, ['drills/run-1/mine/']);
    assert.deepEqual(context.notes, []);
    assert.deepEqual(context.lefts, [{ record: { prefix: 'drills/run-1/mine/' }, cleaned: true }]);
  });

  it('has written down what it leaves before it writes anything, and recover deletes that', async () => {
    const { clock, fleet, context } = await setUp();
    assert.deepEqual([fleet.writes, context.lefts], [[], [{ record: { prefix: 'drills/run-1/mine/' }, cleaned: false }]]);
    const { world, run, note } = context;
    await clock.until(etcdWrite.undo!(context.lefts[0]!.record, { world, clock, run, note, signal: new AbortController().signal, spare: () => {} }));
    assert.deepEqual(fleet.deleted, ['drills/run-1/mine/']);
    assert.deepEqual(etcdWrite.byHand!(context.lefts[0]!.record, world.environment), ['etcdctl del --prefix drills/run-1/mine/']);
  });

  it('takes its keys away after the last write that was under way, which would bring one back', async () => {
    const { probe, clock, fleet, all } = await setUp();
    const [slow] = all;
    slow!.tookMs = 700;
    await askOnce(probe, clock);
    assert.equal(fleet.stored.size, 1, 'the second member has acknowledged it');
    fleet.stored.clear();
    await clock.until(probe.close());
    assert.equal(fleet.stored.size, 1, 'the write to the first, slow one came before the deletion');
    assert.deepEqual(fleet.deleted, ['drills/run-1/mine/']);
  });

  it('says which keys stay when they could not be taken away', async () => {
    const { probe, clock, all, context } = await setUp();
    for (const member of all) member.mood = 'refused';
    await clock.until(probe.close());
    assert.equal(context.lefts[0]!.cleaned, false);
    assert.match(context.notes.join(), /drills\/run-1\/mine\/.*connection refused.*etcdctl del --prefix drills\/run-1\/mine\//);
  });
});
