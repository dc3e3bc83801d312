import { deepEqual, equal } from 'node:assert/strict';
import { daemonPod, daemonSetStatus, decidePlacement, decideUpdate, nodeOf, wantsPod } from '../../../lab/kubernetes/controllers/daemon-set-decision.ts';
import { nowMs, sampleDaemonSet, sampleNode, samplePod } from './sample-objects.ts';

const nodes = ['node-1', 'node-2', 'node-3'].map((name) => sampleNode(name));
const names = (pods: readonly { metadata: { name: string } }[]): string[] => pods.map(({ metadata }) => metadata.name);
const hashed = (hash: string) => ({ app: 'agent', 'controller-revision-hash': hash });

describe('a DaemonSet', () => {
  it('wants one pod on each node, and replaces one only when the old one has ended', () => {
    const pods = [samplePod('a', { node: 'node-1' }), samplePod('b', { node: 'node-2', terminating: true }), samplePod('c', { node: 'node-3', terminating: true, phase: 'Succeeded' })];
    deepEqual(decidePlacement(sampleDaemonSet(), nodes, pods), { create: ['node-3'], remove: [] });
  });

  it('keeps the oldest of two pods on a node, and deletes one that has failed', () => {
    const pods = [samplePod('new', { node: 'node-1', createdAgoS: 5 }), samplePod('old', { node: 'node-1' }), samplePod('failed', { node: 'node-2', phase: 'Failed' })];
    deepEqual(names(decidePlacement(sampleDaemonSet(), nodes.slice(0, 2), pods).remove), ['new', 'failed']);
  });

  it('stays on a node that cannot be reached, without asking for it, and goes from one that it does not tolerate', () => {
    const unreachable = (effect: string) => ({ key: 'node.kubernetes.io/unreachable', effect });
    deepEqual(wantsPod(sampleDaemonSet(), sampleNode('n', { taints: [unreachable('NoExecute'), unreachable('NoSchedule')] })), { run: false, stay: true });
    deepEqual(wantsPod(sampleDaemonSet(), sampleNode('n', { taints: [{ key: 'own', effect: 'NoExecute' }] })), { run: false, stay: false });
    deepEqual(wantsPod(sampleDaemonSet(), sampleNode('n', { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] })), { run: true, stay: true });
  });

  it('gives its pods the affinity and the tolerations of the real one', () => {
    const pod = daemonPod(sampleDaemonSet(), 'node-3', 'abc');
    equal(nodeOf(pod as never), 'node-3');
    // As recorded: pod-of-daemonset.json.
    deepEqual(pod.spec.affinity, {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-3'] }] }] } },
    });
    deepEqual(
      pod.spec.tolerations?.map(({ key, operator, effect }) => `${key}:${operator}:${effect}`),
      ['not-ready:Exists:NoExecute', 'unreachable:Exists:NoExecute', 'disk-pressure:Exists:NoSchedule', 'memory-pressure:Exists:NoSchedule', 'pid-pressure:Exists:NoSchedule', 'unschedulable:Exists:NoSchedule'].map((each) => `node.kubernetes.io/${each}`),
    );
  });

  it('updates no more nodes at a time than may be unavailable, broken ones first', () => {
    const old = nodes.map(({ metadata }) => samplePod(`on-${metadata.name}`, { node: metadata.name, labels: hashed('old') }));
    deepEqual(names(decideUpdate(sampleDaemonSet(), nodes, old, 'new', nowMs)), ['on-node-1']);
    const [first, ...others] = old;
    deepEqual(decideUpdate(sampleDaemonSet(), nodes, [{ ...first!, metadata: { ...first!.metadata, deletionTimestamp: 'x' } }, ...others], 'new', nowMs), []);
    const broken = samplePod('broken', { node: 'node-3', ready: false, labels: hashed('old') });
    deepEqual(names(decideUpdate(sampleDaemonSet(), nodes, [...old.slice(0, 2), broken], 'new', nowMs)), ['broken']);
    deepEqual(decideUpdate(sampleDaemonSet({ updateStrategy: { type: 'OnDelete' } }), nodes, old, 'new', nowMs), []);
  });

  it('counts as the real one does when a node cannot be reached', () => {
    const pods = nodes.map(({ metadata }) => samplePod(`on-${metadata.name}`, { node: metadata.name, labels: hashed('now') }));
    const status = (lost: readonly (typeof nodes)[number][]) => daemonSetStatus(sampleDaemonSet(), lost, pods, 'now', nowMs);
    deepEqual(status(nodes), { currentNumberScheduled: 3, numberMisscheduled: 0, desiredNumberScheduled: 3, numberReady: 3, observedGeneration: 1, updatedNumberScheduled: 3, numberAvailable: 3 });
    const lost = sampleNode('node-2', { ready: 'Unknown', taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }] });
    // As recorded: node-stops-short.ndjson.
    deepEqual(status([nodes[0]!, lost, nodes[2]!]), { currentNumberScheduled: 2, numberMisscheduled: 1, desiredNumberScheduled: 2, numberReady: 2, observedGeneration: 1, updatedNumberScheduled: 2, numberAvailable: 2 });
  });
});
