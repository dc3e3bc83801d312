import { deepEqual, equal } from 'node:assert/strict';
import type { Places } from '../../../lab/kubernetes/scheduler/cluster.ts';
import { decidePlace } from '../../../lab/kubernetes/scheduler/decision.ts';
import { podRequests, readQuantity } from '../../../lab/kubernetes/quantity.ts';
import type { Pod, PodSpec } from '../../../lab/kubernetes/objects.ts';
import { sampleNode, samplePod, type NodeParts } from './sample-objects.ts';

const zones = ['eu-west-1a', 'eu-west-1a', 'eu-west-1b', 'eu-west-1b', 'eu-west-1c', 'eu-west-1c'];
const six = (parts: (index: number) => NodeParts = () => ({}), pods: Record<number, Pod[]> = {}): Places =>
  zones.map((zone, index) => ({ node: sampleNode(`node-${index}`, { zone, ...parts(index) }), pods: pods[index] ?? [] }));
const waiting = (spec: Partial<PodSpec> = {}, owner = 'web'): Pod => samplePod('new', { node: '', owner, spec });
const requests = (cpu: string) => ({ containers: [{ name: 'app', resources: { requests: { cpu } } }] });
const why = (pod: Pod, places: Places, heldBack?: string): string => {
  const decision = decidePlace(pod, places, () => 0, heldBack);
  return 'why' in decision ? decision.why : `on ${decision.place.node.metadata.name}`;
};

describe('where a pod goes', () => {
  it('is apart from its own kind, over zones first and then over hosts', () => {
    const places = six().map((place) => ({ ...place, pods: [...place.pods] }));
    const order: string[] = [];
    for (let count = 0; count < 6; count += 1) {
      const decision = decidePlace(waiting(), places, () => 0.5);
      if ('why' in decision) throw new Error(decision.why);
      const { node } = decision.place;
      order.push(node.metadata.labels!['topology.kubernetes.io/zone']!);
      places.find((place) => place.node === node)!.pods.push(samplePod(`p${count}`, { node: node.metadata.name, owner: 'web' }));
    }
    deepEqual([new Set(order.slice(0, 3)).size, new Set(order.slice(3)).size], [3, 3]);
    deepEqual(places.map(({ pods }) => pods.length), [1, 1, 1, 1, 1, 1]);
  });

  it('does not count pods that are terminating', () => {
    const places = six(undefined, { 0: [samplePod('a', { owner: 'web', terminating: true })], 1: [samplePod('b', { owner: 'web', terminating: true })], 2: [samplePod('c', { owner: 'web' })], 4: [samplePod('d', { owner: 'web' })] });
    equal(why(waiting(), places), 'on node-1'.replace('1', '0'));
  });

  it('is the node with the most room, when nothing else decides', () => {
    const places = six((index) => ({ allocatable: { cpu: index === 3 ? '8' : '4' } }), {});
    equal(why(samplePod('alone', { node: '', spec: requests('1') }), places), 'on node-3');
  });

  it('is never one that the pod does not fit on, in the words of the real scheduler', () => {
    // As seen with the real one: the reasons in order, each with the number of nodes.
    const places = six(
      (index) => (index === 0 ? { unschedulable: true } : index === 1 ? { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }] } : {}),
      { 2: [samplePod('big', { spec: requests('3') })], 3: [samplePod('big', { spec: requests('3') })], 4: [samplePod('big', { spec: requests('3') })], 5: [samplePod('big', { spec: requests('3') })] },
    );
    equal(
      why(waiting(requests('2')), places),
      '0/6 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 1 node(s) were unschedulable, 4 Insufficient cpu. ' +
        'preemption: 0/6 nodes are available: 2 Preemption is not helpful for scheduling, 4 No preemption victims found for incoming pod.',
    );
    equal(why(waiting(), []), 'no nodes available to schedule pods');
  });

  for (const [what, pod, places, reason] of [
    ['is not ready', waiting(), six(() => ({ ready: 'Unknown' })), 'had untolerated taint {node.kubernetes.io/not-ready: }'],
    ['has another label', waiting({ nodeSelector: { disk: 'ssd' } }), six(), "didn't match Pod's node affinity/selector"],
    ['is full', waiting(), six(() => ({ allocatable: { pods: '0' } })), 'Too many pods'],
    [
      'would skew the zones',
      waiting({ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }], nodeSelector: {} }),
      six((index) => (index < 4 ? { unschedulable: true } : {}), { 4: [samplePod('a')] }),
      "didn't match pod topology spread constraints",
    ],
    [
      'has one of its kind',
      waiting({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'topology.kubernetes.io/zone', labelSelector: { matchLabels: { app: 'web' } } }] } } }),
      six(undefined, { 0: [samplePod('a')], 2: [samplePod('b')], 4: [samplePod('c')] }),
      "didn't match pod anti-affinity rules",
    ],
  ] as const) {
    it(`is not a node that ${what}`, () => equal(why(pod, places).includes(reason), true, why(pod, places)));
  }

  it('is none while the sabotage holds it back', () => {
    equal(why(waiting(), six(), 'node(s) were held back'), '0/6 nodes are available: 6 node(s) were held back. preemption: 0/6 nodes are available: 6 Preemption is not helpful for scheduling.');
  });

  it('is a node with a taint that it tolerates, and the one of a DaemonSet’s pod', () => {
    const taints = [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }];
    const spec: Partial<PodSpec> = {
      tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }],
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-4'] }] }] } } },
    };
    equal(why(waiting(spec), six(() => ({ unschedulable: true, taints }))), 'on node-4');
  });
});

describe('quantities', () => {
  it('are read in all their forms', () => {
    deepEqual(['250m', '2', '1Gi', '5M', '1e3', '0.5', 'nonsense', undefined].map(readQuantity), [0.25, 2, 2 ** 30, 5e6, 1000, 0.5, 0, 0]);
  });

  it('of a pod are those of its containers together, or of its largest init container', () => {
    const container = (cpu: string) => ({ name: 'x', resources: { requests: { cpu } } });
    deepEqual(podRequests({ containers: [container('1'), container('500m')], initContainers: [container('2')] }), { cpu: 2 });
    deepEqual(podRequests({ containers: [{ name: 'x', resources: { limits: { cpu: '1' } } }] }), { cpu: 1 });
  });
});
