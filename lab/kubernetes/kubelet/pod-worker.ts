import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isConflict, isNotFound, pods } from '../client/index.ts';
import type { Pod } from '../objects.ts';
import { isStatic } from '../static-pod-marks.ts';
import { startContainer, type ContainerHost, type RunningContainer } from './container/index.ts';
import { kubeletFolder, type KubeletContext } from './context.ts';
import { dataSource, serviceAccountToken } from './data-sources.ts';
import { ConfigError, environmentOf, type PodFacts } from './environment.ts';
import { nodeObject } from './node-object.ts';
import { pause } from './pause.ts';
import { createPodResize } from './pod-resize.ts';
import { podStatus } from './pod-status.ts';
import { createPodNetwork, removePodNetwork, type PodNetwork } from './runtime/pod-network.ts';
import { containersOf, graceOf, initContainersOf, inWords, type ContainerSpec } from './spec.ts';
import { makeVolumes, mountsOf } from './volumes.ts';
import { apiHost, apiPort } from '../names.ts';

/** One pod on this node, from its first sight to its last trace. */
export interface PodWorker {
  /** The newest that the API says of it. */
  readonly pod: Pod;
  /** The API says something new of it: what its containers may take is changed while they run, where it can be. */
  update(pod: Pod): void;
  container(name: string): RunningContainer | undefined;
  /** Ends it: its containers within their grace, then its network, then its object. Only the first call counts. */
  terminate(graceSeconds: number): void;
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<void>;
}

const retryMs = 2_000;

