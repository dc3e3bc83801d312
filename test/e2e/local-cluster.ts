import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, nodes, leases, pods, startInformer, type Client, type Informer } from '../../lab/kubernetes/client/index.ts';
import { startControllers, type Cloud, type ControllerSabotage, type ControllerTiming } from '../../lab/kubernetes/controllers/index.ts';
import type { Condition, Node, Pod } from '../../lab/kubernetes/objects.ts';
import { conditionOf, timestamp } from '../../lab/kubernetes/pod-state.ts';
import { startScheduler, type SchedulerSabotage } from '../../lab/kubernetes/scheduler/index.ts';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';

/** An API server, the lab's controllers and scheduler, and machines that are played by the test. */
export interface LocalCluster {
  readonly api: LocalApiServer;
  readonly client: Client;
  readonly sabotage: Set<ControllerSabotage | SchedulerSabotage>;
  /** Instances that the cloud knows no more, by providerID. */
  readonly goneInstances: Set<string>;
  readonly nodes: Map<string, PlayedNode>;
  addNode(name: string, zone: string): Promise<PlayedNode>;
  /** Runs the real kubectl to its end. */
  kubectl(args: readonly string[], input?: unknown): Promise<{ code: number | null; output: string }>;
  close(): Promise<void>;
}

/** A pod with this annotation never gets ready. */
export const neverReady = 'test/never-ready';

/** Between two steps in the life of a pod. */
const stepMs = 300;

/** A node whose kubelet is played: its pods run as soon as they are placed, and end when they are deleted. */
export interface PlayedNode {
  /** The machine falls silent: no lease, no status, nothing happens to its pods any more. */
  stop(): void;
  /** It comes back: its pods that were deleted meanwhile end, the others are ready again. */
  start(): Promise<void>;
}

const timing: ControllerTiming = {
  monitorGraceMs: 8_000,
  monitorPeriodMs: 250,
  collectPeriodMs: 500,
  evictionSpacingMs: 500,
  // One candidate alone: a busy machine must not unseat it.
  election: { leaseMs: 60_000, renewDeadlineMs: 50_000, retryMs: 2_000 },
};

export async function startLocalCluster(nodeNames: Readonly<Record<string, string>> = {}): Promise<LocalCluster> {
  const api = await startLocalApiServer({ timing: { defaultTolerationSeconds: 2 } });
  // Patient, as the machine may be busy with other tests.
  const connect = (): Client => createClient({ server: api.url, token: api.adminToken, ca: api.ca, timeoutMs: 60_000 });
  const client = connect();
  const sabotage = new Set<ControllerSabotage | SchedulerSabotage>();
  const goneInstances = new Set<string>();
  const cloud: Cloud = { instanceState: async (providerId) => (goneInstances.has(providerId) ? 'gone' : 'there') };
  const lines: string[] = [];
  const log = (line: string): void => void (process.env['DEBUG_CLUSTER'] ? console.error(line) : lines.push(line));
  const parts = { identity: 'test', isOn: (name: ControllerSabotage | SchedulerSabotage) => sabotage.has(name), log };
  const controllers = await startControllers({ ...parts, client: connect(), timing, cloud });
  const scheduler = await startScheduler({ ...parts, client: connect(), timing: { backOff: { minMs: 100, maxMs: 500 }, election: timing.election } });
  const podInformer = startInformer(client, pods);
  podInformer.addIndex('node', (pod) => [pod.spec.nodeName]);
  const played = new Map<string, PlayedNode & { close(): void }>();
  const addNode = async (name: string, zone: string): Promise<PlayedNode> => {
    const node = await playNode(client, podInformer, name, zone);
    played.set(name, node);
    return node;
  };
  for (const [name, zone] of Object.entries(nodeNames)) await addNode(name, zone);
  return {
    api,
    client,
    sabotage,
    goneInstances,
    nodes: played,
    addNode,
    kubectl: (args, input) => kubectl(api.kubeconfig, args, input),
    async close() {
      for (const node of played.values()) node.close();
      podInformer.close();
      await Promise.all([controllers.close(), scheduler.close()]);
      await api.close();
    },
  };
}

