import assert from 'node:assert/strict';
import etcdMemberKill from '../../runner/faults/etcd-member-kill.ts';
import type { Inventory } from '../../runner/inventory.ts';
import { seeded } from '../../runner/rng.ts';
import { FakeAws } from './faults/fake-aws.ts';

describe('etcd-member-kill, of members that run as pods', () => {
  /** Member n (from 1) answers at an address of its own, and no machine is known for it. */
  function inPods(aws: FakeAws): Inventory {
    const inventory = aws.inventory();
    const members = inventory.etcd!.members.map((member, index) => ({ ...member, instanceId: undefined, clientUrls: [`https://10.9.0.${index + 1}:2379`] }));
    return { ...inventory, kubernetes: undefined, etcd: { ...inventory.etcd!, members } };
  }
  const plan = (aws: FakeAws, select: object) =>
    etcdMemberKill.plan({ id: 'f', kind: 'etcd-member-kill', select }, { inventory: inPods(aws), rng: seeded(1), world: aws.world() });
  const etcdPod = (aws: FakeAws, n: number, more: { metadata?: object; spec?: object } = {}) => {
    aws.kubernetes.pod(`etcd-${n}`, { app: 'etcd' }, n, more.metadata ? undefined : { kind: 'StatefulSet', name: 'etcd' }, more);
    aws.kubernetes.get('pods', `etcd-${n}`).status.podIP = `10.9.0.${n}`;
  };

  it('finds the leader by its address and deletes its pod at once', async () => {
    const aws = new FakeAws();
    for (let n = 1; n <= 9; n += 1) etcdPod(aws, n);
    const { targets, says, objections } = await plan(aws, { leader: true });
    assert.deepEqual(targets.map(({ kind, name, etcdMember, zone }) => [kind, name, etcdMember, zone]), [['pod', 'etcd-1', '111', 'eu-west-1a']]);
    assert.match(says, /^delete etcd-1 in shop with a grace of 0 s .*statefulset\/etcd makes a new one/);
    assert.deepEqual(objections, []);
  });

  it("takes the node's machine for a static pod, which the API can't end", async () => {
    const aws = new FakeAws();
    for (let n = 1; n <= 9; n += 1) etcdPod(aws, n, { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } }, spec: { hostNetwork: true } });
    const { targets } = await plan(aws, { zone: 'eu-west-1b', pick: 'all' });
    assert.deepEqual(targets.map(({ kind, id, node, etcdMember }) => [kind, id, node, etcdMember]), [
      ['instance', 'i-4', 'node-4', '444'],
      ['instance', 'i-5', 'node-5', '555'],
      ['instance', 'i-6', 'node-6', '666'],
    ]);
  });

  it('finds a static pod although its mirror pod is being deleted, and no other pod that is', async () => {
    const aws = new FakeAws();
    const going = { deletionTimestamp: '2026-01-01T00:00:00Z' };
    etcdPod(aws, 1, { metadata: { ...going, annotations: { 'kubernetes.io/config.mirror': 'x' } } });
    etcdPod(aws, 2, { metadata: going });
    etcdPod(aws, 3);
    const { targets } = await plan(aws, { pick: 'all' });
    assert.deepEqual(targets.map(({ kind, etcdMember }) => [kind, etcdMember]), [['instance', '111'], ['pod', '333']]);
  });

  it('finds a pod by its name in the address that its member gives to clients', async () => {
    const aws = new FakeAws();
    etcdPod(aws, 1);
    aws.kubernetes.get('pods', 'etcd-1').status.podIP = '10.8.0.1';
    const inventory = inPods(aws);
    const members = inventory.etcd!.members.map((member, at) => ({ ...member, clientUrls: [`https://etcd-${at + 1}.etcd.shop.svc:2379`] }));
    const spec = { id: 'f', kind: 'etcd-member-kill', select: { pick: 'all' as const } };
    const { targets } = await etcdMemberKill.plan(spec, { inventory: { ...inventory, etcd: { ...inventory.etcd!, members } }, rng: seeded(1), world: aws.world() });
    assert.deepEqual(targets.map(({ name, etcdMember }) => [name, etcdMember]), [['etcd-1', '111']]);
  });

  it('objects to a static pod whose machine is not known', async () => {
    const aws = new FakeAws();
    etcdPod(aws, 1, { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } }, spec: { hostNetwork: true } });
    delete aws.kubernetes.get('nodes', 'node-1').spec.providerID;
    assert.match((await plan(aws, { leader: true })).objections[0]!, /etcd-1 is a static pod, and the machine of its node node-1 is not among/);
  });

  it('asks Kubernetes for nothing where every member has a machine', async () => {
    const aws = new FakeAws();
    const world = { ...aws.world(), kubernetes: () => Promise.reject(new Error('asked')) };
    const found = await etcdMemberKill.plan({ id: 'f', kind: 'etcd-member-kill', select: { leader: true } }, { inventory: aws.inventory(), rng: seeded(1), world });
    assert.deepEqual(found.targets.map(({ id }) => id), ['i-1']);
  });
});
