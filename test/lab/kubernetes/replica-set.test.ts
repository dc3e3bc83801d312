import { deepEqual, equal } from 'node:assert/strict';
import { sortClaims } from '../../../lab/kubernetes/controllers/ownership.ts';
import { inDeletionOrder } from '../../../lab/kubernetes/controllers/pod-deletion-order.ts';
import { decideReplicas, replicaSetStatus } from '../../../lab/kubernetes/controllers/replica-set.ts';
import { nowMs, samplePod, sampleReplicaSet } from './sample-objects.ts';

const names = (pods: readonly { metadata: { name: string } }[]): string[] => pods.map(({ metadata }) => metadata.name);

describe('a ReplicaSet', () => {
  it('replaces a pod as soon as it is terminating, and one that has ended', () => {
    const owned = [samplePod('a'), samplePod('b', { terminating: true }), samplePod('c', { phase: 'Failed' })];
    deepEqual(decideReplicas(sampleReplicaSet('web', 3), owned, owned, nowMs), { create: 2, remove: [] });
  });

  it('takes away what is too much, and nothing while it is being deleted itself', () => {
    const owned = ['a', 'b', 'c'].map((name) => samplePod(name));
    equal(decideReplicas(sampleReplicaSet('web', 1), owned, owned, nowMs).remove.length, 2);
    const going = sampleReplicaSet('web', 1);
    going.metadata.deletionTimestamp = '2026-11-23T02:00:00Z';
    deepEqual(decideReplicas(going, owned, owned, nowMs), { create: 0, remove: [] });
  });

  it('says how many pods there are, ready, available and terminating', () => {
    const owned = [samplePod('a'), samplePod('b', { ready: false }), samplePod('c', { terminating: true }), samplePod('d', { terminating: true, phase: 'Succeeded' })];
    deepEqual(replicaSetStatus(sampleReplicaSet('web', 3), owned, undefined, nowMs), {
      replicas: 2,
      readyReplicas: 1,
      availableReplicas: 1,
      terminatingReplicas: 1,
      observedGeneration: 1,
    });
  });

  it('takes the pods it may take, and lets go those that do not match any more', () => {
    const owner = sampleReplicaSet('web', 3);
    const pods = [
      samplePod('own', { owner: 'web' }),
      samplePod('relabelled', { owner: 'web', labels: {} }),
      samplePod('orphan'),
      samplePod('dying', { terminating: true }),
      samplePod('foreign', { owner: 'other' }),
    ];
    const { owned, adopt, release } = sortClaims(owner, owner.spec.selector, pods);
    deepEqual([names(owned), names(adopt), names(release)], [['own'], ['orphan'], ['relabelled']]);
  });
});

describe('the pod that is deleted first', () => {
  const first = (...pods: ReturnType<typeof samplePod>[]): string => inDeletionOrder(pods, new Map([['crowded', 2], ['node-1', 1]]), nowMs)[0]!.metadata.name;

  for (const [what, better] of [
    ['has no node', samplePod('x', { node: '' })],
    ['is pending', samplePod('x', { phase: 'Pending' })],
    ['is not ready', samplePod('x', { ready: false })],
    ['is cheaper', samplePod('x', { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-5' } })],
    ['shares its node with more of its kind', samplePod('x', { node: 'crowded' })],
    ['has been ready for much less time', samplePod('x', { readyForS: 3 })],
    ['was restarted more often', samplePod('x', { restarts: 4 })],
    ['is much newer', samplePod('x', { createdAgoS: 3 })],
  ] as const) {
    it(what, () => equal(first(samplePod('a'), better, samplePod('b')), 'x'));
  }
});
