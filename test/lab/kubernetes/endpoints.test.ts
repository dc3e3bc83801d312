import { deepEqual, equal } from 'node:assert/strict';
import { planSlices } from '../../../lab/kubernetes/controllers/endpoint-slices.ts';
import { subsetsOf } from '../../../lab/kubernetes/controllers/endpoints.ts';
import { createTriggerTimes } from '../../../lab/kubernetes/controllers/service-pods.ts';
import type { Service } from '../../../lab/kubernetes/objects.ts';
import type { EndpointSlice } from '../../../lab/kubernetes/workload-objects.ts';
import { ago, sampleNode, samplePod } from './sample-objects.ts';

const service = (spec: Partial<Service['spec']> = {}): Service => ({
  metadata: { name: 'web', namespace: 'shop', creationTimestamp: ago(50) },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec },
});
const targetRef = (name: string) => ({ kind: 'Pod', namespace: 'shop', name, uid: `uid-of-${name}` });
const pods = [samplePod('b', { ip: '10.0.0.2', node: 'node-2' }), samplePod('a', { ip: '10.0.0.1' }), samplePod('late', { ip: '10.0.0.3', ready: false })];

describe('Endpoints', () => {
  it('hold ready and not ready addresses, in order, with the pod’s own port', () => {
    deepEqual(subsetsOf(service(), pods), [
      {
        addresses: [
          { ip: '10.0.0.1', nodeName: 'node-1', targetRef: targetRef('a') },
          { ip: '10.0.0.2', nodeName: 'node-2', targetRef: targetRef('b') },
        ],
        notReadyAddresses: [{ ip: '10.0.0.3', nodeName: 'node-1', targetRef: targetRef('late') }],
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      },
    ]);
  });

  it('lose a pod when it is terminating, has ended or has no address; without any there are no subsets', () => {
    const gone = [samplePod('a', { ip: '10.0.0.1', terminating: true }), samplePod('b', { ip: '10.0.0.2', phase: 'Succeeded' }), samplePod('c')];
    deepEqual(subsetsOf(service(), gone), []);
  });

  it('find a port by its name, group pods by it, and have no name for a port that has none', () => {
    const other = samplePod('z', { ip: '10.0.0.9', spec: { containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 9000 }] }] } });
    const subsets = subsetsOf(service({ ports: [{ port: 80, targetPort: 'http' }] }), [pods[1]!, other]);
    deepEqual(subsets.map(({ ports }) => ports), [[{ port: 8080, protocol: 'TCP' }], [{ port: 9000, protocol: 'TCP' }]]);
  });
});

describe('EndpointSlices', () => {
  const nodeOf = (name: string) => sampleNode(name, { zone: 'eu-west-1b' });
  const existing = (content: Pick<EndpointSlice, 'endpoints' | 'ports'>): EndpointSlice => ({ metadata: { name: 'web-x', namespace: 'shop' }, addressType: 'IPv4', ...content });

  it('keep a terminating pod: not ready, but serving', () => {
    const plan = planSlices(service(), [samplePod('a', { ip: '10.0.0.1', terminating: true })], nodeOf, []);
    deepEqual(plan.create, [
      {
        endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: false, serving: true, terminating: true }, targetRef: targetRef('a'), nodeName: 'node-1', zone: 'eu-west-1b' }],
        ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
      },
    ]);
  });

  it('have one that is empty, with nulls, for a Service without pods, and use it again', () => {
    deepEqual(planSlices(service(), [], nodeOf, []).create, [{ endpoints: null, ports: null }]);
    const empty = existing({ endpoints: null, ports: null });
    const plan = planSlices(service(), pods, nodeOf, [empty]);
    deepEqual([plan.create, plan.remove, plan.keep.map(({ slice, content }) => [slice, content.endpoints?.length])], [[], [], [[empty, 3]]]);
  });

  it('leave an endpoint where it is, and are filled up before there are more', () => {
    const many = Array.from({ length: 150 }, (_, index) => samplePod(`p${index}`, { ip: `10.0.1.${index}` }));
    const first = planSlices(service(), many, nodeOf, []);
    deepEqual(first.create.map(({ endpoints }) => endpoints?.length), [100, 50]);
    const slices = first.create.map((content) => existing(content));
    const after = planSlices(service(), [...many.slice(10), samplePod('new', { ip: '10.0.2.1' })], nodeOf, slices);
    deepEqual(after.keep.map(({ content }) => content.endpoints?.length), [91, 50]);
    equal(after.keep[0]!.content.endpoints?.[0]?.targetRef?.name, 'p10');
  });
});

describe('the trigger time of endpoints', () => {
  it('is that of the first change which is new, and none when pods have only gone', () => {
    const times = createTriggerTimes();
    const ready = (name: string, readyForS: number) => samplePod(name, { readyForS });
    equal(times.of(service(), [ready('a', 30), ready('b', 20)]), ago(50));
    equal(times.of(service(), [ready('a', 30), ready('b', 10), ready('c', 5)]), ago(10));
    equal(times.of(service(), [ready('c', 5)]), undefined);
  });
});
