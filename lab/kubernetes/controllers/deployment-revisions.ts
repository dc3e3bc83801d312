import type { Deployment, ReplicaSet } from '../workload-objects.ts';
import { hashLabel, sameTemplate } from './template-hash.ts';

const revisionKey = 'deployment.kubernetes.io/revision';
const historyKey = 'deployment.kubernetes.io/revision-history';
const desiredKey = 'deployment.kubernetes.io/desired-replicas';
const maxKey = 'deployment.kubernetes.io/max-replicas';

/** Annotations of a Deployment that its ReplicaSets don't inherit. */
const ownAnnotations = [
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionKey,
  historyKey,
  desiredKey,
  maxKey,
  'deprecated.deployment.rollback.to',
];

export function revisionOf(object: Deployment | ReplicaSet): number {
  return Number(object.metadata.annotations?.[revisionKey] ?? 0) || 0;
}

/** The ReplicaSet of the Deployment's template: the oldest one, should there be several. */
export function findNewReplicaSet(deployment: Deployment, replicaSets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return replicaSets.toSorted(byAge).find(({ spec }) => sameTemplate(spec.template, deployment.spec.template));
}

/** Oldest first. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const [createdA = '', createdB = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  return createdA === createdB ? (a.metadata.name < b.metadata.name ? -1 : 1) : createdA < createdB ? -1 : 1;
}

/** The revision that the new ReplicaSet should have: one more than all others'. */
export function nextRevision(oldReplicaSets: readonly ReplicaSet[]): number {
  return Math.max(0, ...oldReplicaSets.map(revisionOf)) + 1;
}

/** The annotations of the new ReplicaSet: the Deployment's, its revision, and the revisions it was before. */
export function newReplicaSetAnnotations(deployment: Deployment, before: ReplicaSet | undefined, revision: number): Record<string, string> {
  const annotations = { ...before?.metadata.annotations };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) if (!ownAnnotations.includes(key)) annotations[key] = value;
  const old = annotations[revisionKey];
  if (old === undefined || Number(old) < revision) {
    if (old !== undefined) annotations[historyKey] = [annotations[historyKey], old].filter(Boolean).join(',');
    annotations[revisionKey] = String(revision);
  }
  return annotations;
}

/** The annotations that let a later turn tell a change of the Deployment's size from a rollout. */
export function sizeAnnotations(deployment: Deployment, maxSurge: number): Record<string, string> {
  const replicas = deployment.spec.replicas ?? 1;
  return { [desiredKey]: String(replicas), [maxKey]: String(replicas + maxSurge) };
}

/** How many replicas the Deployment wanted when this ReplicaSet was last sized; undefined when it never was. */
export function desiredReplicasOf(replicaSet: ReplicaSet): number | undefined {
  const value = replicaSet.metadata.annotations?.[desiredKey];
  return value === undefined ? undefined : Number(value);
}

/** How many pods the Deployment might have had at most when this ReplicaSet was last sized. */
export function maxReplicasOf(replicaSet: ReplicaSet): number | undefined {
  const value = replicaSet.metadata.annotations?.[maxKey];
  return value === undefined ? undefined : Number(value);
}

/** The annotation of a Deployment that says its revision. */
export function revisionAnnotation(revision: number): Record<string, string> {
  return { [revisionKey]: String(revision) };
}

/** The new ReplicaSet of a Deployment, not yet sized. */
export function draftReplicaSet(deployment: Deployment, hash: string): Pick<ReplicaSet, 'metadata' | 'spec'> {
  const { template, selector, minReadySeconds } = deployment.spec;
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  return {
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      ...(deployment.metadata.namespace === undefined ? {} : { namespace: deployment.metadata.namespace }),
      labels,
    },
    spec: {
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...structuredClone(template), metadata: { ...structuredClone(template.metadata), labels } },
    },
  };
}
