import { deepEqual, equal } from 'node:assert/strict';
import { configMaps, isNotFound, namespaces, pods, services } from '../../lab/kubernetes/client/index.ts';
import type { Pod, PodTemplate } from '../../lab/kubernetes/objects.ts';
import { isReady } from '../../lab/kubernetes/pod-state.ts';
import { deployments, endpointSlices, replicaSets, statefulSets } from '../../lab/kubernetes/workload-objects.ts';
import { recordCluster, type ClusterRecorder } from './cluster-recorder.ts';
import { startLocalCluster, type LocalCluster } from './local-cluster.ts';

const patienceMs = 120_000;
const namespace = 'shop';
const template = (app: string): PodTemplate => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'app', image: 'pause', ports: [{ name: 'http', containerPort: 8080 }] }], terminationGracePeriodSeconds: 1 },
});

describe('the lab’s controllers and scheduler, over the real etcd and the lab’s API server', function () {
  this.timeout(240_000);
  let cluster: LocalCluster;
  let recorder: ClusterRecorder;

  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      try {
        if (await holds()) return;
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      if (Date.now() > deadline) throw new Error(`not within ${patienceMs / 1000} s: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const gone = (what: string, get: () => Promise<unknown>): Promise<void> =>
    until(what, async () => {
      try {
        await get();
        return false;
      } catch (error) {
        if (isNotFound(error)) return true;
        throw error;
      }
    });
  const podsOf = async (app: string): Promise<Pod[]> => (await cluster.client.list(pods, { namespace, labelSelector: `app=${app}` })).items;
  before(async () => {
    cluster = await startLocalCluster({ 'node-1': 'eu-west-1a', 'node-2': 'eu-west-1b', 'node-3': 'eu-west-1c' });
    recorder = await recordCluster(cluster.client);
    await cluster.client.create(namespaces, { metadata: { name: namespace } });
  });
  after(async () => {
    recorder?.close();
    await cluster?.close();
  });

  it('bring a StatefulSet up in order', async () => {
    const db = { namespace, name: 'db' };
    recorder.clear();
    await cluster.client.create(statefulSets, { metadata: db, spec: { replicas: 2, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: template('db') } });
    await until('both are ready', async () => (await cluster.client.get(statefulSets, db)).status?.readyReplicas === 2);
    deepEqual(recorder.lines.filter(({ type, kind, name }) => type === 'ADDED' && kind === 'Pod' && name?.startsWith('db-')).map(({ name }) => name), ['db-0', 'db-1']);
    await cluster.client.delete(statefulSets, db);
    await until('they are gone', async () => (await podsOf('db')).length === 0);
  });

  it('delete what has lost its owner, or wait for it, or let it go', async () => {
    const make = async (name: string): Promise<void> => {
      await cluster.client.create(deployments, { metadata: { namespace, name }, spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: template(name) } });
      await until('a pod', async () => (await podsOf(name)).some(isReady));
    };
    const replicaSetsOf = async (app: string): Promise<number> => (await cluster.client.list(replicaSets, { namespace, labelSelector: `app=${app}` })).items.length;
    await make('waits');
    recorder.clear();
    await cluster.client.delete(deployments, { namespace, name: 'waits' }, { propagationPolicy: 'Foreground' });
    await gone('the owner', () => cluster.client.get(deployments, { namespace, name: 'waits' }));
    const ends = (kind: string): number => recorder.lines.findIndex((line) => line.type === 'DELETED' && line.kind === kind && line.name?.startsWith('waits'));
    await until('all are gone', async () => ['Pod', 'ReplicaSet', 'Deployment'].every((kind) => ends(kind) >= 0));
    deepEqual([(await podsOf('waits')).length, await replicaSetsOf('waits')], [0, 0]);

    await make('lets-go');
    await cluster.client.delete(deployments, { namespace, name: 'lets-go' }, { propagationPolicy: 'Orphan' });
    await gone('the owner', () => cluster.client.get(deployments, { namespace, name: 'lets-go' }));
    const { items } = await cluster.client.list(replicaSets, { namespace, labelSelector: 'app=lets-go' });
    deepEqual(items.map(({ metadata }) => metadata.ownerReferences ?? []), [[]]);
    equal((await podsOf('lets-go')).length, 1);
    await cluster.client.delete(replicaSets, items[0]!.metadata);
    await until('its pods are gone', async () => (await podsOf('lets-go')).length === 0);
  });

  it('empty a namespace that is deleted, and let it go', async () => {
    await cluster.client.create(configMaps, { metadata: { namespace, name: 'note' }, data: { a: 'b' } });
    await cluster.client.delete(namespaces, { name: namespace });
    await gone('the namespace', () => cluster.client.get(namespaces, { name: namespace }));
    for (const resource of [pods, deployments, replicaSets, services, configMaps, endpointSlices]) {
      deepEqual((await cluster.client.list(resource, { namespace })).items.map(({ metadata }) => metadata.name), []);
    }
  });
});
