import assert from 'node:assert/strict';
import { ExpectedError } from '../../../runner/errors.ts';
import etcdQuorum from '../../../runner/probes/etcd-quorum.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { askOnce, sampleContext, sampleFleet } from './sample-fleet.ts';

async function setUp({ size = 5, election = 0 } = {}) {
  const clock = simulatedClock();
  const fleet = sampleFleet(size, clock);
  const context = sampleContext(clock, { fleet });
  const probe = await clock.until(etcdQuorum.open({ kind: 'etcd-quorum', election }, context));
  return { clock, all: fleet.all, context, probe };
}

describe('etcd-quorum', () => {
  it('is good when all follow one leader', async () => {
    const { probe, clock } = await setUp();
    assert.deepEqual(await askOnce(probe, clock), { value: 'good', tookMs: 2 });
  });

  it('is good with the smallest majority, and does not wait for members that hang', async () => {
    const { probe, clock, all } = await setUp();
    for (const member of all.slice(3)) member.mood = 'silent';
    assert.deepEqual(await askOnce(probe, clock), { value: 'good', tookMs: 2 });
  });

  it('is bad when one fewer answers', async () => {
    const { probe, clock, all } = await setUp();
    for (const member of all.slice(2)) member.mood = 'refused';
    assert.deepEqual(await askOnce(probe, clock), { value: 'bad', why: 'fewer than 3 of 5 voters answer', tookMs: 0 });
  });

  it('is bad when the followers still believe in a leader that says nothing', async () => {
    const { probe, clock, all } = await setUp();
    await askOnce(probe, clock);
    all[0]!.mood = 'silent';
    const answer = await askOnce(probe, clock);
    assert.equal(answer.value, 'bad');
    assert.equal(answer.why, 'a majority answers, without a common leader');
  });

  it('takes less time for a bad answer when members have been silent for long', async () => {
    const { probe, clock, all } = await setUp();
    for (const member of all.slice(2)) member.mood = 'silent';
    const first = probe.streams[0]!.ask(new AbortController().signal);
    await clock.advance(3000);
    await first;
    const { why, tookMs } = await askOnce(probe, clock);
    assert.equal(why, 'fewer than 3 of 5 voters answer');
    assert.ok(tookMs <= 300);
  });

  it('is bad when the majority follows one leader in different terms', async () => {
    const { probe, clock, all } = await setUp();
    all[1]!.term = 3;
    all[2]!.term = 3;
    all[3]!.term = 4;
    assert.equal((await askOnce(probe, clock)).value, 'bad');
  });

  it('does not take another cluster at the address of a member for that member', async () => {
    const { probe, clock, all } = await setUp({ size: 3 });
    all[1]!.clusterId = 'another';
    all[2]!.clusterId = 'another';
    assert.equal((await askOnce(probe, clock)).why, 'fewer than 2 of 3 voters answer');
  });

  it('gives learners no vote', async () => {
    const clock = simulatedClock();
    const fleet = sampleFleet(5, clock);
    fleet.all[3]!.learner = true;
    fleet.all[4]!.learner = true;
    const probe = await clock.until(etcdQuorum.open({ kind: 'etcd-quorum', election: 0 }, sampleContext(clock, { fleet })));
    fleet.all[2]!.mood = 'silent';
    assert.equal((await askOnce(probe, clock)).value, 'good');
    fleet.all[1]!.mood = 'refused';
    assert.equal((await askOnce(probe, clock)).why, 'fewer than 2 of 3 voters answer');
  });

  it('counts an election as good for as long as the drill allows, and no longer', async () => {
    const { probe, clock, all } = await setUp({ election: 2000 });
    await askOnce(probe, clock);
    for (const member of all) member.leader = undefined;
    assert.deepEqual(await askOnce(probe, clock), { value: 'good', why: 'election', tookMs: 2 });
    await clock.advance(2500);
    assert.equal((await askOnce(probe, clock)).value, 'bad');
  });

  it('never counts a lost majority as an election', async () => {
    const { probe, clock, all } = await setUp({ election: 60_000 });
    await askOnce(probe, clock);
    for (const member of all.slice(2)) member.mood = 'refused';
    assert.equal((await askOnce(probe, clock)).value, 'bad');
  });

  it('knows nothing when the machine that asks has no network', async () => {
    const { probe, clock, all, context } = await setUp({ size: 3 });
    for (const member of all) member.mood = 'refused';
    const { members } = (await context.world.etcd()) as ReturnType<typeof sampleFleet>;
    for (const member of members) Object.assign(member, { status: async () => Promise.reject(new Error('no route to the network')) });
    assert.equal((await askOnce(probe, clock)).value, 'unknown');
  });

  it('tells when the leader was lost and when another was found, each with its interval', async () => {
    const { probe, clock, all, context } = await setUp();
    const firstMs = clock.now();
    await askOnce(probe, clock);
    await clock.advance(100);
    const goneMs = clock.now();
    for (const member of all) member.leader = undefined;
    await askOnce(probe, clock);
    await clock.advance(100);
    const backMs = clock.now();
    for (const member of all) Object.assign(member, { leader: '2', term: 3 });
    await askOnce(probe, clock);
    const told = context.milestones.map(({ state, detail, notYet, seen }) => ({ state, term: detail?.['term'], notYet, seen }));
    assert.deepEqual(told, [
      { state: 'peer-1', term: 2, notYet: null, seen: firstMs + 2 },
      { state: 'none', term: 2, notYet: firstMs, seen: goneMs + 2 },
      { state: 'peer-2', term: 3, notYet: goneMs, seen: backMs + 2 },
    ]);
  });

  it('keeps the voters it knew while no member can tell them', async () => {
    const { probe, clock, all } = await setUp({ size: 3 });
    for (const member of all) member.mood = 'silent';
    await clock.advance(10_000);
    assert.equal((await askOnce(probe, clock)).why, 'fewer than 2 of 3 voters answer');
    for (const member of all) member.mood = 'well';
    await clock.advance(10_000);
    assert.equal((await askOnce(probe, clock)).value, 'good');
  });

  it('can not be opened when no member answers', async () => {
    const clock = simulatedClock();
    const fleet = sampleFleet(3, clock);
    for (const member of fleet.all) member.mood = 'refused';
    const opening = etcdQuorum.open({ kind: 'etcd-quorum', election: 0 }, sampleContext(clock, { fleet }));
    await assert.rejects(clock.until(opening), (error) => error instanceof ExpectedError && /mine.*connection refused/.test(error.message));
  });
});
