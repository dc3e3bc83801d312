import assert from 'node:assert/strict';
import { ExpectedError } from '../../../runner/errors.ts';
import { KubernetesFailure } from '../../../runner/clients/kubernetes-failure.ts';
import endpoints from '../../../runner/probes/endpoints.ts';
import kubeApi from '../../../runner/probes/kube-api.ts';
import nodesReady from '../../../runner/probes/nodes-ready.ts';
import podsGone from '../../../runner/probes/pods-gone.ts';
import podsReady from '../../../runner/probes/pods-ready.ts';
import workloadAvailable from '../../../runner/probes/workload-available.ts';
import type { World } from '../../../runner/world.ts';
import { rawPod, refused } from '../fake-kubernetes-api.ts';
import { openOnCluster, podTarget, rawDeployment, rawNode, rawSlice } from './sample-cluster.ts';

const web = { namespace: 'shop', labels: { app: 'web' } };

describe('pods-ready', () => {
  it('is good while as many are ready as the workload wanted when the run began', async () => {
    const { ask, api, close, clock } = await openOnCluster(podsReady, { select: web });
    assert.equal((await ask()).value, 'good');
    api.put('pods', rawPod('web-1', { ready: false }));
    await clock.advance(1);
    assert.deepEqual(await ask(), { value: 'bad', why: '2 of 3 ready', tookMs: 0 });
    api.put('pods', rawPod('web-1'));
    await clock.advance(1);
    assert.equal((await ask()).value, 'good');
    await close();
  });

  it('is not good because a fault has scaled the workload down', async () => {
    const { ask, api, close, clock } = await openOnCluster(podsReady, { select: web });
    api.put('deployments', rawDeployment('web', 0));
    for (const name of ['web-1', 'web-2', 'web-3']) api.remove(`uid-${name}`);
    await clock.advance(1);
    assert.equal((await ask()).why, '0 of 3 ready');
    await close();
  });

  it('counts a pod again that was spared: what a budget forbade has not happened', async () => {
    const { ask, context, close } = await openOnCluster(podsReady, { select: web });
    context.hits.push(podTarget('web-1'));
    assert.equal((await ask()).why, '2 of 3 ready');
    context.hits.pop();
    assert.equal((await ask()).value, 'good');
    await close();
  });

  it('counts only what replaced the killed, however ready those still look', async () => {
    const { ask, api, context, close, clock } = await openOnCluster(podsReady, { select: web });
    context.hits.push(podTarget('web-1'));
    assert.equal((await ask()).why, '2 of 3 ready');
    api.put('pods', rawPod('web-4', { ready: false }));
    await clock.advance(1);
    assert.equal((await ask()).why, '2 of 3 ready');
    api.put('pods', rawPod('web-4'));
    await clock.advance(1);
    assert.equal((await ask()).value, 'good');
    await close();
  });

  it('counts what a fault has hit without killing it', async () => {
    const { ask, context, close } = await openOnCluster(podsReady, { select: web });
    context.hits.push(podTarget('web-1', { survives: true }));
    assert.equal((await ask()).value, 'good');
    await close();
  });

  for (const target of [
    podTarget('node-2', { kind: 'node', id: 'uid-node-2' }),
    podTarget('worker', { kind: 'instance', id: 'i-2' }),
    podTarget('worker', { kind: 'instance', id: 'i-9', node: 'node-2' }),
  ]) {
    it(`does not count the pods of a node that was lost (${target.kind} ${target.id}), which look ready until somebody notices`, async () => {
      const { ask, api, context, close, clock } = await openOnCluster(podsReady, { select: web });
      context.hits.push(target);
      assert.equal((await ask()).why, '2 of 3 ready');
      api.put('pods', rawPod('web-4', { node: 'node-2' }));
      await clock.advance(1);
      assert.equal((await ask()).value, 'good', 'what comes onto it later is another pod');
      await close();
    });
  }

  it('never counts a pod that is being deleted, or has ended', async () => {
    const { ask, api, close, clock } = await openOnCluster(podsReady, { select: web });
    api.put('pods', rawPod('web-1', { terminating: true }));
    api.put('pods', rawPod('web-2', { phase: 'Succeeded' }));
    await clock.advance(1);
    assert.equal((await ask()).why, '1 of 3 ready');
    await close();
  });

  for (const [atLeast, lost, value] of [[2, 1, 'good'], [2, 2, 'bad'], ['66%', 1, 'good'], ['67%', 1, 'bad']] as const) {
    it(`asked for ${atLeast} of three, is ${value} when ${lost} ${lost === 1 ? 'is' : 'are'} gone`, async () => {
      const { ask, api, close, clock } = await openOnCluster(podsReady, { select: web, atLeast });
      for (let index = 1; index <= lost; index += 1) api.remove(`uid-web-${index}`);
      await clock.advance(1);
      assert.equal((await ask()).value, value);
      await close();
    });
  }

  it('looks at one node, or one zone, where as many should be ready as when the run began', async () => {
    for (const select of [{ ...web, node: 'node-2' }, { ...web, zone: 'eu-west-1b' }, { owner: 'deployment/web', zone: 'eu-west-1b' }]) {
      const { ask, api, close, clock } = await openOnCluster(podsReady, { select });
      api.put('pods', rawPod('web-1', { ready: false }));
      await clock.advance(1);
      assert.equal((await ask()).value, 'good');
      api.put('pods', rawPod('web-2', { ready: false, node: 'node-2' }));
      await clock.advance(1);
      assert.equal((await ask()).why, '0 of 1 ready', JSON.stringify(select));
      await close();
    }
  });

  it('tells a change with the time at which it arrived, between two questions', async () => {
    const { ask, api, close, clock, turns } = await openOnCluster(podsReady, { select: web });
    await ask();
    await clock.advance(333);
    const lostMs = clock.now();
    api.put('pods', rawPod('web-1', { ready: false }));
    await clock.advance(77);
    const backMs = clock.now();
    api.put('pods', rawPod('web-1'));
    await clock.advance(1);
    assert.deepEqual(turns.map(({ was, is, seenMs }) => [was.value, is.value, seenMs]), [['good', 'bad', lostMs], ['bad', 'good', backMs]]);
    for (const { notYetMs, seenMs } of turns) assert.ok(seenMs - notYetMs < 60 && notYetMs < seenMs);
    await close();
  });

  it('does not tell of each of a thousand changes that turn nothing', async () => {
    const { ask, api, close, clock, turns } = await openOnCluster(podsReady, { select: web });
    await ask();
    for (let index = 0; index < 1_000; index += 1) api.put('pods', rawPod('other', { labels: { app: `x${index}` } }));
    await clock.advance(1);
    assert.deepEqual(turns, []);
    await close();
  });

  it('waits out the moment in which the server opens its watch again', async () => {
    const { ask, api, close, clock } = await openOnCluster(podsReady, { select: web });
    await clock.advance(1_000);
    api.endStreams();
    await clock.advance(1);
    const answer = await ask();
    assert.equal(answer.value, 'good');
    assert.ok(answer.tookMs < 30, `it took ${answer.tookMs} ms`);
    await close();
  });

  it('knows nothing while the API is away, and says so before its question ends', async () => {
    const { ask, api, close, clock } = await openOnCluster(podsReady, { select: web });
    await clock.advance(1_000);
    api.down = refused();
    api.endStreams(new Error('reset'));
    await clock.advance(10);
    const answer = await ask();
    assert.deepEqual(answer, { value: 'unknown', why: 'the watch of pods is interrupted: ECONNREFUSED', tookMs: 2_700 });
    await close();
  });

  it('refuses a selection that matches nothing', async () => {
    await assert.rejects(openOnCluster(podsReady, { select: { namespace: 'shop', labels: { app: 'nosuch' } } }), (error) => error instanceof ExpectedError && /app.*nosuch.*matches no pod/.test(error.message));
  });
});

