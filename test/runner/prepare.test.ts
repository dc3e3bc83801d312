import assert from 'node:assert/strict';
import { EtcdFailure } from '../../runner/clients/etcd-failure.ts';
import type { EtcdFleet, EtcdSelf } from '../../runner/clients/etcd.ts';
import { quorumSum } from '../../runner/plan.ts';
import { prepare } from '../../runner/prepare.ts';
import type { World } from '../../runner/world.ts';
import { Service, serviceKinds } from './engine.ts';
import { sampleEnvironment } from './sample-platform.ts';
import { sampleScenario } from './sample-scenario.ts';
import { simulatedClock } from './simulated-clock.ts';

/** Prepares a drill on a cluster of three of which, at each look, so many answer; the last number goes on. */
async function prepareWith(...answering: readonly number[]) {
  const clock = simulatedClock();
  const ids = ['a', 'b', 'c'];
  const listed = ids.map((id) => ({ id, name: `peer-${id}`, learner: false, peerUrls: [], clientUrls: [`http://${id}:2379`] }));
  const self = (memberId: string) => ({ memberId, clusterId: 'c1', leader: 'a', term: 1, raftIndex: 1, appliedIndex: 1 }) as unknown as EtcdSelf;
  let looks = 0;
  const fleet = {
    members: ids.map((id) => ({ host: id, port: 2379, members: async () => listed })),
    warm: async () => {},
    statuses: async () => {
      const answer = answering[Math.min(looks, answering.length - 1)]!;
      looks += 1;
      return ids.map((id, index) => (index < answer ? self(id) : new EtcdFailure('silent', 'no answer within 800 ms')));
    },
  } as unknown as EtcdFleet;
  const environment = sampleEnvironment({ aws: undefined, etcd: { endpoints: ids.map((id) => `http://${id}:2379`), clusterId: 'c1' } });
  const world = { environment, etcd: async () => fleet } as unknown as World;
  const service = new Service();
  const scenario = sampleScenario({ probes: { p: { kind: 'ping' } }, faults: [{ id: 'f', kind: 'stop', at: 0 }] });
  const prepared = await clock.until(prepare({ scenario, world, kinds: serviceKinds(service), seed: 1, clock }));
  return { looks, down: quorumSum([], prepared.inventory)!.down, refusals: prepared.refusals };
}

describe('a look before a drill', () => {
  it('is one look when every member is healthy', async () => {
    assert.deepEqual(await prepareWith(3), { looks: 1, down: 0, refusals: [] });
  });

  it('is repeated when a member was only late', async () => {
    assert.deepEqual(await prepareWith(1, 2, 3), { looks: 3, down: 0, refusals: [] });
  });

  it('believes it in the end', async () => {
    const { looks, down, refusals } = await prepareWith(1);
    assert.equal(looks, 3);
    assert.equal(down, 2);
    assert.match(refusals.join('\n'), /etcd would lose quorum: 3 voters - 2 not healthy/);
  });
});

describe('a drill and the hours in which it may run', () => {
  /** It is 03:04:05 UTC, and the drill may take 65 seconds. */
  const refusalsWithin = async (from: string, to: string): Promise<readonly string[]> => {
    const clock = simulatedClock();
    const environment = sampleEnvironment({ aws: undefined, etcd: undefined, timeZone: 'Europe/Berlin', windows: [{ from, to }] });
    const scenario = sampleScenario({ probes: { p: { kind: 'ping' } }, faults: [{ id: 'f', kind: 'stop', at: 0 }] });
    const { refusals } = await clock.until(prepare({ scenario, world: { environment } as World, kinds: serviceKinds(new Service()), seed: 1, clock }));
    return refusals;
  };

  it('is let through when all of it fits, the whole timeout of its recovery included', async () => {
    assert.deepEqual(await refusalsWithin('04:04', '04:06'), []);
  });

  it('is refused when its recovery could last longer', async () => {
    assert.match((await refusalsWithin('04:04', '04:05')).join(), /^this may take until fri 2026-01-02 04:05 in Europe\/Berlin, and the hours .* end fri 2026-01-02 04:05/);
  });

  it('is refused before they begin', async () => {
    assert.match((await refusalsWithin('04:05', '05:00')).join(), /^it is fri 2026-01-02 04:04 in Europe\/Berlin, and drills may run every day 04:05-05:00/);
  });
});
