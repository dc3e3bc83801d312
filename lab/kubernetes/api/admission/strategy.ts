import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, Loose } from '../object.ts';
import { groupVersion, type Resource } from '../resources.ts';

// Who may write what: the main resource writes all but the status, `/status` writes the status alone. What is written
// elsewhere is dropped without a word, as the real server does.

const statusOf = (resource: Resource): boolean => resource.subresources.some(({ name }) => name === 'status');

/** Statuses that aren't empty at the start. */
const firstStatus: Readonly<Record<string, Loose>> = {
  'apps/v1/DaemonSet': { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  'apps/v1/ReplicaSet': { replicas: 0 },
  'apps/v1/StatefulSet': { replicas: 0, availableReplicas: 0 },
  'policy/v1/PodDisruptionBudget': { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  'v1/Namespace': { phase: 'Active' },
  'v1/ReplicationController': { replicas: 0 },
  'v1/Service': { loadBalancer: {} },
  'v1/PersistentVolumeClaim': { phase: 'Pending' },
  'autoscaling/v2/HorizontalPodAutoscaler': { desiredReplicas: 0, currentMetrics: null },
};

/** Statuses that whoever creates the object may bring along. */
const keepsStatus = new Set(['v1/Node']);

/** Makes an object as it is first kept: without a status of the client's making. Changes the object. */
export function prepareForCreate(resource: Resource, object: Loose): void {
  const kind = `${groupVersion(resource)}/${resource.kind}`;
  if (statusOf(resource) && !keepsStatus.has(kind)) object.status = structuredClone(firstStatus[kind] ?? {});
  if (resource.hasGeneration) object.metadata.generation = 1;
  else delete object.metadata.generation;
  if (kind === 'v1/Namespace') {
    object.spec ??= {};
    if (!object.spec.finalizers?.includes('kubernetes')) object.spec.finalizers = [...(object.spec.finalizers ?? []), 'kubernetes'];
  }
  if (kind === 'v1/Node') prepareNode(object);
  if (kind === 'apps/v1/DaemonSet') {
    object.metadata.annotations = { ...object.metadata.annotations, 'deprecated.daemonset.template.generation': '1' };
  }
}

/** A node is tainted until it is known to be ready. */
function prepareNode(node: Loose): void {
  const key = 'node.kubernetes.io/not-ready';
  node.spec ??= {};
  node.spec.taints ??= [];
  if (!node.spec.taints.some((taint: Loose) => taint.key === key)) node.spec.taints.push({ key, effect: 'NoSchedule' });
}

/**
 * Makes the object that is kept from what a client wants through the main resource: status, uid and times stay, and the
 * generation rises when something else than metadata changed.
 */
export function prepareForUpdate(resource: Resource, wanted: KubeObject, current: KubeObject): KubeObject {
  const next: KubeObject = { ...wanted, metadata: keptMetadata(wanted, current) };
  if (statusOf(resource)) keep(next, current, 'status');
  if (resource.plural === 'namespaces' && current['spec'] !== undefined) next['spec'] = current['spec'];
  if (resource.hasGeneration) {
    const changed = !isDeepStrictEqual(withoutMetadata(next), withoutMetadata(current));
    next.metadata.generation = (current.metadata.generation ?? 0) + (changed ? 1 : 0);
  }
  if (resource.kind === 'DaemonSet' && !isDeepStrictEqual(next['spec']?.template, current['spec']?.template)) {
    const key = 'deprecated.daemonset.template.generation';
    const annotations = { ...next.metadata.annotations, [key]: String(Number(current.metadata.annotations?.[key] ?? 0) + 1) };
    next.metadata.annotations = annotations;
  }
  return next;
}

/** The same through `/status`: of all but the metadata only the status is taken, and of a Deployment's metadata not the labels. */
export function prepareForStatusUpdate(resource: Resource, wanted: KubeObject, current: KubeObject): KubeObject {
  const next: KubeObject = { ...current, metadata: keptMetadata(wanted, current) };
  if (resource.kind === 'Deployment') keep(next.metadata, current.metadata, 'labels');
  if (resource.kind === 'Pod') keep(next.metadata, current.metadata, 'ownerReferences');
  if (wanted['status'] === undefined) delete next['status'];
  else next['status'] = wanted['status'];
  return next;
}

/** What of the metadata is not the client's to change. */
function keptMetadata(wanted: KubeObject, current: KubeObject): KubeObject['metadata'] {
  const metadata = { ...wanted.metadata };
  const kept = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generation', 'generateName'] as const;
  for (const key of kept) keep(metadata, current.metadata, key);
  // Whoever doesn't know of managers doesn't take them away.
  if (metadata.managedFields === undefined) keep(metadata, current.metadata, 'managedFields');
  for (const key of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) {
    const value = metadata[key];
    if (value === null || (value !== undefined && Object.keys(value).length === 0)) delete metadata[key];
  }
  return metadata;
}

function keep(into: Loose, from: Loose, key: string): void {
  if (from[key] === undefined) delete into[key];
  else into[key] = from[key];
}

function withoutMetadata({ metadata: _, status: __, ...rest }: KubeObject): object {
  return rest;
}