describe('workload-available', () => {
  it('names what is missing, in the order in which it comes back', async () => {
    const { ask, api, close, clock } = await openOnCluster(workloadAvailable, { select: web });
    assert.equal((await ask()).value, 'good');
    const steps: [object, string | undefined][] = [
      [{ generation: 2, observed: 1 }, 'deployment/web: its controller has not seen its newest version'],
      [{ updated: 1 }, 'deployment/web: 1 of 3 up to date'],
      [{ all: 4 }, 'deployment/web: 1 of an older version'],
      [{ ready: 2 }, 'deployment/web: 2 of 3 ready'],
      [{ available: 1 }, 'deployment/web: 1 of 3 available'],
      [{}, undefined],
    ];
    for (const [says, why] of steps) {
      api.put('deployments', rawDeployment('web', 3, says));
      await clock.advance(1);
      assert.equal((await ask()).why, why);
    }
    api.remove('uid-deployment-web');
    await clock.advance(1);
    assert.equal((await ask()).why, 'deployment/web is gone');
    await close();
  });

  it('is content with the part that was asked for, of whatever version', async () => {
    const { ask, api, close, clock } = await openOnCluster(workloadAvailable, { select: { owner: 'deployment/web' }, atLeast: 2 });
    api.put('deployments', rawDeployment('web', 3, { ready: 2, updated: 1 }));
    await clock.advance(1);
    assert.equal((await ask()).value, 'good');
    api.put('deployments', rawDeployment('web', 3, { ready: 1 }));
    await clock.advance(1);
    assert.equal((await ask()).why, 'deployment/web: 1 of 2 ready');
    await close();
  });

  it('follows a DaemonSet by its own numbers', async () => {
    const { api, close, open, clock } = await openOnCluster(workloadAvailable, { select: web });
    void open;
    api.put('daemonsets', {
      metadata: { name: 'agent', uid: 'uid-agent', generation: 1, labels: { app: 'web' } },
      spec: { template: { metadata: { labels: { app: 'agent' } } } },
      status: { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 2, numberAvailable: 2, observedGeneration: 1 },
    });
    await clock.advance(1);
    assert.equal((await clock.until(open.streams[0]!.ask(new AbortController().signal))).why, 'daemonset/agent: 2 of 3 ready');
    await close();
  });

  it('refuses a selection that matches nothing', async () => {
    await assert.rejects(openOnCluster(workloadAvailable, { select: { names: ['nosuch'] } }), /nosuch.*matches no Deployment, StatefulSet or DaemonSet/);
  });
});

