import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Change, ClusterWatch, WatchedCollection, WatchedPod } from '../../runner/cluster-watch.ts';
import { openKubernetes, type KubernetesConnection, type KubernetesRequest } from '../../runner/clients/kubernetes-connection.ts';
import { watchCluster } from '../../runner/clients/kubernetes-watches.ts';
import { realClock } from '../../runner/clock.ts';
import { createMask } from '../../runner/mask.ts';
import { openWire, type Wire } from './cut-connections.ts';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';

/** Everything here is quick on an idle machine; this one may not be. */
const patienceMs = 30_000;

describe('watches on a real API server', () => {
  let server: LocalApiServer;
  let wire: Wire;
  let direct: KubernetesConnection;
  let watched: KubernetesConnection;
  let cluster: ClusterWatch;
  let pods: WatchedCollection<WatchedPod>;
  let stale = false;
  const requests: KubernetesRequest[] = [];
  const notes: string[] = [];
  const changes: Change<WatchedPod>[] = [];
  let made = 0;

  const path = '/api/v1/namespaces/default/pods';
  const podCall = { resource: 'pods', namespace: 'default' };
  const create = async (): Promise<string> => {
    const name = `web-${(made += 1)}`;
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'pause' }] } };
    await direct.request({ ...podCall, verb: 'create', method: 'POST', path, body });
    return name;
  };
  const names = (): string[] => [...pods.items.values()].map(({ name }) => name);
  const until = async (what: string, isSo: () => boolean): Promise<number> => {
    const startMs = performance.now();
    while (!isSo()) {
      if (performance.now() - startMs > patienceMs) assert.fail(`never: ${what}`);
      await sleep(5);
    }
    return performance.now() - startMs;
  };
  const settled = (): Promise<void> => pods.settled(AbortSignal.timeout(patienceMs));
  /** Lists of whole objects: those that a watch begins with. */
  const lists = (): number => requests.filter(({ verb, accept }) => verb === 'list' && accept === undefined).length;
  const kubeconfigTo = async (port: number): Promise<string> => {
    const file = `${server.kubeconfig}-wire`;
    await writeFile(file, (await readFile(server.kubeconfig, 'utf8')).replace(server.url, `https://127.0.0.1:${port}`));
    return file;
  };

  before(async () => {
    server = await startLocalApiServer({ isOn: () => stale });
    wire = await openWire(Number(new URL(server.url).port));
    const options = { userAgent: 'test', clock: realClock, mask: createMask(), changed: () => {} };
    direct = await openKubernetes({ kubeconfig: server.kubeconfig, context: 'local' }, options);
    const connection = await openKubernetes({ kubeconfig: await kubeconfigTo(wire.port), context: 'local' }, options);
    watched = {
      ...connection,
      request: (request, call) => (requests.push(request), connection.request(request, call)),
      stream: (request, call) => (requests.push(request), connection.stream(request, call)),
    };
    await create();
    cluster = watchCluster({ api: async () => watched, clock: realClock, note: (text) => notes.push(text) });
    pods = await cluster.open({ collection: 'pods', namespace: 'default', labelSelector: 'app=web' });
    pods.onChange((change) => changes.push(change));
    await settled();
  });

  beforeEach(async () => {
    await settled();
    changes.length = notes.length = requests.length = 0;
  });

  after(async () => {
    await cluster?.close();
    await Promise.all([direct?.close(), watched?.close()]);
    await wire?.close();
    await server?.close();
  });

  it('tell a change when it arrives', async () => {
    const name = await create();
    await until('the pod is told of', () => names().includes(name));
    assert.ok(changes[0]!.live);
    assert.ok(changes[0]!.notYetMs < changes[0]!.seenMs);
  });

  it('go on when their connections are cut every second, and miss nothing', async () => {
    const cutting = setInterval(() => wire.cut(), 1_000);
    const blindMs: number[] = [];
    let doubtSinceMs: number | undefined;
    const looking = setInterval(() => {
      const nowMs = performance.now();
      if (pods.doubt() !== undefined) doubtSinceMs ??= nowMs;
      else if (doubtSinceMs !== undefined) {
        blindMs.push(nowMs - doubtSinceMs);
        doubtSinceMs = undefined;
      }
    }, 5);
    const expected: string[] = [];
    try {
      for (let round = 0; round < 60; round += 1) {
        expected.push(await create());
        await sleep(80);
      }
    } finally {
      clearInterval(cutting);
      clearInterval(looking);
    }
    await until('all pods are told of', () => expected.every((name) => names().includes(name)));
    assert.deepEqual(changes.map(({ after }) => after?.name), expected, 'each once, in order');
    assert.equal(lists(), 0, 'without listing again');
    assert.ok(blindMs.length >= 3);
    const median = blindMs.toSorted((a, b) => a - b)[blindMs.length >> 1]!;
    assert.ok(median < 1_000, `blind for ${median.toFixed(0)} ms each time`);
  });

  it('are in doubt while the API is away, and resume where they were', async () => {
    wire.leadTo(null);
    wire.cut();
    await until('the watch is in doubt', () => /interrupted/.test(pods.doubt() ?? ''));
    const name = await create();
    for (let look = 0; look < 20; look += 1) {
      assert.notEqual(pods.doubt(), undefined);
      await sleep(50);
    }
    wire.leadTo(Number(new URL(server.url).port));
    await settled();
    assert.ok(names().includes(name));
    assert.equal(lists(), 0);
    const [change] = changes;
    assert.ok(change && !change.live && change.seenMs - change.notYetMs > 900, 'its error bar covers the gap');
  });

  it('list again when another server does not remember so far back (410)', async () => {
    wire.leadTo(null);
    wire.cut();
    const name = await create();
    // A server that begins now knows nothing of what was before.
    const another = await server.startAnother();
    await another.bootstrapped;
    wire.leadTo(Number(new URL(another.url).port));
    await settled();
    assert.ok(names().includes(name));
    assert.equal(lists(), 1);
    wire.leadTo(Number(new URL(server.url).port));
    wire.cut();
    await settled();
  });

  it('that stall silently are found out, and the truth is told all the same', async () => {
    stale = true;
    const name = await create();
    const tookMs = await until('the pod is told of', () => names().includes(name));
    assert.ok(!changes[0]!.live);
    assert.match(notes.join(), /the watch of pods in namespace default had stalled/);
    stale = false;
    await settled();
    assert.ok(tookMs < patienceMs);
  });

  it('are in doubt while etcd is hung, though they stay open, and need no list afterwards', async () => {
    await server.etcd.pause(0);
    try {
      await until('the watch is in doubt', () => pods.doubt() !== undefined);
      assert.match(pods.doubt()!, /is silent, and the list does not answer|interrupted/);
    } finally {
      server.etcd.resume(0);
    }
    const name = await create();
    await until('the pod is told of', () => names().includes(name));
    await settled();
    assert.equal(lists(), 0);
  });
});
