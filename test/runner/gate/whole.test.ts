import assert from 'node:assert/strict';
import { lacksOf, lackText, newLacks } from '../../../runner/gate/whole.ts';
import type { Group, Inventory } from '../../../runner/inventory.ts';
import { samplePlatform } from '../sample-platform.ts';

const group = (n: number, changes: Partial<Group> = {}): Group => ({
  name: `peer-${n}.etcd3`, min: 1, max: 1, desired: 1, zones: [], tags: {}, roles: [], suspended: [],
  members: [{ instanceId: `i-${n}`, zone: 'eu-west-1a', lifecycle: 'InService', healthy: true }], ...changes,
});
const member = { instanceId: 'i-1', zone: 'eu-west-1a', lifecycle: 'InService', healthy: true };
const node = { name: 'n1', uid: 'u', instanceId: undefined, zone: '', ready: true, unschedulable: false, labels: {}, annotations: {} };
const web = { kind: 'deployment' as const, namespace: 'shop', name: 'web', uid: 'u', ref: 'deployment/web', desired: 3, ready: 3, labels: {}, annotations: {} };
const cluster = { uid: 'c', nodes: [node], pods: [], workloads: [web], namespaces: [] };
const whole: Inventory = { ...samplePlatform(), groups: [group(1), group(2)], kubernetes: cluster };

describe('whether a platform is whole', () => {
  it('lacks nothing when it is', () => assert.deepEqual(lacksOf(whole), []));

  it('lacks nothing where there is nothing to look at', () => {
    assert.deepEqual(lacksOf({ instances: [], groups: [], volumes: [], etcd: undefined }), []);
  });

  const cases: [what: string, inventory: Inventory, lines: string[]][] = [
    ['a silent member', { ...whole, etcd: samplePlatform({ member: (n) => (n === 3 ? { status: undefined, silence: 'connection refused' } : {}) }).etcd }, ['etcd member peer-3 is not healthy: connection refused']],
    ['a member that follows nobody', { ...whole, etcd: samplePlatform({ member: (n) => (n === 3 ? { status: { leader: undefined, term: 4, raftIndex: 1, dbSizeBytes: 1, version: '3' } } : {}) }).etcd }, ['etcd member peer-3 does not follow the leader']],
    ['a learner', { ...whole, etcd: samplePlatform({ member: (n) => (n === 3 ? { learner: true } : {}) }).etcd }, ['etcd member peer-3 is only a learner']],
    ['an empty group', { ...whole, groups: [group(1, { members: [] })] }, ['group peer-1 has 0 of 1 in service']],
    ['a group whose member still comes up', { ...whole, groups: [group(1, { members: [{ ...member, lifecycle: 'Pending' }] })] }, ['group peer-1 has 0 of 1 in service']],
    ['a group whose machine is gone though it has not noticed', { ...whole, instances: [] }, ['group peer-1 has 0 of 1 in service', 'group peer-2 has 0 of 1 in service']],
    ['a group that may not launch', { ...whole, groups: [group(1, { suspended: ['Terminate', 'Launch'] })] }, ['group peer-1 has Launch, Terminate suspended']],
    ['a node that is not ready', { ...whole, kubernetes: { ...cluster, nodes: [{ ...node, ready: false }] } }, ['node n1 is not ready']],
    ['a cordoned node', { ...whole, kubernetes: { ...cluster, nodes: [{ ...node, unschedulable: true }] } }, ['node n1 is cordoned']],
    ['a workload that lacks pods', { ...whole, kubernetes: { ...cluster, workloads: [{ ...web, ready: 2 }] } }, ['deployment/web in shop has 2 of 3 pods ready']],
  ];
  for (const [what, inventory, lines] of cases) {
    it(`tells ${what}`, () => assert.deepEqual(lacksOf(inventory).map(lackText), lines));
  }

  it('does not blame a drill for what was so before and may be meant, but for all that can not', () => {
    const before = lacksOf({ ...whole, groups: [group(1, { suspended: ['Launch'] })], kubernetes: { ...cluster, nodes: [{ ...node, unschedulable: true }] } });
    assert.deepEqual(newLacks(before, before), []);
    const after = lacksOf({ ...whole, groups: [group(1, { suspended: ['Launch'], members: [] })], kubernetes: { ...cluster, nodes: [{ ...node, unschedulable: true }], workloads: [{ ...web, ready: 2 }] } });
    assert.deepEqual(newLacks(after, before).map(lackText), ['group peer-1 has 0 of 1 in service', 'deployment/web in shop has 2 of 3 pods ready']);
    assert.deepEqual(newLacks(lacksOf({ ...whole, groups: [group(1, { suspended: ['Launch', 'Terminate'] })] }), before).map(lackText), ['group peer-1 has Launch, Terminate suspended']);
  });
});