describe('pods-gone', () => {
  it('is bad while a killed pod is still there, and tells which', async () => {
    const { ask, api, context, close, clock } = await openOnCluster(podsGone, { select: { namespace: 'shop' } });
    assert.equal((await ask()).value, 'good');
    context.hits.push(podTarget('web-2'));
    assert.deepEqual(await ask(), { value: 'bad', why: 'still there: web-2', tookMs: 0 });
    api.remove('uid-web-2');
    await clock.advance(1);
    assert.equal((await ask()).value, 'good');
    await close();
  });

  it('asks it too of the pods of a lost machine, and not of those that were only signalled', async () => {
    const { ask, context, close } = await openOnCluster(podsGone);
    context.hits.push(podTarget('web-1', { survives: true }));
    assert.equal((await ask()).value, 'good');
    context.hits.push(podTarget('worker', { kind: 'instance', id: 'i-3' }));
    assert.equal((await ask()).why, 'still there: web-3');
    await close();
  });
});

describe('nodes-ready', () => {
  it('is good while as many are ready as when the run began; a node that says nothing is not', async () => {
    const { ask, api, close, clock } = await openOnCluster(nodesReady);
    assert.equal((await ask()).value, 'good');
    api.put('nodes', rawNode(2, { ready: false }));
    await clock.advance(1);
    assert.equal((await ask()).why, '2 of 3 ready');
    await close();
  });

  it('counts the node that replaced a lost one, and not the lost one, which looks ready for long', async () => {
    const { ask, api, context, close, clock } = await openOnCluster(nodesReady);
    context.hits.push(podTarget('worker', { kind: 'instance', id: 'i-2' }));
    assert.equal((await ask()).why, '2 of 3 ready');
    api.put('nodes', rawNode(2, { name: 'node-9', instance: 'i-9' }));
    await clock.advance(1);
    assert.equal((await ask()).value, 'good');
    await close();
  });

  it('looks only at the nodes that are meant', async () => {
    for (const select of [{ zone: 'eu-west-1a' }, { notZone: 'eu-west-1b' }, { names: ['node-1'] }, { labels: { 'topology.kubernetes.io/zone': '*-1a' } }]) {
      const { ask, api, close, clock } = await openOnCluster(nodesReady, { select });
      api.put('nodes', rawNode(2, { ready: false }));
      await clock.advance(1);
      assert.equal((await ask()).value, 'good', JSON.stringify(select));
      api.put('nodes', rawNode(1, { ready: false }));
      await clock.advance(1);
      assert.equal((await ask()).value, 'bad', JSON.stringify(select));
      await close();
    }
  });

  it('refuses a selection that matches nothing', async () => {
    await assert.rejects(openOnCluster(nodesReady, { select: { names: ['nosuch'] } }), /nosuch.*matches no node/);
  });
});

describe('endpoints', () => {
  const select = { namespace: 'shop', names: ['web'] };

  it('is good while the Service has enough ready addresses', async () => {
    const { ask, api, close, clock } = await openOnCluster(endpoints, { select, atLeast: 2 });
    api.put('endpointslices', rawSlice('web', [{ uid: 'a' }, { uid: 'b' }, { uid: 'c', ready: false }]));
    await clock.advance(1);
    assert.equal((await ask()).value, 'good');
    api.put('endpointslices', rawSlice('web', [{ uid: 'a' }, { uid: 'b', ready: false }]));
    await clock.advance(1);
    assert.equal((await ask()).why, 'web: 1 of 2 ready');
    api.put('endpointslices', rawSlice('web', []));
    await clock.advance(1);
    assert.equal((await ask()).why, 'web: 0 of 2 ready');
    await close();
  });

  it('does not count the address of a killed pod, nor those on a lost node', async () => {
    const { ask, context, close } = await openOnCluster(endpoints, { select, atLeast: 2 });
    context.hits.push(podTarget('web-1'));
    assert.equal((await ask()).value, 'good');
    context.hits.push(podTarget('node-2', { kind: 'node', id: 'uid-node-2' }));
    assert.equal((await ask()).why, 'web: 1 of 2 ready');
    await close();
  });

  it('refuses a Service that is not there, and a selection that names none', async () => {
    await assert.rejects(openOnCluster(endpoints, { select: { names: ['nosuch'] } }), /no EndpointSlice of nosuch; is there such a Service/);
    await assert.rejects(openOnCluster(endpoints), /select.names must name the Service/);
  });
});

