import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Client } from '../../lab/kubernetes/client/index.ts';
import { createStatusWriter } from '../../lab/kubernetes/kubelet/status-writer.ts';
import type { PodStatus } from '../../lab/kubernetes/objects.ts';
import { openKubernetes } from '../../runner/clients/kubernetes-connection.ts';
import { clientOn, type KubernetesClient, type V1Pod } from '../../runner/clients/kubernetes.ts';
import { realClock } from '../../runner/clock.ts';
import type { Environment } from '../../runner/environment.ts';
import type { InjectContext, PlanContext } from '../../runner/fault.ts';
import cpuThrottle from '../../runner/faults/cpu-throttle.ts';
import { createMask } from '../../runner/mask.ts';
import { seeded } from '../../runner/rng.ts';
import { send, type ApiAnswer } from './kubernetes-request.ts';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';

const pods = '/api/v1/namespaces/default/pods';
const given = { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '200m', memory: '64Mi' } };

describe("the resize of running pods in the lab's Kubernetes API", function () {
  this.timeout(60_000);
  let server: LocalApiServer;
  let client: KubernetesClient;
  before(async () => {
    server = await startLocalApiServer({
      users: [
        { token: 'admin-token', name: 'admin', groups: ['system:masters'] },
        { token: 'nobody', name: 'nobody' },
      ],
    });
    client = clientOn(await openKubernetes({ kubeconfig: server.kubeconfig, context: 'local' }, { userAgent: 'firedrill/test', clock: realClock, mask: createMask(), changed: () => {} }));
  });
  after(async () => {
    await client.close();
    await server.close();
  });

  const ask = (method: string, path: string, body?: unknown, type = 'application/strategic-merge-patch+json', token = server.adminToken): Promise<ApiAnswer> =>
    send(server, token, { method, path, body, headers: { 'Content-Type': method === 'PATCH' ? type : 'application/json' } });
  const statusOf = (resources?: object) => ({ phase: 'Running', containerStatuses: [{ name: 'app', image: 'web', imageID: '', ready: true, restartCount: 0, state: { running: {} }, ...(resources ? { resources } : {}) }] });
  const make = async (name: string, resources: object = given, metadata: object = {}): Promise<V1Pod> => {
    const spec = { nodeName: 'node-1', serviceAccountName: 'default', containers: [{ name: 'app', image: 'web', resources }, { name: 'side', image: 'web', resources: { limits: { cpu: '100m', memory: '64Mi' } } }] };
    const made = await ask('POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name }, ...metadata }, spec });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    await ask('PATCH', `${pods}/${name}/status`, { status: statusOf(resources) });
    return made.body as V1Pod;
  };
  const resize = (name: string, resources: object, more: object = {}, query = '') => ask('PATCH', `${pods}/${name}/resize${query}`, { ...more, spec: { containers: [{ name: 'app', resources }] } });

  it('changes CPU and memory of a container, raises the generation, and drops all else without a word', async () => {
    const before = await make('plain');
    const { status, body } = await resize('plain', { limits: { cpu: '100m' }, requests: { cpu: '50m' } }, { metadata: { labels: { app: 'other' } } });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.spec.containers[0].resources, { limits: { cpu: '100m', memory: '64Mi' }, requests: { cpu: '50m', memory: '64Mi' } });
    assert.deepEqual(body.spec.containers[1], JSON.parse(JSON.stringify(before.spec!.containers[1])), 'the other container is as it was');
    assert.deepEqual([before.metadata!.generation, body.metadata.generation], [1, 2]);
    assert.deepEqual(body.metadata.labels, { app: 'plain' });
    assert.equal((await ask('GET', `${pods}/plain/resize`)).body.spec.containers[0].resources.limits.cpu, '100m');
    assert.equal((await ask('PATCH', `${pods}/plain`, { spec: { containers: [{ name: 'app', resources: { limits: { cpu: '200m' } } }] } })).status, 422, 'the main resource does not take it');
  });

  const refusals: [what: string, resources: object, patch: object, says: RegExp][] = [
    ['a request above the limit', given, { limits: { cpu: '100m' } }, /spec\.containers\[0\]\.resources\.requests: Invalid value: "200m": must be less than or equal to cpu limit of 100m/],
    ['another QoS class', given, { limits: { cpu: '200m' } }, /spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing/],
    ['a limit that is taken away', given, { limits: { cpu: null } }, /spec\.containers\[0\]\.resources\.limits: Forbidden: resource limits cannot be removed/],
    ['what is neither CPU nor memory', given, { limits: { 'ephemeral-storage': '1Gi' } }, /spec: Forbidden: only cpu and memory resources are mutable/],
  ];
  for (const [at, [what, resources, patch, says]] of refusals.entries()) {
    it(`refuses ${what}`, async () => {
      await make(`refused-${at}`, resources);
      const { status, body } = await resize(`refused-${at}`, patch);
      assert.equal(status, 422, JSON.stringify(body));
      assert.match(body.message, says);
    });
  }

  it('refuses mirror pods, a kubelet that can not, another uid, and who has no right to it; a dry run keeps nothing', async () => {
    await make('mirror', given, { annotations: { 'kubernetes.io/config.mirror': 'x' } });
    assert.match((await resize('mirror', { limits: { cpu: '300m' } })).body.message, /static pods cannot be resized/);
    await make('old');
    await ask('PATCH', `${pods}/old/status`, { status: statusOf() });
    assert.match((await resize('old', { limits: { cpu: '300m' } })).body.message, /Pod running on node without support for resize/);
    await make('other');
    assert.equal((await resize('other', { limits: { cpu: '300m' } }, { metadata: { uid: 'another' } })).status, 409);
    const denied = await ask('PATCH', `${pods}/other/resize`, {}, undefined, 'nobody');
    assert.match(denied.body.message, /cannot patch resource "pods\/resize"/);
    assert.equal((await resize('other', { limits: { cpu: '300m' } }, {}, '?dryRun=All')).body.spec.containers[0].resources.limits.cpu, '300m');
    assert.equal((await ask('GET', `${pods}/other`)).body.spec.containers[0].resources.limits.cpu, '500m');
  });

  it('takes a condition away that its kubelet has no more', async () => {
    const { metadata } = await make('pending');
    const kubelet = { patch: async (_: unknown, __: unknown, ___: unknown, patch: unknown) => assert.equal((await ask('PATCH', `${pods}/pending/status`, patch)).status, 200) } as unknown as Client;
    const writer = createStatusWriter(kubelet, () => metadata!.uid, () => {});
    const pod = { metadata: { name: 'pending', namespace: 'default', uid: metadata!.uid! }, spec: { containers: [] } };
    const types = async (): Promise<string[]> => (await ask('GET', `${pods}/pending`)).body.status.conditions.map(({ type }: { type: string }) => type);
    const ready = { type: 'Ready', status: 'True' as const };
    writer.put(pod, { ...statusOf(given), conditions: [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible', message: 'no' }, ready] } as PodStatus);
    await writer.written(metadata!.uid!);
    assert.ok((await types()).includes('PodResizePending'));
    writer.put(pod, { ...statusOf(given), conditions: [ready] } as PodStatus);
    await writer.written(metadata!.uid!);
    assert.ok(!(await types()).includes('PodResizePending'));
    assert.ok((await types()).includes('Ready'));
  });

  it('takes the commands that a human is told to type, from kubectl', async () => {
    await make('typed');
    const one = { namespace: 'default', name: 'typed', uid: 'u', container: 'app', to: { limit: '500m', request: '200m' }, original: { limit: '250m', request: '50m' } };
    const environment = { name: 'here', kubernetes: { kubeconfig: server.kubeconfig, context: 'local' } } as unknown as Environment;
    const [command] = cpuThrottle.byHand!({ fault: 'slow', lastsMs: 0, pods: [one] }, environment, { id: 'run-1', drill: 'd' });
    await promisify(execFile)('sh', ['-c', command!]);
    assert.deepEqual((await ask('GET', `${pods}/typed`)).body.spec.containers[0].resources, { limits: { cpu: '250m', memory: '64Mi' }, requests: { cpu: '50m', memory: '64Mi' } });
  });

  it('lets cpu-throttle lower a limit and put it back, with a kubelet that does what it is told', async () => {
    await make('throttled');
    const world = { kubernetes: async () => client, environment: { name: 'here' } } as unknown as PlanContext['world'];
    const inventory = { kubernetes: await client.cluster() } as unknown as PlanContext['inventory'];
    const context: InjectContext = { kind: 'cpu-throttle', world, clock: realClock, run: { id: 'run-1', drill: 'd' }, signal: AbortSignal.timeout(30_000), note: () => {}, spare: () => {} };
    const plan = await cpuThrottle.plan({ id: 'slow', kind: 'cpu-throttle', to: '20%', select: { names: ['throttled'] } }, { world, inventory, rng: seeded(1) });
    assert.deepEqual(plan.objections, []);
    const live = async () => (await ask('GET', `${pods}/throttled`)).body;
    const kubelet = new AbortController();
    const obeying = obey('throttled', kubelet.signal);
    try {
      await cpuThrottle.inject(plan, context);
      // A request of 100m would make the pod Guaranteed.
      assert.deepEqual((await live()).status.containerStatuses[0].resources, { limits: { cpu: '100m', memory: '64Mi' }, requests: { cpu: '99m', memory: '64Mi' } });
      assert.equal((await live()).metadata.annotations['firedrill.dev/run'], 'run-1');
      assert.equal(await cpuThrottle.undo!(plan.undo!, context), 'throttled has its CPU limit of 500m again');
    } finally {
      kubelet.abort();
      await obeying;
    }
    const after = await live();
    assert.deepEqual(after.status.containerStatuses[0].resources, given);
    assert.equal(after.metadata.annotations, undefined);
    assert.equal(after.metadata.generation, 3);
  });

  /** Writes the status of a pod as its kubelet would, until it is told to stop. */
  async function obey(name: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { body } = await ask('GET', `${pods}/${name}`);
      await ask('PATCH', `${pods}/${name}/status`, { status: statusOf(body.spec.containers[0].resources) });
      await wait(50);
    }
  }
});
