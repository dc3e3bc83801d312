import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyOf, nodes, pods, startInformer, type Informer } from '../../../lab/kubernetes/client/index.ts';
import { followManifests } from '../../../lab/kubernetes/kubelet/static-pods/manifest-folder.ts';
import { ManifestError, staticPod } from '../../../lab/kubernetes/kubelet/static-pods/manifest.ts';
import { keepMirrors } from '../../../lab/kubernetes/kubelet/static-pods/mirrors.ts';
import type { Pod } from '../../../lab/kubernetes/objects.ts';
import { isMirror, isStatic, marks } from '../../../lab/kubernetes/static-pod-marks.ts';
import { createFakeClient, until, type FakeClient } from './fake-client.ts';

const manifest = (name = 'etcd', spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'main', image: 'pause' }], ...spec },
});
const made = (given: unknown, path = '/m/etcd.yaml'): Pod => staticPod(given, { path, node: 'Node-1', seenAt: '2026-01-01T00:00:00Z' });

describe('a static pod', () => {
  it('is named after its node, marked as coming from a file, and tolerates whatever befalls the node', () => {
    const pod = made(manifest('etcd', {}, { labels: { component: 'etcd' }, annotations: { own: 'note' } }));
    const hash = pod.metadata.uid!;
    assert.match(hash, /^[0-9a-f]{32}$/);
    assert.deepEqual(pod.metadata, {
      name: 'etcd-node-1',
      namespace: 'default',
      uid: hash,
      labels: { component: 'etcd' },
      annotations: { own: 'note', [marks.hash]: hash, [marks.seen]: '2026-01-01T00:00:00Z', [marks.source]: 'file' },
    });
    assert.equal(pod.spec.nodeName, 'Node-1');
    assert.deepEqual(pod.spec.tolerations, [{ operator: 'Exists', effect: 'NoExecute' }]);
    assert.ok(isStatic(pod) && !isMirror(pod));
  });

  it('is another one when its manifest changes, or stands in another file', () => {
    const uid = made(manifest()).metadata.uid;
    assert.equal(made(manifest()).metadata.uid, uid);
    assert.notEqual(made(manifest('etcd', { hostNetwork: true })).metadata.uid, uid);
    assert.notEqual(made(manifest(), '/m/other.yaml').metadata.uid, uid);
  });

  it('is refused where it needs the API, or is no pod', () => {
    const container = (more: object) => ({ containers: [{ name: 'main', image: 'pause', ...more }] });
    const refused: [unknown, RegExp][] = [
      [null, /has to be v1, Pod/],
      ['text', /has to be v1, Pod/],
      [{ ...manifest(), kind: 'Deployment' }, /it is v1, Deployment, and has to be v1, Pod/],
      [{ ...manifest(), metadata: {} }, /no metadata\.name/],
      [manifest('a', { containers: [] }), /no spec\.containers/],
      [manifest('a', { serviceAccountName: 'x' }), /may not reference serviceaccounts/],
      [manifest('a', { volumes: [{ name: 'v', secret: { secretName: 'x' } }] }), /may not reference secrets/],
      [manifest('a', { volumes: [{ name: 'v', projected: { sources: [{ configMap: { name: 'x' } }] } }] }), /may not reference configmaps/],
      [manifest('a', container({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'x', key: 'y' } } }] })), /may not reference secrets/],
      [manifest('a', container({ envFrom: [{ configMapRef: { name: 'x' } }] })), /may not reference configmaps/],
    ];
    for (const [given, why] of refused) assert.throws(() => made(given), (error) => error instanceof ManifestError && why.test(error.message));
  });
});