describe('kube-api', () => {
  it('reads and writes a Lease of its own, as two streams, and takes it away at the end', async () => {
    const { open, api, close, clock } = await openOnCluster(kubeApi);
    assert.deepEqual(open.streams.map(({ name }) => name), ['mine/read', 'mine/write']);
    for (const stream of open.streams) assert.equal((await clock.until(stream.ask(new AbortController().signal))).value, 'good');
    await close();
    const made = api.requests.filter(({ resource }) => resource === 'leases');
    assert.deepEqual(made.map(({ verb }) => verb), ['create', 'get', 'patch', 'delete']);
    assert.ok(made.every(({ namespace, name }) => namespace === 'shop' && name === 'firedrill-run-1-mine'));
  });

  it('changes the Lease with each write, since a write that changes nothing is not stored', async () => {
    const { open, api, close, clock } = await openOnCluster(kubeApi);
    for (let write = 0; write < 3; write += 1) await clock.until(open.streams[1]!.ask(new AbortController().signal));
    const bodies = api.requests.filter(({ verb }) => verb === 'patch').map(({ body }) => JSON.stringify(body));
    assert.equal(new Set(bodies).size, 3);
    await close();
  });

  it('is bad in few words when the API refuses, and when it is not there', async () => {
    const { open, api, close, clock } = await openOnCluster(kubeApi);
    const write = () => clock.until(open.streams[1]!.ask(new AbortController().signal));
    api.down = new KubernetesFailure('patch leases: gave up', { status: 504, reason: 'Timeout', exitCode: 4 });
    assert.deepEqual(await write(), { value: 'bad', why: '504 Timeout' });
    api.down = refused();
    assert.deepEqual(await write(), { value: 'bad', why: 'ECONNREFUSED' });
    await close();
  });

  it('leaves a line that says what to delete when it could not', async () => {
    const { api, context, close } = await openOnCluster(kubeApi);
    api.down = refused();
    await close();
    assert.match(context.notes.join(), /kubectl -n shop delete lease firedrill-run-1-mine/);
    assert.equal(context.lefts[0]!.cleaned, false);
  });

  it('has written down what it leaves before it makes that, and recover deletes it', async () => {
    const { clock, api, context, close } = await openOnCluster(kubeApi);
    const record = { namespace: 'shop', lease: 'firedrill-run-1-mine' };
    assert.deepEqual(context.lefts, [{ record, cleaned: false }]);
    const { world, run, note } = context;
    const undone = kubeApi.undo!(record, { world, clock, run, note, signal: new AbortController().signal, spare: () => {} });
    assert.equal(await clock.until(undone), 'deleted the Lease firedrill-run-1-mine in namespace shop');
    assert.deepEqual(api.requests.filter(({ resource }) => resource === 'leases').map(({ verb }) => verb), ['create', 'delete']);
    assert.deepEqual(kubeApi.byHand!(record, world.environment), ['kubectl -n shop delete lease firedrill-run-1-mine']);
    await close();
    assert.equal(context.lefts[0]!.cleaned, true);
  });

  it('may have made it where no answer came, and takes it away then', async () => {
    const verbsWhen = async (error: Error): Promise<string[]> => {
      const verbs: string[] = [];
      const request = async ({ verb }: { verb: string }): Promise<object> => {
        verbs.push(verb);
        if (verb === 'create') throw error;
        return {};
      };
      await assert.rejects(openOnCluster(kubeApi, {}, { world: { kubernetes: async () => ({ connection: { request } }) } as unknown as Partial<World> }), /probe mine: /);
      return verbs;
    };
    assert.deepEqual(await verbsWhen(refused()), ['create', 'delete']);
    assert.deepEqual(await verbsWhen(new KubernetesFailure('gave up', { status: 504, reason: 'Timeout', exitCode: 4 })), ['create', 'delete']);
    assert.deepEqual(await verbsWhen(new KubernetesFailure('no', { status: 403, reason: 'Forbidden', exitCode: 2 })), ['create']);
  });
});
