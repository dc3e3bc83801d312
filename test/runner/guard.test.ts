import assert from 'node:assert/strict';
import { shortcomings } from '../../runner/doctor.ts';
import { refusalsFor, type GuardInput } from '../../runner/guard.ts';
import type { Group, GroupMember, Inventory } from '../../runner/inventory.ts';
import type { Plan, PlannedFault } from '../../runner/plan.ts';
import { targetOf } from '../../runner/select.ts';
import { sampleEnvironment, samplePlatform } from './sample-platform.ts';
import { sampleScenario } from './sample-scenario.ts';

const silent = { status: undefined, silence: 'no answer' };

describe('guard', () => {
  const accepted: { name: string; kill: number[]; platform?: Inventory; limits?: object }[] = [
    { name: 'a zone and one more of nine', kill: [1, 2, 3, 5] },
    { name: 'one member when three are down already', kill: [9], platform: down(1, 2, 3) },
    { name: 'a majority, when the drill expects to lose quorum', kill: [1, 2, 3, 4, 5], limits: { quorumLoss: 'expected' } },
    { name: 'a member that is down already: it is not counted twice', kill: [1, 2, 3, 4], platform: down(4) },
    { name: 'one member during an election, while none knows a leader', kill: [9], platform: electing() },
    { name: 'a learner beside four voters', kill: [2, 3, 4, 5, 9], platform: samplePlatform({ member: (n) => ({ learner: n === 9 }) }), limits: { quorumLoss: 'expected' } },
    { name: 'a share of a group that is allowed', kill: [1], platform: grouped(), limits: { groupPercent: '34%' } },
    { name: 'what a group has lost already: it is not counted twice', kill: [3], platform: grouped({ healthy: false }), limits: { groupPercent: '34%' } },
    { name: 'a group of one, where that is allowed', kill: [9], platform: { ...samplePlatform(), groups: [group('peer-9', 1, [9])] }, limits: { groupPercent: '100%' } },
    { name: 'any part of a group where no share is set', kill: [1, 2, 3], platform: grouped() },
    { name: 'machines that belong to no group, where a share is set', kill: [1], platform: samplePlatform({ instance: () => ({ group: undefined }) }), limits: { groupPercent: '1%' } },
    { name: 'a machine that hosts no member, while the one of another is not known', kill: [2], platform: samplePlatform({ member: (n) => (n > 1 ? {} : { instanceId: undefined }) }) },
  ];
  it('lets through what was approved, one of a rolling fault at a time, and what lasts as long as it may', () => {
    assert.deepEqual(refusalsFor({ ...input({ kill: [1] }), approved: approved([1]) }), []);
    assert.deepEqual(refusalsFor({ ...input({ kill: [2] }), approved: approved([1, 2], true) }), []);
    assert.deepEqual(refusalsFor({ ...lasting(60_000), environment: sampleEnvironment({ maxFaultMinutes: 1 }) }), []);
  });

  for (const { name, kill, platform, limits } of accepted) {
    it(`lets through ${name}`, () => {
      assert.deepEqual(refusalsFor(input({ kill, platform, limits })), []);
    });
  }

  it('lets through what is protected when its name was typed, and only that', () => {
    const given = { ...input({ kill: [1, 2, 3, 4, 5] }), environment: sampleEnvironment({ protected: true }), allowProtected: 'staging' };
    assert.match(refusalsFor(given).join('\n'), /^etcd would lose quorum: [^\n]*$/);
    assert.deepEqual(refusalsFor({ ...input({ kill: [1] }), environment: given.environment, allowProtected: 'staging' }), []);
  });

  const refused: { name: string; input: GuardInput; says: RegExp }[] = [
    {
      name: 'five of nine',
      input: input({ kill: [1, 2, 3, 4, 5] }),
      says: /^etcd would lose quorum: 9 voters - 0 not healthy - 5 to be taken = 4, and quorum needs 5; .*quorumLoss: expected/,
    },
    {
      name: 'one more when four are down already',
      input: input({ kill: [9], platform: down(1, 2, 3, 4) }),
      says: /9 voters - 4 not healthy - 1 to be taken = 4, and quorum needs 5/,
    },
    {
      name: 'a member when four others follow another leader (cut off)',
      input: input({ kill: [9], platform: cutOff(5, 6, 7, 8) }),
      says: /9 voters - 4 not healthy - 1 to be taken = 4/,
    },
    {
      name: 'anything while etcd does not tell its members',
      input: input({ kill: [1], platform: { ...samplePlatform(), etcd: undefined } }),
      says: /other|etcd cluster|could not be worked out/,
    },
    { name: 'a second zone', input: input({ kill: [1, 2, 3, 4, 5, 6], limits: { zones: 1, quorumLoss: 'expected' } }), says: /^2 zones would be lost \(eu-west-1a, eu-west-1b\), limits.zones is 1/ },
    { name: 'more instances than allowed', input: input({ kill: [1, 4], limits: { instances: 1 } }), says: /^2 instances would be hit, limits.instances is 1/ },
    { name: 'more members down than allowed', input: input({ kill: [1, 4], platform: down(7), limits: { etcdMembersDown: 2 } }), says: /^3 etcd members would be down \(1 not healthy now \+ 2 to be taken\), limits.etcdMembersDown is 2/ },
    { name: 'more than the environment allows, though the drill would', input: { ...input({ kill: [1, 4], limits: { instances: 5 } }), environment: sampleEnvironment({ limits: { instances: 1 } }) }, says: /limits.instances is 1/ },
    { name: 'a protected environment', input: { ...input({ kill: [1] }), environment: sampleEnvironment({ protected: true }) }, says: /^environment staging is protected; .*type --allow-protected staging$/ },
    { name: 'a protected environment, when another name was typed', input: { ...input({ kill: [1] }), environment: sampleEnvironment({ protected: true }), allowProtected: 'Staging' }, says: /^--allow-protected names Staging, and this is environment staging/ },
    { name: 'an environment that is not protected, when another name was typed', input: { ...input({ kill: [1] }), allowProtected: 'production' }, says: /^--allow-protected names production, and this is environment staging/ },
    { name: "another one's account", input: { ...input({ kill: [1] }), identity: { accountId: '999999999999', etcdClusterId: 'cafe' } }, says: /AWS account 999999999999, the environment file names 123456789012/ },
    { name: 'an account that could not be told', input: { ...input({ kill: [1] }), identity: { accountId: undefined, etcdClusterId: 'cafe' } }, says: /AWS account \(unknown\)/ },
    { name: "another one's etcd", input: { ...input({ kill: [1] }), identity: { accountId: '123456789012', etcdClusterId: 'beef' } }, says: /etcd cluster beef, the environment file names cafe/ },
    { name: 'what a right is missing for', input: { ...input({ kill: [1] }), shortcomings: shortcomings({ absent: [], missing: ['AWS: may not ec2:StartInstances'], unknown: [], checked: 0 }) }, says: /^a right is missing that breaking or putting back needs: AWS: may not ec2:StartInstances; grant it, see firedrill permissions$/ },
    { name: 'other targets than were approved', input: { ...input({ kill: [1] }), approved: approved([2]) }, says: /^fault f is not what was approved any more: it would now kill i-1; approved was: kill i-2/ },
    { name: 'more targets than were approved', input: { ...input({ kill: [1, 2] }), approved: approved([2]) }, says: /^fault f is not what was approved/ },
    { name: 'one that was not among those of a rolling fault', input: { ...input({ kill: [4] }), approved: approved([1, 2], true) }, says: /^fault f is not what was approved/ },
    { name: 'a fault that was not in the plan', input: { ...input({ kill: [1] }), approved: { ...approved([1]), faults: [] } }, says: /approved was: no such fault/ },
    { name: 'what would stay broken for longer than the environment allows', input: { ...lasting(61_000), environment: sampleEnvironment({ maxFaultMinutes: 1 }) }, says: /^fault f would last 61s, and environment staging allows 1 min/ },
    { name: "another one's etcd", input: { ...input({ kill: [1] }), identity: { accountId: '123456789012', regions: ['eu-west-1'], groupAccounts: [], etcdClusterId: 'beef' } }, says: /etcd cluster beef, the environment file names cafe/ },
    { name: 'members of which nobody knows the machine, when they might be what is hit', input: input({ kill: [1, 2, 3, 4, 5], platform: samplePlatform({ member: (n) => (n > 4 ? {} : { instanceId: undefined }) }) }), says: /^etcd might lose quorum: 9 voters - 0 not healthy - 1 to be taken = 8, and quorum needs 5, but 4 more voters may be on the machines to be hit, as it is not known where they are/ },
    { name: 'members of which nobody knows the machine, where members down are counted', input: input({ kill: [1], platform: samplePlatform({ member: (n) => (n > 1 ? {} : { instanceId: undefined }) }), limits: { etcdMembersDown: 0, quorumLoss: 'expected' } }), says: /^1 etcd member might be down, as it is not known on which machines 1 of them are, and limits\.etcdMembersDown is 0; select less/ },
    { name: 'a machine whose zone is not known, where zones are counted', input: input({ kill: [1], platform: samplePlatform({ instance: () => ({ zone: '' }) }), limits: { zones: 1 } }), says: /^the zone of peer-1 is not known, and limits\.zones is 1; look again/ },
    { name: 'more of a group than a drill allows', input: input({ kill: [1, 2], platform: grouped(), limits: { groupPercent: '50%' } }), says: /^2 of 3 instances of group workers would be away \(0 not in service now \+ 2 to be taken\), limits\.groupPercent is 50%; select less/ },
    { name: 'more of a group than the environment allows', input: { ...input({ kill: [1], platform: grouped(), limits: { groupPercent: '100%' } }), environment: sampleEnvironment({ limits: { groupPercent: '30%' } }) }, says: /limits\.groupPercent is 30%/ },
    { name: 'one of a group in which another is not in service', input: input({ kill: [1], platform: grouped({ lifecycle: 'Pending' }), limits: { groupPercent: '50%' } }), says: /^2 of 3 instances .* \(1 not in service now \+ 1 to be taken\)/ },
    { name: 'one of a group in which another is not healthy', input: input({ kill: [1], platform: grouped({ healthy: false }), limits: { groupPercent: '50%' } }), says: /^2 of 3 instances/ },
    { name: 'one of a group that lacks one', input: input({ kill: [1], platform: grouped({}, 4), limits: { groupPercent: '49%' } }), says: /^2 of 4 instances/ },
    { name: 'one of a group that has lost one to this drill and has not noticed yet', input: { ...input({ kill: [1], platform: grouped(), limits: { groupPercent: '50%' } }), hit: [fault(grouped(), [2])] }, says: /^2 of 3 instances .* \(1 not in service now \+ 1 to be taken\)/ },
    { name: 'a group of one, which is lost whole', input: input({ kill: [9], platform: { ...samplePlatform(), groups: [group('peer-9', 1, [9])] }, limits: { groupPercent: '50%' } }), says: /^1 of 1 instance of group peer-9 would be away/ },
    { name: 'a machine of a group that is not told', input: input({ kill: [9], limits: { groupPercent: '50%' } }), says: /^how much of its group would be away is not known for group peer-9, and limits\.groupPercent is 50%; look again/ },
    { name: 'members down where none is told, though the drill expects to lose quorum', input: input({ kill: [1], platform: { ...samplePlatform(), etcd: undefined }, limits: { quorumLoss: 'expected', etcdMembersDown: 1 } }), says: /^how many etcd members would be down is not known/ },
    { name: "what the fault itself objects to", input: input({ kill: [1], objections: ['its volume would die'] }), says: /^fault f: its volume would die/ },
  ];
  for (const { name, input: given, says } of refused) {
    it(`refuses ${name}`, () => {
      const refusals = refusalsFor(given);
      assert.ok(refusals.some((refusal) => says.test(refusal)), `expected ${says} among:\n${refusals.join('\n')}`);
    });
  }

  it('counts a zone as lost over several faults', () => {
    const given = input({ kill: [4, 5, 6], limits: { zones: 1, quorumLoss: 'expected' } });
    const hit = [fault(samplePlatform(), [1, 2, 3])];
    assert.match(refusalsFor({ ...given, hit }).join('\n'), /2 zones would be lost/);
  });

  it('gives all reasons at once', () => {
    const given = { ...input({ kill: [1, 2, 3, 4, 5], limits: { instances: 1 } }), environment: sampleEnvironment({ protected: true }) };
    assert.equal(refusalsFor(given).length, 3);
  });
});

