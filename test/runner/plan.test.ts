import assert from 'node:assert/strict';
import fc from 'fast-check';
import { loadKinds, type Kinds } from '../../runner/kinds.ts';
import { makePlan, withZones } from '../../runner/plan.ts';
import { seeded } from '../../runner/rng.ts';
import { pickFrom } from '../../runner/select.ts';
import type { World } from '../../runner/world.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import type { Pick } from '../../scenarios/select.ts';
import { sampleEnvironment, samplePlatform, zones } from './sample-platform.ts';
import { sampleScenario } from './sample-scenario.ts';

describe('plan', () => {
  let kinds: Kinds;
  before(async () => {
    kinds = await loadKinds();
  });

  const zonePlusOne = [
    { id: 'zone', kind: 'instance-terminate', at: 0, select: { role: 'etcd', zone: { any: 'zone' } } },
    { id: 'extra', kind: 'instance-terminate', at: 1_000, select: { role: 'etcd', notZone: { any: 'zone' }, pick: 1 } },
  ];

  function plan(faults: Scenario['faults'], seed = 7, inventory = samplePlatform(), probes = sampleScenario().probes) {
    const world = { environment: sampleEnvironment() } as World;
    return makePlan({ scenario: sampleScenario({ faults, probes }), world, kinds, inventory, seed });
  }

  it('takes all of one zone, and one more from another', async () => {
    const { faults, blastRadius, quorum, zones: chosen } = await plan(zonePlusOne);
    const lost = chosen['zone'];
    assert.ok(zones.some((zone) => zone === lost));
    assert.deepEqual(faults[0]!.targets.map((target) => target.zone), [lost, lost, lost]);
    assert.equal(faults[1]!.targets.length, 1);
    assert.notEqual(faults[1]!.targets[0]!.zone, lost);
    assert.deepEqual(blastRadius, { instances: 4, zonesLost: [lost], etcdMembersDown: 4 });
    assert.deepEqual(quorum, { voters: 9, down: 0, taken: 4, needed: 5, holds: true });
  });

  it('draws the same targets from the same seed, and others from others', async () => {
    const names = async (seed: number) => JSON.stringify((await plan(zonePlusOne, seed)).faults.map((fault) => fault.targets));
    assert.equal(await names(11), await names(11));
    const drawn = new Set(await Promise.all(Array.from({ length: 40 }, (_, seed) => names(seed))));
    assert.ok(drawn.size > 10, `40 seeds gave ${drawn.size} different plans`);
  });

  it('chooses one zone for a parameter, for the probes that use it too', async () => {
    const probes = { p: { kind: 'asg-capacity', select: { role: 'etcd', zone: { any: 'zone' } } }, q: { kind: 'asg-capacity', select: { zone: { any: 'other' } } } };
    const { zones: chosen, faults } = await plan(zonePlusOne, 7, samplePlatform(), probes);
    assert.equal(chosen['zone'], faults[0]!.targets[0]!.zone);
    assert.deepEqual(withZones(probes.p, chosen), { select: { role: 'etcd', zone: chosen['zone'] } });
    assert.ok(zones.some((zone) => zone === chosen['other']));
  });

  it('finds the leader', async () => {
    const { faults } = await plan([{ id: 'leader', kind: 'etcd-member-kill', select: { leader: true } }]);
    assert.deepEqual(faults[0]!.targets.map((target) => [target.name, target.etcdMember]), [['peer-1', '111']]);
  });

  it('never takes the leader for a follower', async () => {
    const { faults } = await plan([{ id: 'followers', kind: 'etcd-member-kill', select: { follower: true } }]);
    assert.deepEqual(faults[0]!.targets.map((target) => target.name), ['peer-2', 'peer-3', 'peer-4', 'peer-5', 'peer-6', 'peer-7', 'peer-8', 'peer-9']);
  });

  it('does not choose twice what an earlier fault takes', async () => {
    const one = (id: string) => ({ id, kind: 'instance-terminate', select: { zone: 'eu-west-1a', pick: 1 } });
    const { faults } = await plan([one('a'), one('b'), one('c')]);
    assert.equal(new Set(faults.flatMap((fault) => fault.targets.map((target) => target.id))).size, 3);
  });

  it('says so when a selection matches nothing', async () => {
    await assert.rejects(plan([{ id: 'none', kind: 'instance-terminate', select: { zone: 'eu-west-1z' } }]), {
      name: 'ExpectedError',
      exitCode: 2,
      message: /fault none: select \{ zone: eu-west-1z \} matches no running instance/,
    });
  });

  it('says so when fewer match than were asked for', async () => {
    await assert.rejects(plan([{ id: 'many', kind: 'instance-terminate', select: { zone: 'eu-west-1a', pick: 4 } }]), /asks for 4 but matches only 3/);
  });

  it('objects to a kill that would take the data volume along', async () => {
    const inventory = samplePlatform({ instance: (n) => ({ volumes: [{ id: `vol-${n}`, device: '/dev/xvdf', deleteOnTermination: true }] }) });
    const { faults } = await plan([{ id: 'one', kind: 'instance-terminate', select: { names: ['peer-4'] } }], 7, inventory);
    assert.match(faults[0]!.objections.join(), /peer-4: its data volume vol-4 \(\/dev\/xvdf\) has DeleteOnTermination: true.*modify-instance-attribute/);
  });

  const candidates = Array.from({ length: 9 }, (_, index) => ({ n: index, zone: zones[Math.floor(index / 3)]! }));
  const picks: [Pick, number][] = [[1, 1], [9, 9], ['all', 9], ['minority', 4], ['majority', 5], ['one-per-zone', 3], ['50%', 4], ['1%', 1], ['100%', 9]];
  for (const [pick, expected] of picks) {
    it(`picks ${expected} of nine for ${pick}`, () => {
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const picked = pickFrom(candidates, pick, seeded(seed));
          assert.equal(new Set(picked).size, expected);
        }),
      );
    });
  }
});
