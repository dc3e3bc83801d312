import type { V1DaemonSet, V1Deployment, V1Namespace, V1Node, V1ObjectMeta, V1Pod, V1ReplicaSet, V1StatefulSet } from '@kubernetes/client-node';
import type { Labels, Namespace, Node, Pod, Workload, WorkloadKind } from '../cluster.ts';

/**
 * What is kept of each object: a V1Pod is some kilobytes, and there may be ten thousand. They come as raw JSON, with the
 * library's names; dates are texts.
 */
export function nodeOf({ metadata, spec, status }: V1Node): Node {
  return {
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    instanceId: /\/(i-[0-9a-z]+)$/.exec(spec?.providerID ?? '')?.[1],
    zone: metadata?.labels?.['topology.kubernetes.io/zone'] ?? '',
    ready: isTrue(status?.conditions, 'Ready'),
    unschedulable: spec?.unschedulable ?? false,
    labels: metadata?.labels ?? {},
    annotations: metadata?.annotations ?? {},
  };
}

/** @param zoneOfNode by the name of the node; `''` for one that isn't known */
export function podOf({ metadata, spec, status }: V1Pod, zoneOfNode: (node: string) => string): Pod {
  const node = spec?.nodeName || undefined;
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    labels: metadata?.labels ?? {},
    node,
    zone: node === undefined ? '' : zoneOfNode(node),
    workload: ownerOf(metadata),
    phase: status?.phase ?? 'Unknown',
    ready: isTrue(status?.conditions, 'Ready'),
    terminating: metadata?.deletionTimestamp !== undefined,
    mirror: metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined,
    hostNetwork: spec?.hostNetwork ?? false,
    containers: (spec?.containers ?? []).map(({ name }) => name),
    address: status?.podIP || undefined,
  };
}

/** The workload that controls a pod; a ReplicaSet's Deployment is in its name, which ends in the hash of the pod's template. */
export function ownerOf(metadata: V1ObjectMeta | undefined): string | undefined {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller);
  if (!owner || owner.kind === 'Node') return undefined;
  const hash = metadata?.labels?.['pod-template-hash'];
  if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`)) {
    return `deployment/${owner.name.slice(0, -hash.length - 1)}`;
  }
  return `${owner.kind.toLowerCase()}/${owner.name}`;
}

export function deploymentOf({ metadata, spec, status }: V1Deployment): Workload {
  return workloadOf('deployment', metadata, spec?.replicas ?? 1, status?.readyReplicas ?? 0);
}

export function statefulSetOf({ metadata, spec, status }: V1StatefulSet): Workload {
  return workloadOf('statefulset', metadata, spec?.replicas ?? 1, status?.readyReplicas ?? 0);
}

export function replicaSetOf({ metadata, spec, status }: V1ReplicaSet): Workload {
  return workloadOf('replicaset', metadata, spec?.replicas ?? 1, status?.readyReplicas ?? 0);
}

export function daemonSetOf({ metadata, status }: V1DaemonSet): Workload {
  return workloadOf('daemonset', metadata, status?.desiredNumberScheduled ?? 0, status?.numberReady ?? 0);
}

function workloadOf(kind: WorkloadKind, metadata: V1ObjectMeta | undefined, desired: number, ready: number): Workload {
  const name = metadata?.name ?? '';
  return {
    kind,
    namespace: metadata?.namespace ?? '',
    name,
    uid: metadata?.uid ?? '',
    ref: `${kind}/${name}`,
    desired,
    ready,
    labels: metadata?.labels ?? {},
    annotations: annotationsOf(metadata),
  };
}

/** Without the one that repeats the whole object. */
function annotationsOf(metadata: V1ObjectMeta | undefined): Labels {
  const { 'kubectl.kubernetes.io/last-applied-configuration': _applied, ...rest } = metadata?.annotations ?? {};
  return rest;
}

export function namespaceOf({ metadata, status }: V1Namespace): Namespace {
  return { name: metadata?.name ?? '', uid: metadata?.uid ?? '', terminating: status?.phase === 'Terminating', labels: metadata?.labels ?? {} };
}

function isTrue(conditions: readonly { type: string; status: string }[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}