function input({ kill, platform = samplePlatform(), limits = {}, objections = [] }: { kill: number[]; platform?: Inventory | undefined; limits?: object | undefined; objections?: string[] }): GuardInput {
  return {
    scenario: sampleScenario({ limits: { quorumLoss: 'refuse', ...limits } }),
    environment: sampleEnvironment(),
    inventory: platform,
    before: platform,
    faults: [fault(platform, kill, objections)],
    hit: [],
    identity: { accountId: '123456789012', regions: ['eu-west-1'], groupAccounts: [], etcdClusterId: 'cafe' },
  };
}

function fault(platform: Inventory, kill: number[], objections: string[] = []): PlannedFault {
  const targets = platform.instances.filter((instance) => kill.includes(Number(instance.id.slice(2)))).map((instance) => targetOf(instance, platform));
  return { id: 'f', kind: 'instance-terminate', when: '0s', says: `kill ${targets.map(({ id }) => id).join(', ')}`, undo: null, targets, objections };
}

function approved(kill: number[], rolling?: true): Plan {
  const own = { ...fault(samplePlatform(), kill), ...(rolling && { rolling }) };
  return { faults: [own], zones: {}, blastRadius: { instances: kill.length, zonesLost: [], etcdMembersDown: 0 }, quorum: null };
}

