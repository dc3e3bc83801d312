import type { Cloud } from '../cloud.ts';

/** Remembers when something was made, while describes are told to lag behind. */
export function justMade(cloud: Cloud, id: string): void {
  if (cloud.sabotage.isOn('api-stale')) cloud.madeAt.set(id, Date.now());
}

/** Whether describes don't know it yet: EC2 is eventually consistent, and what a call made may be missing from the next. */
export function isHidden(cloud: Cloud, id: string): boolean {
  const madeAt = cloud.madeAt.get(id);
  if (madeAt === undefined) return false;
  if (cloud.sabotage.isOn('api-stale') && Date.now() - madeAt < cloud.sabotage.amount('api-stale')) return true;
  cloud.madeAt.delete(id);
  return false;
}
