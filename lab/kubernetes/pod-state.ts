import type { Condition, IntOrPercent, KubeObject, OwnerReference, Pod } from './objects.ts';

/** RFC 3339 in whole seconds, as the API writes times. */
export function timestamp(atMs: number = Date.now()): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

export function conditionOf(object: { status?: { conditions?: Condition[] } }, type: string): Condition | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

/** The conditions with one of them replaced; the time of its last transition stays when its status does. */
export function withCondition(conditions: readonly Condition[] = [], condition: Condition, nowMs: number = Date.now()): Condition[] {
  const before = conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime = before?.status === condition.status && before.lastTransitionTime ? before.lastTransitionTime : timestamp(nowMs);
  const after = { ...condition, lastTransitionTime };
  return before ? conditions.map((each) => (each === before ? after : each)) : [...conditions, after];
}

export function isReady(pod: Pod): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

/** Ready, and for long enough. */
export function isAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const ready = conditionOf(pod, 'Ready');
  if (ready?.status !== 'True') return false;
  return minReadySeconds === 0 || Date.parse(ready.lastTransitionTime ?? '') + minReadySeconds * 1000 <= nowMs;
}

/** All its containers have ended for good. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Neither ended nor about to: counts as a replica. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !isTerminating(pod);
}

/** A number, or a share of `total`, rounded up or down. */
export function scaledValue(value: IntOrPercent | undefined, total: number, round: 'up' | 'down', fallback: IntOrPercent): number {
  const given = value ?? fallback;
  if (typeof given === 'number') return given;
  const share = (Number(given.replace('%', '')) * total) / 100;
  return round === 'up' ? Math.ceil(share) : Math.floor(share);
}

/** Without the entries that are zero or not there: how counts are written that may be left out. */
export function nonZero<T extends Record<string, unknown>>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0 && value !== undefined)) as Partial<T>;
}

/** The owner that manages an object, if it has one. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller);
}
