import assert from 'node:assert/strict';
import { firstView } from '../../../lab/kubernetes/kubelet/container/view.ts';
import type { RunningContainer } from '../../../lab/kubernetes/kubelet/container/index.ts';
import { obstacleToResize, restartsFor } from '../../../lab/kubernetes/kubelet/container/resize.ts';
import { createPodResize, type PodResize } from '../../../lab/kubernetes/kubelet/pod-resize.ts';
import { podStatus } from '../../../lab/kubernetes/kubelet/pod-status.ts';
import type { Cgroup } from '../../../lab/kubernetes/kubelet/runtime/cgroup.ts';
import type { Pod, ResourceRequirements } from '../../../lab/kubernetes/objects.ts';

const podWith = (cpu: string, request = cpu, generation = 1): Pod => ({
  metadata: { name: 'web-1', namespace: 'shop', uid: 'u1', generation },
  spec: { containers: [{ name: 'app', image: 'lab/web', resources: { limits: { cpu }, requests: { cpu: request } } }] },
});

/** A pod of one container that takes what it is given, or says why not. */
function resizing(kernel: { obstacle?: string; fails?: string; neighbours?: Pod[] } = {}) {
  const first = podWith('500m');
  const view = { ...firstView(undefined), state: { running: { startedAt: '' } }, resources: first.spec.containers[0]!.resources as ResourceRequirements };
  const container = {
    spec: first.spec.containers[0]!,
    view,
    obstacleTo: () => kernel.obstacle,
    resize(resources: ResourceRequirements) {
      if (kernel.fails !== undefined) throw new Error(kernel.fails);
      view.resources = resources;
    },
  } as unknown as RunningContainer;
  const resize = createPodResize({ first, allocatable: { cpu: '1900m', memory: '1Gi' }, neighbours: () => kernel.neighbours ?? [], containers: new Map([['app', container]]) });
  const status = (pod: Pod) => podStatus(pod, { hostIp: '1', podIp: '2', startTime: '', networkReady: true, initialized: true, containers: new Map([['app', view]]), initContainers: new Map(), over: false, allocated: resize.allocated, resize: resize.conditions() }, undefined, 'now');
  return { resize, status };
}

const told = (resize: PodResize): string[] => resize.conditions().map(({ type, reason = '', message = '' }) => `${type} ${reason} ${message}`.trim());

describe('a pod that is resized while it runs', () => {
  it('gets what its spec asks for, and its status says so', () => {
    const { resize, status } = resizing();
    const next = podWith('100m', '50m', 2);
    assert.equal(resize.look(next), true);
    assert.deepEqual(told(resize), []);
    const [shown] = status(next).containerStatuses!;
    assert.deepEqual(shown!.resources, { limits: { cpu: '100m' }, requests: { cpu: '50m' } });
    assert.deepEqual(shown!.allocatedResources, { cpu: '50m' });
    assert.equal(resize.look(next), false, 'once');
  });

  it('keeps what it has when the node can never give it, or the container not while it runs', () => {
    const tooMuch = resizing();
    tooMuch.resize.look(podWith('4', '4', 2));
    assert.deepEqual(told(tooMuch.resize), ["PodResizePending Infeasible Node didn't have enough capacity: cpu, requested: 4000, capacity: 1900"]);
    const { resize, status } = resizing({ obstacle: 'no group' });
    const next = podWith('100m', '100m', 2);
    resize.look(next);
    const shown = status(next);
    assert.deepEqual(shown.containerStatuses![0]!.resources!.limits, { cpu: '500m' });
    const { lastTransitionTime: _, ...condition } = shown.conditions!.find(({ type }) => type === 'PodResizePending')!;
    assert.deepEqual(condition, { type: 'PodResizePending', status: 'True', reason: 'Infeasible', message: 'no group', observedGeneration: 2, lastProbeTime: null });
    assert.equal(resize.look(podWith('500m', '500m', 3)), true, 'asked for what it has, it waits for nothing');
    assert.deepEqual(told(resize), []);
  });

  it('waits for room where other pods have it, but not to become smaller', () => {
    const neighbours = [podWith('1500m')];
    const { resize } = resizing({ neighbours });
    resize.look(podWith('600m', '600m', 2));
    assert.match(told(resize)[0]!, /^PodResizePending Deferred Node didn't have enough resource: cpu, requested: 600, used: 1500, capacity: 1900$/);
    resize.look(podWith('450m', '450m', 3));
    assert.deepEqual(told(resize), []);
    resize.look(podWith('600m', '600m', 4));
    neighbours.length = 0;
    assert.equal(resize.look(podWith('600m', '600m', 4)), true);
    assert.deepEqual(told(resize), []);
  });

  it('is in progress, with an error, while the kernel refuses, and done once it does not', () => {
    const kernel: { fails?: string } = { fails: 'EBUSY' };
    const { resize } = resizing(kernel);
    const next = podWith('100m', '100m', 2);
    resize.look(next);
    assert.deepEqual(told(resize), ['PodResizeInProgress Error EBUSY']);
    delete kernel.fails;
    assert.equal(resize.look(next), true);
    assert.deepEqual(told(resize), []);
  });

  it('has to have a control group for what is changed, and is restarted where its policy says so', () => {
    const holds = (...limits: string[]) => ({ holds: (limit: string) => limits.includes(limit) }) as unknown as Cgroup;
    const spec = { name: 'app', resources: { limits: { cpu: '500m' } } };
    assert.equal(obstacleToResize(spec, { limits: { cpu: '100m' } }, holds('cpus')), undefined);
    assert.match(obstacleToResize(spec, { limits: { cpu: '100m' } }, undefined)!, /^limits of containers are not enforced on this node: container app has no control group for cpu$/);
    assert.match(obstacleToResize({ name: 'app' }, { limits: { cpu: '100m' } }, holds('memoryBytes'))!, /was started without a control group for cpu, and can't be moved into one while it runs/);
    assert.equal(obstacleToResize(spec, { limits: { cpu: '0.5' }, requests: { cpu: '0.1' } }, undefined), undefined, 'requests are for the scheduler');
    const restarted = { ...spec, resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] };
    assert.equal(restartsFor(restarted, { limits: { cpu: '100m' } }), true);
    assert.equal(restartsFor(restarted, { limits: { cpu: '500m', memory: '1Gi' } }), false);
  });
});