export function startPodWorker(context: KubeletContext, first: Pod): PodWorker {
  const { client, node, events, statuses, addresses, ports, log } = context;
  const uid = first.metadata.uid!;
  const folder = join(kubeletFolder, 'pods', uid);
  const startTime = first.status?.startTime ?? `${new Date().toISOString().slice(0, 19)}Z`;
  const ending = new AbortController();
  let graceSeconds = 0;
  const containers = new Map<string, RunningContainer>();
  const initContainers = new Map<string, RunningContainer>();
  let network: PodNetwork | undefined;
  let volumes: ReadonlyMap<string, string> = new Map();
  let phase: 'setup' | 'init' | 'main' | 'over' = 'setup';
  let networkReady = false;
  let lastAddress: string | undefined;

  const worker = { pod: first };
  const resize = createPodResize({
    first,
    allocatable: nodeObject(node, startTime).status?.allocatable ?? {},
    neighbours: () => context.pods().filter(({ metadata, status }) => metadata.uid !== uid && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'),
    containers,
  });
  let lookingAgain: NodeJS.Timeout | undefined;
  const isHostNetwork = first.spec.hostNetwork === true;
  const address = (): string => (isHostNetwork ? node.address : (network?.address ?? ''));
  const facts = (): PodFacts => ({ podIp: address(), hostIp: node.address, node: node.name, zone: node.zone });
  const read = dataSource(client, first.metadata.namespace ?? 'default');

  function publish(): void {
    const views = (of: Map<string, RunningContainer>) => new Map([...of].map(([name, { view }]) => [name, view]));
    const view = {
      hostIp: node.address,
      podIp: isHostNetwork ? node.address : containers.size > 0 ? lastAddress : undefined,
      startTime,
      networkReady,
      initialized: phase === 'main' || (phase === 'over' && containers.size > 0) || initContainersOf(first).length === 0,
      containers: views(containers),
      initContainers: views(initContainers),
      over: phase === 'over',
      allocated: resize.allocated,
      resize: resize.conditions(),
    };
    statuses.put(worker.pod, podStatus(worker.pod, view, statuses.last(uid) ?? worker.pod.status, `${new Date().toISOString().slice(0, 19)}Z`));
  }

  /** What can't be given now may be given later: other pods end. */
  function lookAtResize(): void {
    clearTimeout(lookingAgain);
    if (phase === 'over' || ending.signal.aborted) return;
    if (resize.look(worker.pod)) publish();
    if (resize.conditions().length > 0) lookingAgain = setTimeout(lookAtResize, retryMs).unref();
  }

  /** Tries until it works or the pod is to end; each new obstacle is an event. @returns undefined when the pod is to end */
  async function patiently<T>(reason: string, prefix: string, attempt: () => Promise<T>): Promise<T | undefined> {
    while (!ending.signal.aborted) {
      try {
        return await attempt();
      } catch (error) {
        const obstacle = error instanceof Error ? error.message : String(error);
        events.record(worker.pod, { type: 'Warning', reason, message: `${prefix}${obstacle}` });
        if (!(error instanceof ConfigError)) log(`${inWords(first)}: ${obstacle}`);
        await pause(retryMs, ending.signal);
      }
    }
    return undefined;
  }

  async function connect(): Promise<PodNetwork> {
    const taken = await addresses.take();
    try {
      const made = await createPodNetwork(uid, taken);
      await ports.set(uid, hostPortsOf(worker.pod, node.address, taken));
      return made;
    } catch (error) {
      await removePodNetwork(uid);
      addresses.give(taken);
      throw error;
    }
  }

  const host: ContainerHost = {
    context,
    pod: () => worker.pod,
    folder,
    get network() {
      return network?.path;
    },
    get address() {
      return address();
    },
    hostname: isHostNetwork ? node.name : (first.spec.hostname ?? first.metadata.name).slice(0, 63),
    get hosts() {
      const own = first.spec.hostname ?? first.metadata.name;
      return `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n${address()}\t${own}\n`;
    },
    restartPolicy: first.spec.restartPolicy ?? 'Always',
    before: (name) =>
      [...(first.status?.containerStatuses ?? []), ...(first.status?.initContainerStatuses ?? [])].find((each) => each.name === name),
    environment: async (container) => ({
      KUBERNETES_SERVICE_HOST: apiHost,
      KUBERNETES_SERVICE_PORT: String(apiPort),
      ...(await environmentOf(worker.pod, container, facts(), read)),
    }),
    mounts: (container: ContainerSpec) => mountsOf(container, volumes),
    changed: publish,
  };

  /** @returns false when the pod has failed, or is to end, before its containers may start */
  async function initialize(): Promise<boolean> {
    for (const spec of initContainersOf(first)) {
      phase = 'init';
      const again = host.restartPolicy === 'Never' ? 'Never' : 'OnFailure';
      const container = startContainer(spec, { ...host, network: network?.path, address: address(), hosts: host.hosts, restartPolicy: again });
      initContainers.set(spec.name, container);
      await container.ended;
      if (ending.signal.aborted || container.view.state.terminated?.exitCode !== 0) return false;
    }
    return true;
  }

  async function live(): Promise<void> {
    publish();
    if (!isHostNetwork) {
      network = await patiently('FailedCreatePodSandBox', 'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: ', connect);
      if (!network) return;
    }
    lastAddress = address();
    networkReady = true;
    publish();
    const sources = { read, claims: join(kubeletFolder, 'claims', first.metadata.namespace ?? 'default'), token: (audience?: string, expirationSeconds?: number) => serviceAccountToken(client, worker.pod, audience, expirationSeconds) };
    const made = await patiently('FailedMount', 'MountVolume.SetUp failed: ', () => makeVolumes(worker.pod, join(folder, 'volumes'), facts(), sources));
    if (!made) return;
    volumes = made;
    if (!(await initialize()) || ending.signal.aborted) return;
    phase = 'main';
    for (const spec of containersOf(first)) containers.set(spec.name, startContainer({ ...spec, resources: resize.allocated(spec.name) }, host));
    publish();
    await Promise.all([...containers.values()].map((container) => container.ended));
  }

  async function takeDown(): Promise<void> {
    networkReady = false;
    await ports.set(uid, []);
    if (network) {
      await removePodNetwork(uid);
      addresses.give(network.address);
      network = undefined;
    }
  }

  /** The object goes when its kubelet says that nothing of the pod is left. */
  async function deleteObject(): Promise<void> {
    const { name, namespace } = worker.pod.metadata;
    for (;;) {
      try {
        await client.delete(pods, { name, namespace }, { gracePeriodSeconds: 0, preconditions: { uid } });
        return;
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return;
        log(`${inWords(first)} can't be deleted yet: ${error instanceof Error ? error.message : String(error)}`);
        await pause(retryMs);
      }
    }
  }

  async function run(): Promise<void> {
    await live();
    if (ending.signal.aborted) await Promise.all([...initContainers.values(), ...containers.values()].map((each) => each.stop(graceSeconds)));
    phase = 'over';
    await takeDown();
    publish();
    // Nobody waits for the last word on a static pod, and there may be no API to hear it.
    if (!isStatic(first)) await statuses.written(uid);
    // A pod that has ended by itself keeps its object, and its logs, until somebody deletes it.
    if (!ending.signal.aborted) await new Promise<void>((resolve) => ending.signal.addEventListener('abort', () => resolve(), { once: true }));
    rmSync(folder, { recursive: true, force: true });
    if (worker.pod.metadata.deletionTimestamp !== undefined) await deleteObject();
    statuses.forget(uid);
  }

  const ended = run().catch((error: unknown) => log(`${inWords(first)}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`));
  return Object.assign(worker, {
    update(pod: Pod) {
      const isNew = pod.metadata.generation !== worker.pod.metadata.generation;
      worker.pod = pod;
      if (isNew) lookAtResize();
    },
    container: (name: string) => containers.get(name) ?? initContainers.get(name),
    terminate(seconds: number) {
      if (ending.signal.aborted) return;
      graceSeconds = seconds;
      ending.abort();
      for (const each of [...initContainers.values(), ...containers.values()]) each.stop(seconds).catch((error: unknown) => log(String(error)));
    },
    ended,
  });
}

function hostPortsOf(pod: Pod, nodeAddress: string, podAddress: string) {
  return containersOf(pod).flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, containerPort, protocol = 'TCP' }) =>
      hostPort ? [{ nodeAddress, podAddress, protocol: protocol === 'UDP' ? ('udp' as const) : ('tcp' as const), hostPort, containerPort }] : [],
    ),
  );
}

/** The grace of a pod whose object says so; at least two seconds for one whose object is gone already, as the real one gives. */
export const graceAtEnd = (pod: Pod, isGone: boolean): number => (isGone ? Math.max(Math.min(graceOf(pod), 30), 2) : graceOf(pod));
