import { deepEqual, equal } from 'node:assert/strict';
import { createSignsOfLife, noExecuteTaint, noScheduleTaints, silentConditions, withOwnTaints } from '../../../lab/kubernetes/controllers/node-health.ts';
import { findPodGarbage } from '../../../lab/kubernetes/controllers/pod-garbage.ts';
import { toleratedForMs } from '../../../lab/kubernetes/controllers/taint-eviction.ts';
import type { Lease } from '../../../lab/kubernetes/objects.ts';
import { ago, nowMs, sampleNode, samplePod } from './sample-objects.ts';

const lease = (renewTime: string): Lease => ({ metadata: { name: 'node-1' }, spec: { renewTime } });
const noExecute = (key: string) => ({ key, effect: 'NoExecute' });

describe('a node’s signs of life', () => {
  it('are a renewed lease or a written status, counted by the controller’s own clock', () => {
    const signs = createSignsOfLife();
    const node = sampleNode('node-1');
    equal(signs.silentForMs(node, lease(ago(1)), 0), 0);
    equal(signs.silentForMs(node, lease(ago(1)), 900), 900);
    equal(signs.silentForMs(node, lease(ago(0)), 1000), 0);
    equal(signs.silentForMs(node, lease(ago(0)), 5000), 4000);
    equal(signs.silentForMs(sampleNode('node-1', { ready: 'False' }), lease(ago(0)), 5000), 4000);
    const heard = sampleNode('node-1');
    heard.status!.conditions![0]!.lastHeartbeatTime = ago(0);
    equal(signs.silentForMs(heard, lease(ago(0)), 6000), 0);
    signs.reset();
    equal(signs.silentForMs(heard, lease(ago(0)), 99_000), 0);
  });

  it('that are missing turn its conditions to Unknown, once', () => {
    const node = sampleNode('node-1');
    const conditions = silentConditions(node, nowMs)!;
    deepEqual(conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`), [
      'Ready Unknown NodeStatusUnknown',
      'MemoryPressure Unknown NodeStatusNeverUpdated',
      'DiskPressure Unknown NodeStatusNeverUpdated',
      'PIDPressure Unknown NodeStatusNeverUpdated',
    ]);
    deepEqual(conditions[0], { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastHeartbeatTime: ago(1), lastTransitionTime: ago(0) });
    equal(silentConditions({ ...node, status: { conditions } }, nowMs), undefined);
  });
});

describe('the taints of a node', () => {
  it('follow its conditions and its cordon', () => {
    deepEqual(noScheduleTaints(sampleNode('n')), []);
    deepEqual(noScheduleTaints(sampleNode('n', { ready: 'Unknown', unschedulable: true })), ['node.kubernetes.io/unreachable', 'node.kubernetes.io/unschedulable']);
    equal(noExecuteTaint(sampleNode('n', { ready: 'False' })), 'node.kubernetes.io/not-ready');
    equal(noExecuteTaint(sampleNode('n')), undefined);
  });

  it('are swapped without touching other people’s', () => {
    const own = { key: 'own', effect: 'NoExecute' };
    const node = sampleNode('n', { taints: [own, noExecute('node.kubernetes.io/not-ready')] });
    deepEqual(withOwnTaints(node, 'NoExecute', ['node.kubernetes.io/unreachable'], nowMs), [own, { ...noExecute('node.kubernetes.io/unreachable'), timeAdded: ago(0) }]);
    deepEqual(withOwnTaints(node, 'NoExecute', [], nowMs), [own]);
    equal(withOwnTaints(node, 'NoExecute', ['node.kubernetes.io/not-ready'], nowMs), undefined);
  });
});

describe('a pod on a node with NoExecute taints', () => {
  const taints = [noExecute('node.kubernetes.io/unreachable'), { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }];
  const tolerating = (...tolerationSeconds: (number | undefined)[]) =>
    samplePod('a', { spec: { tolerations: tolerationSeconds.map((seconds) => ({ key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', ...(seconds === undefined ? {} : { tolerationSeconds: seconds }) })) } });

  it('goes at once, after its toleration, or never', () => {
    equal(toleratedForMs(samplePod('a'), taints), 0);
    equal(toleratedForMs(tolerating(5), taints), 5000);
    equal(toleratedForMs(tolerating(undefined), taints), undefined);
    equal(toleratedForMs(tolerating(5), []), undefined);
    equal(toleratedForMs(tolerating(5), [...taints, noExecute('another')]), 0);
  });
});

describe('pods that nobody else cleans up', () => {
  it('are those of missing nodes, those deleted before they had a node, and the oldest of very many that have ended', () => {
    const pods = [
      samplePod('on-gone', { node: 'gone' }),
      samplePod('on-node'),
      samplePod('never-placed', { node: '', terminating: true }),
      samplePod('waiting', { node: '' }),
      samplePod('ended-new', { phase: 'Succeeded', createdAgoS: 1 }),
      samplePod('ended-old', { phase: 'Failed', createdAgoS: 99 }),
    ];
    const { orphaned, neverPlaced, surplus } = findPodGarbage(pods, new Set(['gone']), 1);
    deepEqual([orphaned, neverPlaced, surplus].map((found) => found.map(({ metadata }) => metadata.name)), [['on-gone'], ['never-placed'], ['ended-old']]);
  });
});
