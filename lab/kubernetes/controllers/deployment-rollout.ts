import { scaledValue } from '../pod-state.ts';
import type { Deployment, ReplicaSet } from '../workload-objects.ts';
import { byAge, desiredReplicasOf, maxReplicasOf } from './deployment-revisions.ts';

/** A new size for a ReplicaSet. */
export interface Resize {
  readonly replicaSet: ReplicaSet;
  readonly to: number;
}

const sizeOf = (replicaSet: ReplicaSet): number => replicaSet.spec.replicas ?? 1;
const availableOf = (replicaSet: ReplicaSet): number => replicaSet.status?.availableReplicas ?? 0;
const sum = (replicaSets: readonly ReplicaSet[], value: (replicaSet: ReplicaSet) => number): number => replicaSets.reduce((total, each) => total + value(each), 0);

export function isRollingUpdate(deployment: Deployment): boolean {
  return (deployment.spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
}

/** How many pods may be there beyond the wanted ones, and how many may be missing. Both zero would never move: then one may be missing. */
export function rolloutBounds(deployment: Deployment): { maxSurge: number; maxUnavailable: number } {
  const { replicas = 1, strategy } = deployment.spec;
  if (!isRollingUpdate(deployment)) return { maxSurge: 0, maxUnavailable: 0 };
  const maxSurge = scaledValue(strategy?.rollingUpdate?.maxSurge, replicas, 'up', '25%');
  const maxUnavailable = scaledValue(strategy?.rollingUpdate?.maxUnavailable, replicas, 'down', '25%');
  return { maxSurge, maxUnavailable: Math.min(maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable, replicas) };
}

/** The size that a new ReplicaSet begins with, or may grow to now. */
export function newReplicaSetSize(deployment: Deployment, newReplicaSet: ReplicaSet | undefined, all: readonly ReplicaSet[]): number {
  const { replicas = 1 } = deployment.spec;
  if (!isRollingUpdate(deployment)) return replicas;
  const current = newReplicaSet ? sizeOf(newReplicaSet) : 0;
  const room = replicas + rolloutBounds(deployment).maxSurge - sum(all, sizeOf);
  return room <= 0 ? current : current + Math.min(room, replicas - current);
}

/**
 * The next step of a rolling update: the new ReplicaSet grows as far as the surge lets it; when it can't, old pods that are
 * not healthy go first, then healthy ones as far as availability lets them. Nothing when there is nothing to do for now.
 */
export function decideRollingUpdate(deployment: Deployment, newReplicaSet: ReplicaSet, oldReplicaSets: readonly ReplicaSet[]): Resize[] {
  const { replicas = 1 } = deployment.spec;
  const all = [newReplicaSet, ...oldReplicaSets];
  const size = sizeOf(newReplicaSet) > replicas ? replicas : newReplicaSetSize(deployment, newReplicaSet, all);
  if (size !== sizeOf(newReplicaSet)) return [{ replicaSet: newReplicaSet, to: size }];

  const old = oldReplicaSets.filter((replicaSet) => sizeOf(replicaSet) > 0).toSorted(byAge);
  const minAvailable = replicas - rolloutBounds(deployment).maxUnavailable;
  const newUnavailable = sizeOf(newReplicaSet) - availableOf(newReplicaSet);
  let mayGo = sum(all, sizeOf) - minAvailable - newUnavailable;
  if (mayGo <= 0) return [];

  const sizes = new Map(old.map((replicaSet) => [replicaSet, sizeOf(replicaSet)]));
  for (const replicaSet of old) {
    const unhealthy = Math.max(0, sizeOf(replicaSet) - availableOf(replicaSet));
    const going = Math.min(mayGo, unhealthy);
    sizes.set(replicaSet, sizeOf(replicaSet) - going);
    mayGo -= going;
  }
  let spare = sum(all, availableOf) - minAvailable;
  for (const replicaSet of old) {
    if (spare <= 0) break;
    const going = Math.min(spare, sizes.get(replicaSet)!);
    sizes.set(replicaSet, sizes.get(replicaSet)! - going);
    spare -= going;
  }
  return [...sizes].filter(([replicaSet, to]) => to !== sizeOf(replicaSet)).map(([replicaSet, to]) => ({ replicaSet, to }));
}

/** Whether the Deployment was resized since its ReplicaSets were. */
export function wasResized(deployment: Deployment, all: readonly ReplicaSet[]): boolean {
  return all.some((replicaSet) => {
    const desired = desiredReplicasOf(replicaSet);
    return sizeOf(replicaSet) > 0 && desired !== undefined && desired !== (deployment.spec.replicas ?? 1);
  });
}

/**
 * Follows a change of the Deployment's size without moving its rollout: one active ReplicaSet takes it all, several share it
 * in proportion to what they have. Some may keep their size: they learn what is wanted now.
 */
export function decideResize(deployment: Deployment, newReplicaSet: ReplicaSet | undefined, oldReplicaSets: readonly ReplicaSet[]): Resize[] {
  const { replicas = 1 } = deployment.spec;
  const all = newReplicaSet ? [...oldReplicaSets, newReplicaSet] : [...oldReplicaSets];
  const active = all.filter((replicaSet) => sizeOf(replicaSet) > 0);
  if (active.length <= 1) {
    const only = active[0] ?? newReplicaSet ?? all.toSorted(byAge).at(-1);
    return only ? [{ replicaSet: only, to: replicas }] : [];
  }
  // The new one has all that is wanted: what is left of the old ones is not needed.
  if (newReplicaSet && sizeOf(newReplicaSet) === replicas && availableOf(newReplicaSet) === replicas) {
    return oldReplicaSets.filter((replicaSet) => sizeOf(replicaSet) > 0).map((replicaSet) => ({ replicaSet, to: 0 }));
  }
  if (!isRollingUpdate(deployment)) return [];
  const allowed = replicas > 0 ? replicas + rolloutBounds(deployment).maxSurge : 0;
  const toAdd = allowed - sum(active, sizeOf);
  // Growing begins with the largest and newest, shrinking with the largest and oldest.
  const ordered = active.toSorted((a, b) => sizeOf(b) - sizeOf(a) || (toAdd > 0 ? byAge(b, a) : byAge(a, b)));
  const sizes = new Map<ReplicaSet, number>();
  let added = 0;
  for (const replicaSet of ordered) {
    const share = proportion(replicaSet, deployment, toAdd, added);
    sizes.set(replicaSet, sizeOf(replicaSet) + share);
    added += share;
  }
  const first = ordered[0]!;
  sizes.set(first, Math.max(0, sizes.get(first)! + toAdd - added));
  return [...sizes].map(([replicaSet, to]) => ({ replicaSet, to }));
}

/** A ReplicaSet's share of what is to be added, or taken away when that is negative. */
function proportion(replicaSet: ReplicaSet, deployment: Deployment, toAdd: number, added: number): number {
  const { replicas = 1 } = deployment.spec;
  const size = sizeOf(replicaSet);
  const maxBefore = maxReplicasOf(replicaSet) ?? deployment.status?.replicas ?? replicas;
  const maxNow = replicas + rolloutBounds(deployment).maxSurge;
  const fraction = replicas === 0 ? -size : Math.round((size * maxNow) / Math.max(1, maxBefore)) - size;
  const left = toAdd - added;
  return toAdd > 0 ? Math.min(Math.max(fraction, 0), left) : Math.max(Math.min(fraction, 0), left);
}

/** ReplicaSets that are older than the history goes back, and long idle. */
export function decideCleanup(deployment: Deployment, oldReplicaSets: readonly ReplicaSet[]): ReplicaSet[] {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const idle = oldReplicaSets.filter(
    ({ metadata, spec, status }) =>
      metadata.deletionTimestamp === undefined &&
      spec.replicas === 0 &&
      (status?.replicas ?? 0) === 0 &&
      (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0),
  );
  const surplus = oldReplicaSets.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length - limit;
  return surplus <= 0 ? [] : idle.toSorted(byAge).slice(0, surplus);
}
