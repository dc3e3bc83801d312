/**
 * The kubelet: it makes its machine a Node, runs the pods that are bound to it as real process trees, and tells the API how
 * they are.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf, pods, startInformer, type Client, type Informer } from '../client/index.ts';
import type { ClusterTiming } from '../names.ts';
import type { Pod } from '../objects.ts';
import type { QueryApi } from '../../query.ts';
import { isMirror, isStatic, marks } from '../static-pod-marks.ts';
import { createAddressPool } from './addresses.ts';
import { kubeletFolder, type KubeletContext, type NodeIdentity } from './context.ts';
import { createEventRecorder, type EventText } from './events.ts';
import { startPolicyAgent } from './network-policies.ts';
import { keepRegistered } from './node-registration.ts';
import { graceAtEnd, startPodWorker, type PodWorker } from './pod-worker.ts';
import { createResourceLimits } from './resource-limits.ts';
import { createPortMap } from './runtime/port-map.ts';
import { leftNetworks, prepareNode, removePodNetwork } from './runtime/pod-network.ts';
import { isMirrorOf, keepMirrors, startStaticPods } from './static-pods/index.ts';
import { createStatusWriter } from './status-writer.ts';

export type { NodeIdentity } from './context.ts';

export interface KubeletOptions {
  readonly client: Client;
  /** For leases: gives up on an answer soon. */
  readonly impatientClient: Client;
  readonly ec2: QueryApi;
  readonly node: NodeIdentity;
  /** Addresses that the machine's interface has besides its own. */
  readonly secondaryAddresses: readonly string[];
  readonly timing: ClusterTiming;
  /** The lab's folder in the trees of control groups. */
  readonly cgroup: string;
  readonly sabotage: KubeletContext['sabotage'];
  readonly log: (line: string) => void;
}

export interface Kubelet {
  /** The pods on this node, by `namespace/name`. */
  pod(namespace: string, name: string): PodWorker | undefined;
  pods(): Pod[];
}

export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { client, node, timing, log } = options;
  const events = createEventRecorder(client, node.name, log);
  await clearLeft();
  prepareNode();
  const context: KubeletContext = {
    client,
    node,
    timing,
    log,
    sabotage: options.sabotage,
    addresses: createAddressPool({
      ec2: options.ec2,
      interfaceId: node.interfaceId,
      initial: options.secondaryAddresses,
      cooldownMs: timing.addressCooldownMs,
      log,
    }),
    ports: createPortMap(),
    events,
    statuses: createStatusWriter(client, (pod) => (isStatic(pod) ? mirrorOf(pod)?.metadata.uid : pod.metadata.uid), log),
    pods: () => [...workers.values()].map(({ pod }) => pod),
    limits: createResourceLimits({
      folder: join(options.cgroup, node.instanceId),
      tell(message) {
        log(message);
        tellOfNode({ type: 'Warning', reason: 'ResourceLimitsNotEnforced', message });
      },
    }),
  };
  const tellOfNode = (event: EventText): void => events.record({ kind: 'Node', metadata: { name: node.name, uid: node.name } }, event);
  const workers = new Map<string, PodWorker>();
  // Those of files run at once; the API comes later.
  let informer: Informer<Pod> | undefined;
  const staticPods = startStaticPods({ context, workers, changed: (key) => informer && mirrors.look(key) });
  const mirrors = keepMirrors({ client, node: node.name, running: staticPods.running, stored: (key) => informer?.store.get(key), log });

  function mirrorOf(pod: Pod): Pod | undefined {
    const found = informer?.store.get(keyOf(pod));
    return found && isMirrorOf(found, pod) ? found : undefined;
  }

  /** What befalls a mirror pod in the API concerns the picture alone. */
  function seeMirror(mirror: Pod, isNew: boolean): void {
    const uid = mirror.metadata.annotations![marks.mirror]!;
    if (isNew) context.statuses.rewrite(uid);
    else context.statuses.compare(uid, mirror.status);
    mirrors.look(keyOf(mirror));
  }

  function see(pod: Pod, isNew: boolean): void {
    if (isMirror(pod)) return seeMirror(pod, isNew);
    const uid = pod.metadata.uid!;
    const worker = workers.get(uid);
    if (worker) {
      worker.update(pod);
      context.statuses.compare(uid, pod.status);
    }
    const running = worker ?? begin(pod, uid);
    if (pod.metadata.deletionTimestamp !== undefined) running?.terminate(graceAtEnd(pod, false));
  }

  function begin(pod: Pod, uid: string): PodWorker | undefined {
    const isOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    // What ended before this kubelet's time is only deleted when somebody asks for that.
    if (isOver && pod.metadata.deletionTimestamp === undefined) return undefined;
    const worker = startPodWorker(context, pod);
    workers.set(uid, worker);
    worker.ended.then(() => workers.delete(uid)).catch((error: unknown) => log(String(error)));
    return worker;
  }

  const registration = keepRegistered({ client: options.impatientClient, node, timing, log });
  registration.registered
    .then(() => {
      tellOfNode({ type: 'Normal', reason: 'Starting', message: 'Starting kubelet.' });
      log(`node ${node.name} is registered`);
    })
    .catch((error: unknown) => log(String(error)));
  await registration.registered;
  const { store } = (informer = startInformer(client, pods, { fieldSelector: `spec.nodeName=${node.name}`, log }));
  for (const key of staticPods.keys()) mirrors.look(key);
  // The status in the store, not that in memory: an address counts from when others can know it.
  const policies = startPolicyAgent(client, () => [...store.values()], log);
  informer.on({ added: policies.changed, changed: policies.changed, deleted: policies.changed });
  informer.on({
    added: (pod) => see(pod, true),
    changed: (pod) => see(pod, false),
    deleted(pod) {
      if (isMirror(pod)) mirrors.look(keyOf(pod));
      else workers.get(pod.metadata.uid!)?.terminate(graceAtEnd(pod, true));
    },
  });
  return {
    pod: (namespace, name) => [...workers.values()].find(({ pod: { metadata } }) => metadata.namespace === namespace && metadata.name === name),
    pods: context.pods,
  };
}

/** A kubelet that was here before has ended, and the kernel has ended its containers with it; their networks and files go now. */
async function clearLeft(): Promise<void> {
  for (const uid of leftNetworks()) await removePodNetwork(uid);
  rmSync(kubeletFolder, { recursive: true, force: true });
  mkdirSync(kubeletFolder, { recursive: true });
}
