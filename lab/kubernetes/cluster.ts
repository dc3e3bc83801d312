import { ApiError, ConnectionError, isAlreadyExists, namespaces, nodes, pods, type Client } from './client/index.ts';
import { workerCount } from './names.ts';
import type { Node, Pod } from './objects.ts';
import { isMirror } from './static-pod-marks.ts';
import { workloadsIn, type ExpectedWorkload, type Specimen } from './workloads.ts';

/** The cluster at a glance. */
export interface ClusterStatus {
  /** The uid of the namespace kube-system, by which a cluster is known; null while the API doesn't answer. */
  readonly clusterUid: string | null;
  /** The API answers, all workers are ready, and all pods of the specimen workloads. */
  readonly whole: boolean;
  readonly nodes: readonly NodeGlance[];
  readonly pods: readonly PodGlance[];
  /** Why it isn't whole. */
  readonly trouble: string | null;
}

export interface NodeGlance {
  readonly name: string;
  readonly zone: string;
  readonly instanceId: string | null;
  readonly ready: boolean;
  readonly unschedulable: boolean;
}

export interface PodGlance {
  readonly namespace: string;
  readonly name: string;
  readonly node: string | null;
  readonly address: string | null;
  readonly phase: string;
  readonly ready: boolean;
  readonly terminating: boolean;
  /** The picture of a static pod. */
  readonly mirror: boolean;
}

/**
 * Looks at the cluster through its API. Never throws: an API that doesn't answer is what it tells.
 *
 * @param specimens what it has from the start
 */
export async function clusterStatus(client: Client, specimens: readonly Specimen[]): Promise<ClusterStatus> {
  try {
    const [system, nodeList, podList] = await Promise.all([client.get(namespaces, { name: 'kube-system' }), client.list(nodes), client.list(pods)]);
    const status = { clusterUid: system.metadata.uid ?? null, nodes: nodeList.items.map(nodeGlance), pods: podList.items.map(podGlance) };
    const trouble = whatIsMissing(status.nodes, podList.items, workloadsIn(specimens));
    return { ...status, whole: trouble === null, trouble };
  } catch (error) {
    return { clusterUid: null, whole: false, nodes: [], pods: [], trouble: error instanceof Error ? error.message : String(error) };
  }
}

/** The version that the API server says of itself; null when it doesn't answer. */
export async function apiServerVersion(client: Client): Promise<string | null> {
  try {
    const { gitVersion } = (await client.raw('GET', '/version')) as { gitVersion?: string };
    return gitVersion ?? null;
  } catch (error) {
    if (error instanceof ApiError || error instanceof ConnectionError) return null;
    throw error;
  }
}

/** @returns null when nothing is */
function whatIsMissing(all: readonly NodeGlance[], podList: readonly Pod[], workloads: readonly ExpectedWorkload[]): string | null {
  const ready = all.filter((node) => node.ready && !node.unschedulable).length;
  if (ready < workerCount || all.length !== workerCount) return `${ready} of ${workerCount} nodes are ready${all.length > workerCount ? `, and ${all.length - ready} are not` : ''}`;
  for (const { namespace, name, pods: wanted } of workloads) {
    const own = podList.filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.app === name);
    const good = own.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).length;
    if (good !== wanted || own.length !== wanted) return `${good} of ${wanted} pods of ${name} are ready${own.length > good ? `, and ${own.length - good} are not` : ''}`;
  }
  return null;
}

const isReady = ({ status }: Pick<Pod, 'status'> | Pick<Node, 'status'>): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;

function nodeGlance(node: Node): NodeGlance {
  return {
    name: node.metadata.name,
    zone: node.metadata.labels?.['topology.kubernetes.io/zone'] ?? '',
    instanceId: node.spec.providerID?.split('/').at(-1) ?? null,
    ready: isReady(node),
    unschedulable: node.spec.unschedulable === true,
  };
}

function podGlance(pod: Pod): PodGlance {
  const { metadata, spec, status } = pod;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    node: spec.nodeName ?? null,
    address: status?.podIP ?? null,
    phase: status?.phase ?? 'Unknown',
    ready: isReady(pod),
    terminating: metadata.deletionTimestamp !== undefined,
    mirror: isMirror(pod),
  };
}

/** Makes the specimen workloads where they are missing. @throws when the API doesn't let it */
export async function makeSpecimens(client: Client, specimens: readonly Specimen[]): Promise<void> {
  for (const { resource, object } of specimens) {
    try {
      await client.create(resource, object);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
}
