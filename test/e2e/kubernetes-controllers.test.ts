import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { configMaps, isNotFound, namespaces, pods, services } from '../../lab/kubernetes/client/index.ts';
import type { Pod, PodTemplate } from '../../lab/kubernetes/objects.ts';
import { conditionOf, isReady } from '../../lab/kubernetes/pod-state.ts';
import { daemonSets, deployments, endpointSlices, podDisruptionBudgets, replicaSets, statefulSets, type Deployment } from '../../lab/kubernetes/workload-objects.ts';
import { eventsOf, historyOf, type DynamicsLine } from '../lab/kubernetes/histories.ts';
import { recordCluster, recording, saidBy, type ClusterRecorder } from './cluster-recorder.ts';
import { startLocalCluster, type LocalCluster } from './local-cluster.ts';

const patienceMs = 120_000;
const namespace = 'shop';
const web = { namespace, name: 'web' };
const agent = { namespace, name: 'agent' };
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
  /** All pods are new, ready and nothing is going any more. */
  const settled = (replicas: number): Promise<void> =>
    until(`${replicas} replicas of web, and nothing else`, async () => {
      const { status = {}, metadata } = await cluster.client.get(deployments, web);
      const even = [status.replicas, status.updatedReplicas, status.availableReplicas].every((count) => (count ?? 0) === replicas);
      return even && status.observedGeneration === metadata.generation && status.terminatingReplicas === 0 && (await podsOf('web')).length === replicas;
    });
  /** Compares what fields went through with what they went through in a real cluster. */
  const likeRecorded = (recorded: readonly DynamicsLine[], kind: string, paths: readonly string[], nth = 0): void => {
    for (const path of paths) {
      deepEqual(historyOf(eventsOf(recorder.lines, kind, nth), path), historyOf(eventsOf(recorded, kind, nth), path), `${kind} ${path}`);
    }
  };

  before(async () => {
    cluster = await startLocalCluster({ 'node-1': 'eu-west-1a', 'node-2': 'eu-west-1b', 'node-3': 'eu-west-1c' });
    recorder = await recordCluster(cluster.client);
    await cluster.client.create(namespaces, { metadata: { name: namespace } });
  });
  after(async () => {
    recorder?.close();
    await cluster?.close();
  });

  it('roll a Deployment out, one pod in each zone, so that kubectl sees it through', async () => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: web, spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: template('web') } };
    const service = { apiVersion: 'v1', kind: 'Service', metadata: web, spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] } };
    const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: web, spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } } };
    const applied = await cluster.kubectl(['apply', '--validate=false', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: [deployment, service, budget] });
    equal(applied.code, 0, applied.output);
    const status = await cluster.kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=100s']);
    match(status.output, /deployment "web" successfully rolled out/);
    await settled(3);
    deepEqual((await podsOf('web')).map(({ spec }) => String(spec.nodeName)).toSorted(), ['node-1', 'node-2', 'node-3']);
    await until('three addresses, and a budget', async () => {
      const { items } = await cluster.client.list(endpointSlices, { namespace });
      const { status: allowed } = await cluster.client.get(podDisruptionBudgets, web);
      return items[0]?.endpoints?.filter(({ conditions }) => conditions.ready).length === 3 && allowed?.disruptionsAllowed === 1;
    });
    deepEqual(conditionOf(await cluster.client.get(deployments, web), 'Progressing')?.reason, 'NewReplicaSetAvailable');
    ok(saidBy(recorder.lines, ['deployment-controller']).includes('ScalingReplicaSet: Scaled up replica set web-… from 0 to 3'));
    equal(saidBy(recorder.lines, ['default-scheduler']).filter((said) => said.startsWith('Scheduled: Successfully assigned …/web-… to node')).length, 3);
  });

  it('replace a deleted pod step by step as a real cluster did', async () => {
    const recorded = await recording('pod-deleted');
    const [victim] = await podsOf('web');
    recorder.clear();
    await cluster.client.delete(pods, victim!.metadata, { gracePeriodSeconds: 1 });
    await until('the old one is gone', async () => recorder.lines.some(({ type, kind, name }) => type === 'DELETED' && kind === 'Pod' && name === victim!.metadata.name));
    await settled(3);
    await until('the budget has seen it', async () => historyOf(eventsOf(recorder.lines, 'PodDisruptionBudget'), 'status.expectedPods').length === 3);
    likeRecorded(recorded, 'ReplicaSet', ['status.replicas', 'status.readyReplicas', 'status.availableReplicas', 'status.terminatingReplicas']);
    likeRecorded(recorded, 'Deployment', ['status.readyReplicas', 'status.unavailableReplicas', 'status.conditions[Available].status', 'status.conditions[Available].reason']);
    likeRecorded(recorded, 'PodDisruptionBudget', ['status.disruptionsAllowed', 'status.currentHealthy', 'status.expectedPods', 'status.conditions[DisruptionAllowed].reason']);
    likeRecorded(recorded, 'EndpointSlice', ['ready', 'serving', 'terminating'].flatMap((what) => [`endpoints[#0].conditions.${what}`, `endpoints[#1].conditions.${what}`]));
    deepEqual(saidBy(recorder.lines, ['replicaset-controller']), saidBy(recorded, ['replicaset-controller']));
  });

  it('make an unready pod leave the endpoints and come back', async () => {
    const recorded = await recording('service-follows-readiness');
    const [victim] = await podsOf('web');
    const setReady = async (status: 'True' | 'False'): Promise<void> => {
      const { status: now } = await cluster.client.get(pods, victim!.metadata);
      const conditions = now?.conditions?.map((condition) => (condition.type === 'Ready' ? { ...condition, status } : condition));
      await cluster.client.patch(pods, victim!.metadata, 'merge', { status: { conditions } }, 'status');
    };
    const readyNow = async (): Promise<number> => (await cluster.client.get(deployments, web)).status?.readyReplicas ?? 0;
    recorder.clear();
    await setReady('False');
    await until('one is missing', async () => (await readyNow()) === 2);
    await setReady('True');
    await settled(3);
    await until('the endpoints have seen it', async () => historyOf(eventsOf(recorder.lines, 'Endpoints'), 'subsets[0].addresses[#0].ip').length === 2);
    likeRecorded(recorded, 'EndpointSlice', ['endpoints[#0].conditions.ready', 'endpoints[#0].conditions.serving', 'endpoints[#0].conditions.terminating']);
    likeRecorded(recorded, 'PodDisruptionBudget', ['status.disruptionsAllowed', 'status.currentHealthy']);
    const presence = (lines: readonly DynamicsLine[], list: string): boolean[] => historyOf(eventsOf(lines, 'Endpoints'), `subsets[0].${list}[#0].ip`).map((ip) => ip !== null);
    for (const list of ['addresses', 'notReadyAddresses']) deepEqual(presence(recorder.lines, list), presence(recorded, list), list);
  });

  it('follow kubectl scale up and down', async () => {
    const recorded = await recording('scale-up-and-down');
    recorder.clear();
    equal((await cluster.kubectl(['-n', namespace, 'scale', 'deployment/web', '--replicas=5'])).code, 0);
    await settled(5);
    equal((await cluster.kubectl(['-n', namespace, 'scale', 'deployment/web', '--replicas=3'])).code, 0);
    await settled(3);
    likeRecorded(recorded, 'ReplicaSet', [
      'spec.replicas',
      'metadata.annotations.deployment.kubernetes.io/desired-replicas',
      'metadata.annotations.deployment.kubernetes.io/max-replicas',
    ]);
    likeRecorded(recorded, 'Deployment', ['spec.replicas', 'status.conditions[Available].reason']);
    deepEqual(saidBy(recorder.lines, ['deployment-controller', 'replicaset-controller']).toSorted(), saidBy(recorded, ['deployment-controller', 'replicaset-controller']).toSorted());
    // Those that came last share their nodes with others, and go first.
    deepEqual(new Set((await podsOf('web')).map(({ spec }) => spec.nodeName)).size, 3);
  });

  it('roll a new template out as a real cluster did, restart it and undo it for kubectl', async () => {
    const recorded = await recording('rolling-update');
    recorder.clear();
    await cluster.client.patch(deployments, web, 'merge', { spec: { template: { metadata: { annotations: { version: '2' } } } } });
    await settled(3);
    const spec = (lines: readonly DynamicsLine[]): unknown[] => [0, 1].map((nth) => historyOf(eventsOf(lines, 'ReplicaSet', nth), 'spec.replicas'));
    deepEqual(spec(recorder.lines), spec(recorded));
    likeRecorded(recorded, 'Deployment', ['status.conditions[Progressing].reason']);
    deepEqual(saidBy(recorder.lines, ['deployment-controller']), saidBy(recorded, ['deployment-controller']));

    equal((await cluster.kubectl(['-n', namespace, 'rollout', 'restart', 'deployment/web'])).code, 0);
    const restarted = await cluster.kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=100s']);
    match(restarted.output, /successfully rolled out/);
    const undone = await cluster.kubectl(['-n', namespace, 'rollout', 'undo', 'deployment/web']);
    match(undone.output, /rolled back/);
    await settled(3);
    match((await cluster.kubectl(['-n', namespace, 'rollout', 'history', 'deployment/web'])).output, /1 .*\n3 .*\n4 /);
    const { items } = await cluster.client.list(replicaSets, { namespace });
    const current = items.find(({ spec: { replicas } }) => replicas === 3);
    equal(current?.spec.template.metadata?.annotations?.['version'], '2');
    equal(current?.metadata.annotations?.['deployment.kubernetes.io/revision-history'], '2');
  });

  it('do nothing to a paused Deployment, and recreate one that asks for it', async () => {
    const made: Deployment = await cluster.client.create(deployments, {
      metadata: { namespace, name: 'once' },
      spec: { replicas: 2, paused: true, strategy: { type: 'Recreate' }, selector: { matchLabels: { app: 'once' } }, template: template('once') },
    });
    await until('it is said to be paused', async () => conditionOf(await cluster.client.get(deployments, made.metadata), 'Progressing')?.reason === 'DeploymentPaused');
    equal((await podsOf('once')).length, 0);
    const available = (generation: number): Promise<void> =>
      until('both are there', async () => {
        const { status } = await cluster.client.get(deployments, made.metadata);
        return status?.availableReplicas === 2 && status.updatedReplicas === 2 && status.replicas === 2 && status.observedGeneration === generation;
      });
    await cluster.client.patch(deployments, made.metadata, 'merge', { spec: { paused: false } });
    await available(2);
    recorder.clear();
    await cluster.client.patch(deployments, made.metadata, 'merge', { spec: { template: { metadata: { annotations: { version: '2' } } } } });
    await available(3);
    const mine = recorder.lines.filter(({ kind, name, type }) => kind === 'Pod' && name?.startsWith('once-') && type !== 'MODIFIED').map(({ type }) => String(type));
    deepEqual(mine.toSorted(), ['ADDED', 'ADDED', 'DELETED', 'DELETED']);
    await cluster.client.delete(deployments, made.metadata);
    await until('its pods are gone with it', async () => (await podsOf('once')).length === 0);
  });

  it('keep one pod of a DaemonSet on each node, and replace one only when the old one has ended', async () => {
    const recorded = await recording('daemonset-pod-deleted');
    await cluster.client.create(daemonSets, { metadata: agent, spec: { selector: { matchLabels: { app: 'agent' } }, template: template('agent') } });
    const ready = (): Promise<void> =>
      until('three daemons', async () => {
        const { status, metadata } = await cluster.client.get(daemonSets, agent);
        const even = [status?.numberReady, status?.updatedNumberScheduled, status?.currentNumberScheduled].every((count) => count === 3);
        return even && status?.observedGeneration === metadata.generation && (await podsOf('agent')).length === 3;
      });
    await ready();
    deepEqual((await podsOf('agent')).map(({ spec }) => String(spec.nodeName)).toSorted(), ['node-1', 'node-2', 'node-3']);
    const [victim] = await podsOf('agent');
    recorder.clear();
    await cluster.client.delete(pods, victim!.metadata, { gracePeriodSeconds: 1 });
    await until('it is gone', async () => recorder.lines.some(({ type, name }) => type === 'DELETED' && name === victim!.metadata.name));
    await ready();
    likeRecorded(recorded, 'DaemonSet', ['status.currentNumberScheduled', 'status.numberReady', 'status.numberAvailable', 'status.numberUnavailable']);
    const ended = recorder.lines.findIndex(({ name, changed }) => name === victim!.metadata.name && JSON.stringify(changed?.['status.phase']) === '["Running","Succeeded"]');
    const successor = recorder.lines.findIndex(({ type, kind }) => type === 'ADDED' && kind === 'Pod');
    ok(ended >= 0 && successor > ended, 'the successor was made after the end');

    const restarted = await cluster.kubectl(['-n', namespace, 'rollout', 'restart', 'daemonset/agent']);
    equal(restarted.code, 0, restarted.output);
    match((await cluster.kubectl(['-n', namespace, 'rollout', 'status', 'daemonset/agent', '--timeout=100s'])).output, /successfully rolled out/);
    await ready();
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
