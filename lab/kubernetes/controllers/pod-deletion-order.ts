import type { Pod } from '../objects.ts';
import { conditionOf, isReady } from '../pod-state.ts';

const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * Puts first the pods that are missed least, in Kubernetes' own order: not assigned before assigned, pending before running,
 * not ready before ready, cheaper first, those that share a node with more of their kind first, the younger in readiness
 * first (by orders of magnitude), more restarts first, newer first.
 *
 * @param related how many pods of the same kind are on a node, by the node's name
 */
export function inDeletionOrder(pods: readonly Pod[], related: ReadonlyMap<string, number>, nowMs: number): Pod[] {
  const crowd = (pod: Pod): number => related.get(pod.spec.nodeName ?? '') ?? 0;
  return pods.toSorted(
    (a, b) =>
      Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
      (phaseRank[a.status?.phase ?? 'Pending'] ?? 0) - (phaseRank[b.status?.phase ?? 'Pending'] ?? 0) ||
      Number(isReady(a)) - Number(isReady(b)) ||
      cost(a) - cost(b) ||
      crowd(b) - crowd(a) ||
      (isReady(a) && isReady(b) ? byAge(readySinceMs(a), readySinceMs(b), a, b, nowMs) : 0) ||
      restarts(b) - restarts(a) ||
      byAge(createdMs(a), createdMs(b), a, b, nowMs),
  );
}

function cost(pod: Pod): number {
  return Number(pod.metadata.annotations?.[deletionCost] ?? 0) || 0;
}

/** The younger first. Ages of the same power of two count as equal, and chance, the uid, decides. */
function byAge(sinceA: number, sinceB: number, a: Pod, b: Pod, nowMs: number): number {
  if (sinceA === sinceB) return 0;
  const magnitude = (sinceMs: number): number => (nowMs > sinceMs ? Math.floor(Math.log2((nowMs - sinceMs) * 1e6)) : -1);
  return magnitude(sinceA) - magnitude(sinceB) || ((a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1);
}

function readySinceMs(pod: Pod): number {
  return Date.parse(conditionOf(pod, 'Ready')?.lastTransitionTime ?? '') || 0;
}

function createdMs(pod: Pod): number {
  return Date.parse(pod.metadata.creationTimestamp ?? '') || 0;
}

function restarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));
}