function lasting(lasts: number): GuardInput {
  const given = input({ kill: [1] });
  return {
    ...given,
    scenario: sampleScenario({ faults: [{ id: 'f', kind: 'instance-stop', for: lasts }] }),
    faults: given.faults.map((one) => ({ ...one, undo: {} })),
  };
}

/** The first three machines in a group of their own; the last of them as told. */
function grouped(last: Partial<GroupMember> = {}, desired = 3): Inventory {
  const platform = samplePlatform({ instance: (n) => (n <= 3 ? { group: 'workers' } : {}) });
  const workers = group('workers', desired, [1, 2, 3]);
  return { ...platform, groups: [{ ...workers, members: workers.members.map((member, index) => (index === 2 ? { ...member, ...last } : member)) }] };
}

function group(name: string, desired: number, numbers: number[]): Group {
  const members = numbers.map((n) => ({ instanceId: `i-${n}`, zone: 'eu-west-1a', lifecycle: 'InService', healthy: true }));
  return { name, min: 0, max: 9, desired, zones: [], tags: {}, roles: [], members, suspended: [] };
}

function down(...numbers: number[]): Inventory {
  return samplePlatform({ member: (n) => (numbers.includes(n) ? silent : {}) });
}

function electing(): Inventory {
  return samplePlatform({ member: () => ({ status: { leader: undefined, term: 5, raftIndex: 100, dbSizeBytes: 1, version: '3.4.23' } }) });
}

function cutOff(...numbers: number[]): Inventory {
  return samplePlatform({ member: (n) => (numbers.includes(n) ? { status: { leader: undefined, term: 9, raftIndex: 1, dbSizeBytes: 1, version: '3.4.23' } } : {}) });
}
