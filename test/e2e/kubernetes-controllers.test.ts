import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { configMaps, isNotFound, namespaces, nodes, pods, services } from '../../lab/kubernetes/client/index.ts';
import type { Pod, PodTemplate } from '../../lab/kubernetes/objects.ts';
import { conditionOf, isReady } from '../../lab/kubernetes/pod-state.ts';
import { daemonSets, deployments, endpointSlices, podDisruptionBudgets, replicaSets, statefulSets, type Deployment } from '../../lab/kubernetes/workload-objects.ts';
import { eventsOf, historyOf, type DynamicsLine } from '../lab/kubernetes/histories.ts';
import { orderOf, recordCluster, recording, saidBy, type ClusterRecorder } from './cluster-recorder.ts';
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
  /** Its counts have gone down, and are up again: right after a pod is gone they still say what was. */
  const sawAway = (replicas: number): Promise<void> =>
    until('one was missing, and is there again', async () =>
      ['ReplicaSet', 'Deployment'].every((kind) => {
        const counts = historyOf(eventsOf(recorder.lines, kind), 'status.availableReplicas');
        return counts.length > 1 && counts.at(-1) === replicas;
      }),
    );
  /** Of several objects that change at the same time it is chance which steps are seen: the last one has to be as recorded. */
  const endsAsRecorded = (recorded: readonly DynamicsLine[], kind: string, paths: readonly string[]): void => {
    for (const path of paths) deepEqual(historyOf(eventsOf(recorder.lines, kind), path).at(-1), historyOf(eventsOf(recorded, kind), path).at(-1), `${kind} ${path}`);
  };
  /** What the scheduler wrote into each Pod, by the names of the fields. */
  const placedLikeRecorded = (recorded: readonly DynamicsLine[]): void => {
    const placings = (lines: readonly DynamicsLine[]): string[][] =>
      lines.filter(({ kind, changed }) => kind === 'Pod' && changed?.['spec.nodeName'] !== undefined).map(({ changed }) => Object.keys(changed!).filter((path) => !/resourceVersion|managedFields|lastProbeTime/.test(path)).toSorted());
    deepEqual(placings(recorder.lines), placings(recorded));
    deepEqual(saidBy(recorder.lines, ['default-scheduler']), saidBy(recorded, ['default-scheduler']));
  };
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
    const recorded = await recording('5-dynamics/deployment-created');
    recorder.clear();
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
    const conditions = ['Available', 'Progressing'].flatMap((type) => [`status.conditions[${type}].status`, `status.conditions[${type}].reason`]);
    likeRecorded(recorded, 'Deployment', ['metadata.annotations.deployment.kubernetes.io/revision', 'status.observedGeneration', 'status.terminatingReplicas', ...conditions]);
    likeRecorded(recorded, 'ReplicaSet', ['status.observedGeneration', 'status.terminatingReplicas']);
    const counts = ['status.replicas', 'status.readyReplicas', 'status.availableReplicas'];
    endsAsRecorded(recorded, 'Deployment', [...counts, 'status.updatedReplicas', 'status.unavailableReplicas']);
    endsAsRecorded(recorded, 'ReplicaSet', [...counts, 'status.fullyLabeledReplicas']);
    placedLikeRecorded(recorded);
    deepEqual(saidBy(recorder.lines, ['deployment-controller', 'replicaset-controller']).toSorted(), saidBy(recorded, ['deployment-controller', 'replicaset-controller']).toSorted());
    const made = (of: string) => ({ type, kind }: DynamicsLine): boolean => type === 'ADDED' && kind === of;
    const became = (of: string, path: string, value?: unknown) => ({ kind, changed }: DynamicsLine): boolean =>
      kind === of && changed?.[path] !== undefined && (value === undefined || JSON.stringify(changed[path]) === JSON.stringify(value));
    const steps = {
      'the Deployment is there': made('Deployment'),
      'its ReplicaSet is there': made('ReplicaSet'),
      'a Pod is there': made('Pod'),
      'a Pod has a node': became('Pod', 'spec.nodeName'),
      'a Pod runs': became('Pod', 'status.phase', ['Pending', 'Running']),
      'a Pod is ready': became('Pod', 'status.conditions[Ready].status', ['False', 'True']),
      'the ReplicaSet knows': became('ReplicaSet', 'status.readyReplicas'),
      'the Deployment knows': became('Deployment', 'status.readyReplicas'),
    };
    deepEqual(orderOf(recorder.lines, steps), orderOf(recorded, steps));
  });

  it('replace a deleted pod step by step as a real cluster did', async () => {
    const recorded = await recording('5-dynamics/pod-deleted');
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

  it('replace a pod that is deleted by force, which is gone at once', async () => {
    const recorded = await recording('5-dynamics/pod-force-deleted');
    const [victim] = await podsOf('web');
    recorder.clear();
    await cluster.client.delete(pods, victim!.metadata, { gracePeriodSeconds: 0 });
    await until('it is gone', async () => recorder.lines.some(({ type, kind, name }) => type === 'DELETED' && kind === 'Pod' && name === victim!.metadata.name));
    await sawAway(3);
    await settled(3);
    likeRecorded(recorded, 'Pod', ['metadata.generation', 'metadata.deletionGracePeriodSeconds']);
    const ends = (lines: readonly DynamicsLine[]): string[] => eventsOf(lines, 'Pod').map(({ type }) => String(type));
    deepEqual([ends(recorder.lines)[0], ends(recorder.lines).at(-1)], ends(recorded));
    likeRecorded(recorded, 'ReplicaSet', ['status.readyReplicas', 'status.availableReplicas']);
    likeRecorded(recorded, 'Deployment', ['status.readyReplicas', 'status.availableReplicas', 'status.conditions[Available].status', 'status.conditions[Available].reason']);
    placedLikeRecorded(recorded);
    deepEqual(saidBy(recorder.lines, ['replicaset-controller']), saidBy(recorded, ['replicaset-controller']));
  });

  it('make an unready pod leave the endpoints and come back', async () => {
    const recorded = await recording('5-dynamics/service-follows-readiness');
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
    const seenBy = (count: number): Promise<void> => until('the endpoints have seen it', async () => historyOf(eventsOf(recorder.lines, 'Endpoints'), 'subsets[0].addresses[#0].ip').length === count);
    await seenBy(1);
    await setReady('True');
    await settled(3);
    await seenBy(2);
    likeRecorded(recorded, 'EndpointSlice', ['endpoints[#0].conditions.ready', 'endpoints[#0].conditions.serving', 'endpoints[#0].conditions.terminating']);
    likeRecorded(recorded, 'PodDisruptionBudget', ['status.disruptionsAllowed', 'status.currentHealthy']);
    const presence = (lines: readonly DynamicsLine[], list: string): boolean[] => historyOf(eventsOf(lines, 'Endpoints'), `subsets[0].${list}[#0].ip`).map((ip) => ip !== null);
    for (const list of ['addresses', 'notReadyAddresses']) deepEqual(presence(recorder.lines, list), presence(recorded, list), list);
  });

  it('follow kubectl scale up and down', async () => {
    const recorded = await recording('5-dynamics/scale-up-and-down');
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
    const recorded = await recording('5-dynamics/rolling-update');
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
    const recorded = await recording('5-dynamics/daemonset-pod-deleted');
    const created = await recording('5-dynamics/daemonset-created');
    recorder.clear();
    await cluster.client.create(daemonSets, { metadata: agent, spec: { selector: { matchLabels: { app: 'agent' } }, template: template('agent') } });
    const ready = (): Promise<void> =>
      until('three daemons', async () => {
        const { status, metadata } = await cluster.client.get(daemonSets, agent);
        const even = [status?.numberReady, status?.updatedNumberScheduled, status?.currentNumberScheduled].every((count) => count === 3);
        return even && status?.observedGeneration === metadata.generation && (await podsOf('agent')).length === 3;
      });
    await ready();
    deepEqual((await podsOf('agent')).map(({ spec }) => String(spec.nodeName)).toSorted(), ['node-1', 'node-2', 'node-3']);
    likeRecorded(created, 'DaemonSet', ['status.observedGeneration']);
    endsAsRecorded(created, 'DaemonSet', ['currentNumberScheduled', 'desiredNumberScheduled', 'updatedNumberScheduled', 'numberReady', 'numberAvailable', 'numberUnavailable'].map((count) => `status.${count}`));
    placedLikeRecorded(created);
    deepEqual(saidBy(recorder.lines, ['daemonset-controller']), saidBy(created, ['daemonset-controller']));
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

  it('see that a node is silent, let its pods go and replace them, and let it back in', async () => {
    // Of the short one only the Deployment that tolerates it for a short time was let go: it is what web is here.
    const records = [{ recorded: await recording('5-dynamics/node-stops-short'), app: 'node-short' }, { recorded: await recording('5-dynamics/node-stops-default'), app: 'web' }];
    const node = cluster.nodes.get('node-3')!;
    const on = async (app: string): Promise<string> => (await podsOf(app)).find(({ spec }) => spec.nodeName === 'node-3')!.metadata.name;
    const [webPod, agentPod] = [await on('web'), await on('agent')];
    recorder.clear();
    node.stop();
    await until('its Pod is replaced', async () => (await podsOf('web')).filter(isReady).length === 3);
    await until('it is told to go', async () => (await cluster.client.get(pods, { namespace, name: webPod })).metadata.deletionTimestamp !== undefined);
    await node.start();
    await settled(3);
    const daemonsReady = async (): Promise<boolean> => (await cluster.client.get(daemonSets, agent)).status?.numberReady === 3;
    await until('it is as it was', async () => (await daemonsReady()) && ((await cluster.client.get(nodes, { name: 'node-3' })).spec?.taints ?? []).length === 0);
    const lostNode = (lines: readonly DynamicsLine[]): string => lines.find(({ reason, message }) => reason === 'NodeNotReady' && message?.startsWith('Node node-'))!.message!.split(' ')[1]!;
    for (const { recorded, app } of records) {
      const lost = lostNode(recorded);
      const podOf = (of: string): string => recorded.find(({ kind, name, changed }) => kind === 'Pod' && name?.startsWith(`${of}-`) && changed?.['status.conditions[Ready].status'])!.name!;
      const compare = (kind: string, name: string, recordedName: string, paths: readonly string[]): void => {
        const of = (lines: readonly DynamicsLine[], wanted: string): DynamicsLine[] => lines.filter((line) => line.kind === kind && line.name === wanted && line.type !== undefined);
        for (const path of paths) deepEqual(historyOf(of(recorder.lines, name), path), historyOf(of(recorded, recordedName), path), `${kind} ${name} ${path}`);
      };
      const conditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].flatMap((type) => ['status', 'reason'].map((what) => `status.conditions[${type}].${what}`));
      const taints = ['NoSchedule', 'NoExecute'].flatMap((effect) => ['key', 'effect'].map((what) => `spec.taints[node.kubernetes.io/unreachable:${effect}].${what}`));
      compare('Node', 'node-3', lost, [...conditions, ...taints]);
      const disruption = ['status', 'reason', 'message'].map((what) => `status.conditions[DisruptionTarget].${what}`);
      compare('Pod', webPod, podOf(app), ['metadata.generation', ...(app === 'web' ? ['metadata.deletionGracePeriodSeconds'] : []), 'status.phase', 'status.conditions[Ready].status', ...disruption]);
      compare('Pod', agentPod, podOf('agent'), ['metadata.generation', 'status.phase', 'status.conditions[Ready].status', ...disruption]);
      compare('Deployment', 'web', app, ['status.readyReplicas', 'status.availableReplicas', 'status.conditions[Available].status', 'status.conditions[Available].reason']);
      // Whether the node still counts as wanted is chance: the two recorded clusters differ in it.
      compare('DaemonSet', 'agent', 'agent', ['status.numberReady', 'status.numberAvailable']);
      const said = (lines: readonly DynamicsLine[]): string[] =>
        saidBy(lines.filter(({ about = app }) => [app, 'agent', lost].some((name) => about.includes(name))), ['node-controller', 'taint-eviction-controller'])
          .map((text) => text.replace(`${app}-`, 'web-'))
          .toSorted();
      deepEqual(said(recorder.lines), said(recorded));
    }
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
