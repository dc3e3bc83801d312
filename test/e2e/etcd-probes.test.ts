import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../runner/clients/connect.ts';
import type { EtcdFleet } from '../../runner/clients/etcd.ts';
import { realClock as clock } from '../../runner/clock.ts';
import { environmentSchema } from '../../runner/environment.ts';
import { createMask } from '../../runner/mask.ts';
import type { Milestone } from '../../runner/journal.ts';
import { takeInventory } from '../../runner/look.ts';
import type { Answer, OpenProbe } from '../../runner/probe.ts';
import etcdMembers from '../../runner/probes/etcd-members.ts';
import etcdQuorum from '../../runner/probes/etcd-quorum.ts';
import etcdWrite from '../../runner/probes/etcd-write.ts';
import { startStream } from '../../runner/probing.ts';
import type { World } from '../../runner/world.ts';
import { startLocalEtcd, type LocalEtcd } from './local-etcd.ts';

const waitMs = 60_000;

describe('probes of a real etcd cluster', () => {
  let etcd: LocalEtcd;
  let world: World;
  let fleet: EtcdFleet;
  const closers: (() => Promise<void>)[] = [];
  const milestones: Milestone[] = [];
  const notes: string[] = [];

  before(async () => {
    etcd = await startLocalEtcd(3);
    world = connect(
      environmentSchema.parse({ name: 'local', etcd: { endpoints: etcd.endpoints, clusterId: '0', prefix: 'drills/' } }),
      { run: 'run-1', version: '0', clock, mask: createMask() },
    );
    fleet = await world.etcd();
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    milestones.length = 0;
    notes.length = 0;
  });
  after(async () => {
    await world.close();
    await etcd.close();
  });

  /** Asks all streams of a probe until the test is over; gives their answers as they come. */
  async function watch(name: string, open: (context: Parameters<typeof etcdQuorum.open>[1]) => Promise<OpenProbe>, everyMs: number) {
    const answers: (Answer & { stream: string })[] = [];
    const probe = await open({
      world,
      clock,
      run: { id: 'run-1', drill: 'd' },
      name,
      timeoutMs: 1000,
      platform: undefined,
      kubernetes: undefined,
      hit: () => [],
      changes: () => [],
      milestone: (milestone) => milestones.push(milestone),
      note: (text) => notes.push(text),
      folder: '',
      leaves: async () => () => {},
      recorded: () => {},
    });
    closers.push(() => probe.close());
    for (const stream of probe.streams) {
      const record = (_start: number, _end: number, answer: Answer) => answers.push({ ...answer, stream: stream.name });
      const running = startStream({ stream, everyMs, timeoutMs: 1000, clock, startAtMs: clock.now(), record, blind: () => {} });
      closers.push(() => running.stop());
    }
    return answers;
  }

  async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + waitMs;
    while (!(await holds())) {
      assert.ok(Date.now() < deadline, `${what}: not seen in time`);
      await sleep(20);
    }
  }

  /** Until the newest answers of each stream are these; gives the reason of the newest. */
  async function untilSteadily(answers: readonly Answer[], value: Answer['value']): Promise<string | undefined> {
    const from = answers.length;
    await until(`${value} answers`, () => answers.length > from + 5 && answers.slice(-5).every((answer) => answer.value === value));
    return answers.at(-1)?.why;
  }

  async function leaderIndex(): Promise<number> {
    let found = -1;
    await until('a leader', async () => {
      const all = await Promise.allSettled(fleet.members.map((member) => member.status(1000)));
      found = all.findIndex((one) => one.status === 'fulfilled' && one.value.leader === one.value.memberId);
      return found >= 0;
    });
    return found;
  }

  it('an inventory tells each member, whom it follows and how far it is', async () => {
    const { etcd: state } = await takeInventory(world, { kubernetes: false });
    assert.equal(state?.members.length, 3);
    assert.match(state.clusterId, /^[0-9a-f]{1,16}$/);
    const leaders = new Set(state.members.map(({ status }) => status?.leader));
    assert.equal(leaders.size, 1);
    assert.ok(state.members.some(({ id }) => leaders.has(id)));
  });

  it('they see a follower die and come back, while writes go on', async () => {
    const quorum = await watch('quorum', (context) => etcdQuorum.open({ kind: 'etcd-quorum', election: 0 }, context), 50);
    const writes = await watch('writes', (context) => etcdWrite.open({ kind: 'etcd-write', via: 'any', hedge: 200 }, context), 20);
    const members = await watch('members', (context) => etcdMembers.open({ kind: 'etcd-members', behind: 50 }, context), 100);
    await untilSteadily(members, 'good');
    const follower = ((await leaderIndex()) + 1) % 3;
    const { name } = fleet.members[follower]!;
    await etcd.kill(follower);
    assert.equal(await untilSteadily(members, 'bad'), `down: ${name}`);
    await untilSteadily(writes, 'good');
    await untilSteadily(quorum, 'good');
    await until('a write at the second try', () => writes.some(({ detail }) => detail?.['tries'] === 2));
    etcd.start(follower);
    await untilSteadily(members, 'good');
    const states = milestones.filter(({ facet, subject }) => facet === 'member' && subject === name).map(({ state }) => state);
    assert.deepEqual([states[0], states[1], states.at(-1)], ['up', 'down', 'up']);
  });

  it('they see the leader die and another elected, in a later term', async () => {
    const quorum = await watch('quorum', (context) => etcdQuorum.open({ kind: 'etcd-quorum', election: 0 }, context), 50);
    await untilSteadily(quorum, 'good');
    const leader = await leaderIndex();
    await etcd.kill(leader);
    await until('no leader', () => milestones.some(({ state }) => state === 'none'));
    await untilSteadily(quorum, 'good');
    const told = milestones.filter(({ facet }) => facet === 'leader');
    const [first, last] = [told[0]!, told.at(-1)!];
    assert.equal(first.state, fleet.members[leader]!.name);
    assert.notEqual(last.state, first.state);
    assert.ok(Number(last.detail?.['term']) > Number(first.detail?.['term']));
    for (const { notYet, seen } of told.slice(1)) assert.ok(notYet !== null && notYet <= seen);
    etcd.start(leader);
    await until('the member is back', async () => (await Promise.allSettled(fleet.members.map((one) => one.status(500)))).every((one) => one.status === 'fulfilled'));
  });

  it('they see quorum lost and found again', async () => {
    const quorum = await watch('quorum', (context) => etcdQuorum.open({ kind: 'etcd-quorum', election: 60_000 }, context), 50);
    const each = await watch('each', (context) => etcdWrite.open({ kind: 'etcd-write', via: 'each', hedge: 200 }, context), 50);
    await untilSteadily(quorum, 'good');
    await etcd.kill(0);
    await etcd.kill(1);
    assert.equal(await untilSteadily(quorum, 'bad'), 'fewer than 2 of 3 voters answer');
    await untilSteadily(each, 'bad');
    etcd.start(0);
    etcd.start(1);
    await untilSteadily(quorum, 'good');
    await untilSteadily(each, 'good');
    assert.equal(new Set(each.map(({ stream }) => stream)).size, 3);
  });

  it('a member that hangs neither delays the answer nor is taken for a member that is there', async () => {
    const quorum = await watch('quorum', (context) => etcdQuorum.open({ kind: 'etcd-quorum', election: 0 }, context), 50);
    const members = await watch('members', (context) => etcdMembers.open({ kind: 'etcd-members', behind: 50 }, context), 100);
    await untilSteadily(members, 'good');
    const follower = ((await leaderIndex()) + 1) % 3;
    await etcd.pause(follower);
    try {
      assert.equal(await untilSteadily(members, 'bad'), `down: ${fleet.members[follower]!.name}`);
      await untilSteadily(quorum, 'good');
    } finally {
      etcd.resume(follower);
    }
    await untilSteadily(members, 'good');
  });

  it('they leave no keys behind', async () => {
    const writes = await watch('writes', (context) => etcdWrite.open({ kind: 'etcd-write', via: 'any', hedge: 200 }, context), 20);
    await untilSteadily(writes, 'good');
    for (const close of closers.splice(0).reverse()) await close();
    assert.deepEqual(notes, []);
    assert.equal(await countKeys('drills/'), 0);
  });

  async function countKeys(prefix: string): Promise<number> {
    const key = Buffer.from(prefix);
    const end = Buffer.from(prefix);
    end[end.length - 1]! += 1;
    const body = JSON.stringify({ key: key.toString('base64'), range_end: end.toString('base64'), count_only: true });
    const answer = await fetch(`${etcd.endpoints[0]}/v3/kv/range`, { method: 'POST', body });
    const { count } = (await answer.json()) as { count?: string };
    return Number(count ?? 0);
  }
});