async function kubectl(kubeconfig: string, args: readonly string[], input?: unknown): Promise<{ code: number | null; output: string }> {
  const child = spawn('kubectl', args, { env: { ...process.env, KUBECONFIG: kubeconfig } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.end(input === undefined ? '' : JSON.stringify(input));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

const ready = (type: string, status: 'True' | 'False', reason: string, since?: string): Condition => ({
  type,
  status,
  reason,
  message: '',
  lastHeartbeatTime: timestamp(),
  lastTransitionTime: since ?? timestamp(),
});

async function playNode(client: Client, podInformer: Informer<Pod>, name: string, zone: string): Promise<PlayedNode & { close(): void }> {
  let stopped = false;
  let address = 0;
  const starting = new Set<string>();
  const ending = new Set<string>();
  const third = played.next();
  const capacity = { cpu: '4', memory: '4Gi', pods: '20' };
  const post = async (node: Node): Promise<Node> => {
    const since = conditionOf(node, 'Ready')?.status === 'True' ? (conditionOf(node, 'Ready')?.lastTransitionTime ?? undefined) : undefined;
    const conditions = [
      ready('MemoryPressure', 'False', 'KubeletHasSufficientMemory', since),
      ready('DiskPressure', 'False', 'KubeletHasNoDiskPressure', since),
      ready('PIDPressure', 'False', 'KubeletHasSufficientPID', since),
      ready('Ready', 'True', 'KubeletReady', since),
    ];
    return client.patch(nodes, { name }, 'merge', { status: { capacity, allocatable: capacity, conditions } }, 'status');
  };
  const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': zone };
  const node = await post(await client.create(nodes, { metadata: { name, labels }, spec: { providerID: `aws:///${zone}/i-${name}` } }));
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid! }];
  const renewTime = (): string => new Date().toISOString().replace('Z', '000Z');
  await client.create(leases, { metadata: { name, namespace: 'kube-node-lease', ownerReferences }, spec: { holderIdentity: name, leaseDurationSeconds: 2, renewTime: renewTime() } });

  const failed = (error: unknown): void => {
    if (!stopped && process.env['DEBUG_CLUSTER']) console.error(`${name}: ${String(error)}`);
  };
  let renewing = false;
  const renew = setInterval(() => {
    if (stopped || renewing) return;
    renewing = true;
    client
      .patch(leases, { name, namespace: 'kube-node-lease' }, 'merge', { spec: { renewTime: renewTime() } })
      .catch(failed)
      .finally(() => (renewing = false));
  }, 1_000);

  const run = async (pod: Pod): Promise<void> => {
    const { name: podName, namespace, uid } = pod.metadata;
    if (stopped) return;
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (ending.has(uid!)) return;
      ending.add(uid!);
      await client.patch(pods, { name: podName, namespace }, 'merge', { metadata: { uid }, status: podStatus(pod, 'Succeeded') }, 'status');
      await sleep(stepMs);
      await client.delete(pods, { name: podName, namespace }, { gracePeriodSeconds: 0, preconditions: { uid } });
      return;
    }
    if (pod.status?.phase !== 'Pending' || starting.has(uid!)) return;
    starting.add(uid!);
    address += 1;
    const podIP = `10.${third}.0.${address}`;
    const show = (isReady: boolean): Promise<Pod> =>
      client.patch(pods, { name: podName, namespace }, 'merge', { metadata: { uid }, status: { ...podStatus(pod, 'Running', isReady), podIP, podIPs: [{ ip: podIP }] } }, 'status');
    await show(false);
    await sleep(stepMs);
    if (pod.metadata.annotations?.[neverReady] === undefined && !stopped && !ending.has(uid!)) await show(true);
  };
  const take = (pod: Pod): void => {
    if (pod.spec.nodeName === name && (pod.status?.phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined)) run(pod).catch(failed);
  };
  podInformer.on({ added: take, changed: take });
  return {
    stop: () => void (stopped = true),
    async start() {
      stopped = false;
      await post(await client.get(nodes, { name }));
      for (const pod of podInformer.store.by('node', name)) {
        if (pod.metadata.deletionTimestamp !== undefined) take(pod);
        else if (conditionOf(pod, 'Ready')?.status === 'False') await client.patch(pods, pod.metadata, 'merge', { status: podStatus(pod, 'Running') }, 'status');
      }
    },
    close() {
      stopped = true;
      clearInterval(renew);
    },
  };
}

function podStatus(pod: Pod, phase: 'Running' | 'Succeeded', isReady = phase === 'Running'): Pod['status'] {
  const status = isReady ? 'True' : 'False';
  const kept = (pod.status?.conditions ?? []).filter(({ type }) => !['Ready', 'ContainersReady', 'Initialized'].includes(type));
  const conditions = ['Initialized', 'Ready', 'ContainersReady'].map((type): Condition => ({ type, status: type === 'Initialized' ? 'True' : status, lastTransitionTime: timestamp() }));
  const state = phase === 'Running' ? { running: { startedAt: timestamp() } } : { terminated: { exitCode: 0, reason: 'Completed' } };
  const containerStatuses = pod.spec.containers.map(({ name, image = '' }) => ({ name, image, imageID: image, ready: isReady, restartCount: 0, started: true, state }));
  return { phase, conditions: [...kept, ...conditions], containerStatuses, startTime: timestamp() };
}

/** A second byte of addresses for each node. */
const played = { last: 20, next: () => (played.last += 1) };
