import type { V1DaemonSet, V1Deployment, V1EndpointSlice, V1Node, V1ObjectMeta, V1Pod, V1ReplicaSet, V1StatefulSet } from '@kubernetes/client-node';
import type { CollectionName, WatchedNode, WatchedObject, WatchedObjects, WatchedPod, WatchedSlice, WatchedWorkload } from '../cluster-watch.ts';
import { nodeOf, ownerOf, podOf } from './kubernetes-objects.ts';

/** How the objects of each collection are made small: there may be ten thousand, of some kilobytes each. */
export const shrinkers: { readonly [C in CollectionName]: (raw: never) => WatchedObjects[C] } = {
  pods: watchedPod,
  nodes: watchedNode,
  deployments: (raw: V1Deployment) => watchedWorkload('deployment', raw),
  replicasets: (raw: V1ReplicaSet) => watchedWorkload('replicaset', raw),
  statefulsets: (raw: V1StatefulSet) => watchedWorkload('statefulset', raw),
  daemonsets: watchedDaemonSet,
  endpointslices: watchedSlice,
};

function identityOf(metadata: V1ObjectMeta | undefined): WatchedObject {
  return {
    uid: metadata?.uid ?? '',
    name: metadata?.name ?? '',
    namespace: metadata?.namespace ?? '',
    version: metadata?.resourceVersion ?? '',
    labels: metadata?.labels ?? {},
  };
}

function watchedPod(raw: V1Pod): WatchedPod {
  const { node, phase, ready, terminating } = podOf(raw, () => '');
  const containers = raw.status?.containerStatuses ?? [];
  const hasRun = containers.every(({ state, restartCount }) => restartCount > 0 || state?.running !== undefined || state?.terminated !== undefined);
  return { ...identityOf(raw.metadata), node, workload: ownerOf(raw.metadata), phase, ready, terminating, started: containers.length > 0 && hasRun };
}

function watchedNode(raw: V1Node): WatchedNode {
  const { zone, instanceId, ready } = nodeOf(raw);
  const address = raw.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  return { ...identityOf(raw.metadata), zone, instanceId, ...(address === undefined ? {} : { address }), ready, terminating: raw.metadata?.deletionTimestamp !== undefined };
}

function watchedWorkload(kind: string, { metadata, spec, status }: V1Deployment | V1ReplicaSet | V1StatefulSet): WatchedWorkload {
  const identity = identityOf(metadata);
  const updated = status && 'updatedReplicas' in status ? status.updatedReplicas : undefined;
  return {
    ...identity,
    ref: `${kind}/${identity.name}`,
    desired: spec?.replicas ?? 1,
    // A ReplicaSet makes one version only, and the field is left out where it is 0.
    updated: updated ?? (kind === 'replicaset' ? (status?.replicas ?? 0) : 0),
    all: status?.replicas ?? 0,
    ready: status?.readyReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
    observed: (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0),
    podLabels: spec?.template?.metadata?.labels ?? {},
  };
}

function watchedDaemonSet({ metadata, spec, status }: V1DaemonSet): WatchedWorkload {
  const identity = identityOf(metadata);
  return {
    ...identity,
    ref: `daemonset/${identity.name}`,
    desired: status?.desiredNumberScheduled ?? 0,
    updated: status?.updatedNumberScheduled ?? 0,
    // A node has one, the old or the new.
    all: status?.updatedNumberScheduled ?? 0,
    ready: status?.numberReady ?? 0,
    available: status?.numberAvailable ?? 0,
    observed: (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0),
    podLabels: spec?.template.metadata?.labels ?? {},
  };
}

function watchedSlice({ metadata, endpoints }: V1EndpointSlice): WatchedSlice {
  // A Service without addresses has null there.
  const all: V1EndpointSlice['endpoints'] | null | undefined = endpoints;
  return {
    ...identityOf(metadata),
    service: metadata?.labels?.['kubernetes.io/service-name'],
    endpoints: (all ?? []).map(({ addresses, conditions, nodeName, targetRef }) => ({
      address: addresses[0] ?? '',
      podUid: targetRef?.uid,
      node: nodeName,
      // Left out or null means ready, as far as anybody knows.
      ready: conditions?.ready !== false,
    })),
  };
}
