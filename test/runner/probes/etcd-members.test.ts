import assert from 'node:assert/strict';
import etcdMembers from '../../../runner/probes/etcd-members.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { askOnce, sampleContext, sampleFleet } from './sample-fleet.ts';

async function setUp(size = 3) {
  const clock = simulatedClock();
  const fleet = sampleFleet(size, clock);
  const context = sampleContext(clock, { fleet });
  const probe = await clock.until(etcdMembers.open({ kind: 'etcd-members', behind: 50 }, context));
  const states = (name: string): string[] => context.milestones.filter(({ subject }) => subject === name).map(({ state }) => state);
  return { clock, all: fleet.all, context, probe, states };
}

describe('etcd-members', () => {
  it('is good when all are there, follow one leader and have caught up', async () => {
    const { probe, clock } = await setUp();
    assert.deepEqual(await askOnce(probe, clock), { value: 'good', tookMs: 2 });
  });

  it('names those that are down', async () => {
    const { probe, clock, all } = await setUp(9);
    for (const index of [0, 3]) all[index]!.mood = 'refused';
    assert.equal((await askOnce(probe, clock)).why, 'down: peer-1, peer-4');
    for (const member of all) member.mood = 'refused';
    assert.equal((await askOnce(probe, clock)).why, 'down: peer-1, peer-2, peer-3, peer-4, peer-5 and 4 more');
  });

  it('names a silent member before the question itself is over', async () => {
    const { probe, clock, all } = await setUp();
    all[2]!.mood = 'silent';
    const { why, tookMs } = await askOnce(probe, clock);
    assert.equal(why, 'down: peer-3');
    assert.ok(tookMs < 1000);
  });

  it('calls a member behind that lacks what was committed before it was asked', async () => {
    const { probe, clock, all, states } = await setUp();
    all[0]!.raftIndex = 2000;
    all[1]!.raftIndex = 2000;
    all[2]!.raftIndex = 1900;
    await askOnce(probe, clock);
    assert.equal((await askOnce(probe, clock)).why, 'behind: peer-3');
    all[2]!.raftIndex = 1950;
    assert.equal((await askOnce(probe, clock)).value, 'good');
    assert.deepEqual(states('peer-3'), ['up', 'behind', 'up']);
  });

  it("records each member's role, term, log index and how far it is behind", async () => {
    const { probe, clock, all, context } = await setUp();
    for (const member of all) member.raftIndex = 2000;
    await askOnce(probe, clock);
    const roles = context.milestones.map(({ subject, detail }) => [subject, detail?.['role'], detail?.['raftIndex'], detail?.['lag']]);
    assert.deepEqual(roles, [['peer-1', 'leader', 2000, 0], ['peer-2', 'follower', 2000, 0], ['peer-3', 'follower', 2000, 0]]);
    assert.ok(context.milestones.every(({ detail }) => typeof detail?.['term'] === 'number'));
  });

  it('does not call members behind because writes go on while they are asked', async () => {
    const { probe, clock, all } = await setUp();
    all[0]!.raftIndex = 5000;
    assert.equal((await askOnce(probe, clock)).value, 'good');
  });

  it('calls a member behind that follows nobody', async () => {
    const { probe, clock, all } = await setUp();
    all[2]!.leader = undefined;
    assert.equal((await askOnce(probe, clock)).why, 'behind: peer-3');
  });

  it('is bad when the members follow different leaders', async () => {
    const { probe, clock, all } = await setUp();
    all[2]!.leader = '2';
    assert.equal((await askOnce(probe, clock)).why, 'not all follow the same leader');
  });

  it('does not take an empty member of another cluster for the one that was there', async () => {
    const { probe, clock, all, context } = await setUp();
    all[2]!.clusterId = 'another';
    assert.equal((await askOnce(probe, clock)).why, 'down: peer-3');
    assert.equal(context.milestones.at(-1)?.detail?.['why'], 'another member answers in its place');
  });

  it('tells when a member went and came back, and dates silence back to when it was asked', async () => {
    const { probe, clock, all, context } = await setUp();
    const firstMs = clock.now();
    await askOnce(probe, clock);
    await clock.advance(200);
    const silentMs = clock.now();
    all[2]!.mood = 'silent';
    await askOnce(probe, clock);
    await clock.advance(200);
    const backMs = clock.now();
    all[2]!.mood = 'well';
    await askOnce(probe, clock);
    const told = context.milestones.filter(({ subject }) => subject === 'peer-3').map(({ state, notYet, seen }) => ({ state, notYet, seen }));
    assert.deepEqual(told, [
      { state: 'up', notYet: null, seen: firstMs + 2 },
      { state: 'down', notYet: firstMs, seen: silentMs + 2 },
      { state: 'up', notYet: silentMs, seen: backMs + 2 },
    ]);
  });
});
