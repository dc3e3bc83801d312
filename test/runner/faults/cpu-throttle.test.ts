import assert from 'node:assert/strict';
import cpuThrottle from '../../../runner/faults/cpu-throttle.ts';
import { FakeAws } from './fake-aws.ts';
import { failure } from './fake-kubernetes.ts';
import { underTest } from './fault-under-test.ts';

describe('cpu-throttle', () => {
  const resources = (aws: FakeAws, pod = 'web-1') => aws.kubernetes.get('pods', pod).spec.containers[0].resources;
  const web1 = { select: { names: ['web-1'] } };

  it('lowers the limit while the pod runs, and the request with it, and puts both back', async () => {
    const one = underTest(cpuThrottle);
    const plan = await one.plan({ ...web1, to: '100m' });
    assert.deepEqual(plan.objections, []);
    assert.equal(plan.says, 'lower the CPU limit of web-1 in shop to 100m, without a restart (undone: the original limit)');
    await one.inject(plan);
    assert.deepEqual(one.aws.changes, ['patch pods web-1', 'patch pods/resize web-1'], 'the marks come first');
    // A request of 100m would make it Guaranteed: its memory is.
    assert.deepEqual(resources(one.aws), { limits: { cpu: '100m', memory: '64Mi' }, requests: { cpu: '99m', memory: '64Mi' } });
    assert.equal(await one.undo(plan), 'web-1 has its CPU limit of 500m again');
    assert.deepEqual(resources(one.aws), { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '200m', memory: '64Mi' } });
  });

  it('takes a part of what the limit is, and leaves a request that fits', async () => {
    const one = underTest(cpuThrottle);
    await one.inject(await one.plan({ ...web1, to: '50%' }));
    assert.deepEqual(resources(one.aws), { limits: { cpu: '250m', memory: '64Mi' }, requests: { cpu: '200m', memory: '64Mi' } });
  });

  it('keeps a pod Guaranteed that is so', async () => {
    const one = underTest(cpuThrottle);
    resources(one.aws).requests.cpu = '0.5';
    const plan = await one.plan({ ...web1, to: '100m' });
    await one.inject(plan);
    assert.deepEqual(resources(one.aws), { limits: { cpu: '100m', memory: '64Mi' }, requests: { cpu: '100m', memory: '64Mi' } });
    await one.undo(plan);
    assert.deepEqual(resources(one.aws).requests.cpu, '0.5', 'as it was written');
  });

  it('fails when the kubelet says that it can not, or will not yet, and is undone all the same', async () => {
    for (const [resizes, says] of [['Infeasible', /web-1: the CPU limit of 100m for app is not in force: its kubelet says Infeasible: not on this node/], ['Deferred', /its kubelet says Deferred: not on this node/]] as const) {
      const one = underTest(cpuThrottle);
      const plan = await one.plan({ ...web1, to: '100m' });
      one.aws.kubernetes.resizes = resizes;
      await assert.rejects(one.inject(plan), says);
      one.aws.kubernetes.resizes = 'done';
      assert.equal(await one.undo(plan), 'web-1 has its CPU limit of 500m again');
    }
  });

  it('leaves a limit alone that somebody else has set since, and takes its marks away', async () => {
    const one = underTest(cpuThrottle);
    const plan = await one.plan({ ...web1, to: '100m' });
    await one.inject(plan);
    resources(one.aws).limits.cpu = '2';
    assert.equal(await one.undo(plan), 'web-1 was given a CPU limit of 2 by somebody else: left as it is');
    assert.equal(resources(one.aws).limits.cpu, '2');
    assert.equal(one.aws.kubernetes.get('pods', 'web-1').metadata.annotations['firedrill.dev/run'], undefined);
  });

  it('lowers none that was changed since the plan', async () => {
    const one = underTest(cpuThrottle);
    const plan = await one.plan({ ...web1, to: '100m' });
    resources(one.aws).limits.cpu = '300m';
    await assert.rejects(one.inject(plan), /web-1: the CPU limit of app was set to 300m by somebody else; planned was to lower it from 500m/);
    assert.equal(resources(one.aws).limits.cpu, '300m');
  });

  it('looks again when the pod was changed meanwhile, as kubelets do all the time', async () => {
    const one = underTest(cpuThrottle);
    const plan = await one.plan({ ...web1, to: '100m' });
    await one.inject(plan);
    one.aws.kubernetes.resizeRefusals.push(failure(409, 'Conflict'), failure(409, 'Conflict'));
    assert.equal(await one.undo(plan), 'web-1 has its CPU limit of 500m again');
    assert.equal(resources(one.aws).limits.cpu, '500m');
  });

  it('spares a pod that is gone, and touches none that came in its place', async () => {
    const one = underTest(cpuThrottle);
    const plan = await one.plan({ select: { names: ['web-1', 'web-2'] }, to: '100m' });
    one.aws.kubernetes.objects.delete('pods shop/web-1');
    await one.inject(plan);
    assert.deepEqual(one.spared, ['uid-pods-web-1']);
    Object.assign(one.aws.kubernetes.get('pods', 'web-2').metadata, { uid: 'another', annotations: {} });
    one.aws.changes.length = 0;
    assert.equal(await one.undo(plan), 'nothing to put back: no pod carries the annotations of this run');
    assert.deepEqual(one.aws.changes, []);
  });

  it('says how to put it back by hand', async () => {
    const one = underTest(cpuThrottle);
    assert.deepEqual(one.byHand(await one.plan({ ...web1, to: '100m' })), [
      'kubectl --kubeconfig /etc/kubeconfig --context staging -n shop patch pod web-1 --subresource resize --patch ' +
        `'{"spec":{"containers":[{"name":"app","resources":{"limits":{"cpu":"500m"},"requests":{"cpu":"200m"}}}]}}'`,
    ]);
  });

  const objections: [name: string, change: (aws: FakeAws) => void, says: RegExp, spec?: object][] = [
    ['an API that can not resize', (aws) => aws.kubernetes.resizeRefusals.push(failure(404, 'NotFound')), /web-1 can't be resized while it runs: the API has no pods\/resize; Kubernetes 1\.33 has it/],
    ['what the API would refuse', (aws) => aws.kubernetes.resizeRefusals.push(failure(422, 'Invalid')), /said 422 Invalid/],
    ['a container without a CPU limit', (aws) => delete resources(aws).limits.cpu, /web-1 has no CPU limit for app: Kubernetes would take one, but not take it away again/],
    ['one that would be restarted', (aws) => (aws.kubernetes.get('pods', 'web-1').spec.containers[0].resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }]), /it would be restarted, not throttled/],
    ['a limit that is no lower', () => {}, /web-1 has a CPU limit of 500m for app: 500m is no less/, { to: '500m' }],
    ['a limit that the kernel does not take', () => {}, /would get a CPU limit of 5m for app; the kernel takes no less than 10m/, { to: '1%' }],
    ['a container that is not there', () => {}, /web-1 has no container sidecar; it has app/, { container: 'sidecar' }],
    ['a static pod', (aws) => (aws.kubernetes.get('pods', 'web-1').metadata.annotations = { 'kubernetes.io/config.mirror': 'x' }), /web-1 is a static pod of node node-1: Kubernetes resizes none/],
  ];
  for (const [name, change, says, spec = {}] of objections) {
    it(`refuses ${name}, before anything is touched`, async () => {
      const aws = new FakeAws();
      change(aws);
      const plan = await underTest(cpuThrottle, aws).plan({ ...web1, ...spec });
      assert.match(plan.objections[0]!, says);
      assert.deepEqual(aws.changes, []);
    });
  }

  it('refuses what another run has throttled', async () => {
    const one = underTest(cpuThrottle);
    await one.inject(await one.plan({ ...web1, to: '100m' }));
    assert.match((await one.plan({ ...web1, to: '50m' })).objections[0]!, /pod web-1 carries the tags of run run-1; put that back first/);
  });
});