describe('the folder of manifests', () => {
  let folder: string;
  let stop: AbortController;
  let following: Promise<void>;
  let seen: string[][];
  let said: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-manifests-'));
    stop = new AbortController();
    [seen, said] = [[], []];
    const changed = (all: readonly Pod[]) => void seen.push(all.map(({ metadata }) => metadata.name));
    following = followManifests({ folder, node: 'n', changed, signal: stop.signal, log: (line) => said.push(line) });
  });
  afterEach(async () => {
    stop.abort();
    await following;
    rmSync(folder, { recursive: true, force: true });
  });
  const put = (name: string, text: string) => writeFileSync(join(folder, name), text);

  it('is followed: files that come, change and go; not what is hidden', async () => {
    put('.etcd.yaml.swp', JSON.stringify(manifest('hidden')));
    put('b.json', JSON.stringify(manifest('b')));
    await until(() => seen.at(-1)?.join() === 'b-n', 'the first pod', 20_000);
    put('a.yaml', 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: main, image: pause }] }\n');
    await until(() => seen.at(-1)?.join() === 'a-n,b-n', 'the second pod', 20_000);
    put('b.json', JSON.stringify(manifest('changed')));
    await until(() => seen.at(-1)?.join() === 'a-n,changed-n', 'the change', 20_000);
    rmSync(folder, { recursive: true });
    await until(() => seen.at(-1)?.length === 0, 'the end of all', 20_000);
    assert.deepEqual(said, []);
  });

  it('tells once of a file that can not be read, and goes on with the others', async () => {
    put('bad.yaml', 'a: [');
    put('good.json', JSON.stringify(manifest('good')));
    await until(() => seen.at(-1)?.join() === 'good-n', 'the good one', 20_000);
    put('more.json', JSON.stringify(manifest('more')));
    await until(() => seen.at(-1)?.length === 2, 'another look', 20_000);
    assert.equal(said.length, 1);
    assert.match(said[0]!, /bad\.yaml can't be run/);
    put('worse.yaml', 'kind: Nothing');
    rmSync(join(folder, 'good.json'));
    await until(() => seen.at(-1)?.join() === 'more-n', 'the end of the one that went as a bad one came', 20_000);
  });
});

describe('mirror pods', () => {
  let client: FakeClient;
  let informer: Informer<Pod>;
  let nodeUid: string;
  const running = new Map<string, Pod>();
  let look: (key: string) => void;
  beforeEach(async () => {
    running.clear();
    client = createFakeClient();
    nodeUid = (await client.create(nodes, { metadata: { name: 'n' }, spec: {} })).metadata.uid!;
    informer = startInformer(client, pods);
    const mirrors = keepMirrors({ client, node: 'n', running: (key) => running.get(key), stored: (key) => informer.store.get(key), log: () => {} });
    look = mirrors.look;
    const seen = (pod: Pod) => look(keyOf(pod));
    informer.on({ added: seen, changed: seen, deleted: seen });
  });
  afterEach(() => informer.close());
  const run = (pod: Pod): string => {
    running.set(keyOf(pod), pod);
    look(keyOf(pod));
    return pod.metadata.uid!;
  };
  const stored = () => client.all(pods);
  const mirrored = () => stored().map(({ metadata }) => metadata.annotations?.[marks.mirror]).join();

  it('show the static pod, as the property of its Node', async () => {
    const hash = run(made(manifest()));
    await until(() => mirrored() === hash, 'the mirror');
    const [{ metadata, spec }] = stored() as [Pod];
    assert.deepEqual(metadata.ownerReferences, [{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: nodeUid, controller: true }]);
    assert.equal(metadata.annotations?.[marks.source], 'file');
    assert.notEqual(metadata.uid, hash, 'the API gives it a uid of its own');
    assert.equal(spec.nodeName, 'Node-1');
  });

  it('are made anew when somebody deletes them', async () => {
    const hash = run(made(manifest()));
    await until(() => mirrored() === hash, 'the mirror');
    const [{ metadata }] = stored() as [Pod];
    await client.delete(pods, metadata);
    await until(() => mirrored() === hash && stored()[0]!.metadata.uid !== metadata.uid, 'another mirror');
    // As an API server does it that leaves a pod to its kubelet.
    const { name, namespace, uid } = stored()[0]!.metadata;
    await client.patch(pods, { name, namespace }, 'merge', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
    await until(() => mirrored() === hash && stored()[0]!.metadata.uid !== uid, 'a third mirror');
  });

  it('follow a manifest that changes, and go with the static pod', async () => {
    run(made(manifest()));
    const changed = made(manifest('etcd', { hostNetwork: true }));
    await until(() => mirrored() !== '', 'the mirror');
    const hash = run(changed);
    await until(() => mirrored() === hash && stored()[0]!.spec.hostNetwork === true, 'the mirror of the new one');
    running.clear();
    look(keyOf(changed));
    await until(() => stored().length === 0, 'the end of the mirror');
  });

  it('leave alone a pod of the same name that is none of theirs', async () => {
    await client.create(pods, { metadata: { name: 'etcd-node-1', namespace: 'default' }, spec: { containers: [] } });
    await until(() => informer.store.size === 1, 'the pod to be known');
    run(made(manifest()));
    const other = run(made(manifest('other')));
    await until(() => mirrored().includes(other), 'the other');
    assert.deepEqual(stored().map(isMirror), [false, true]);
  });
});
