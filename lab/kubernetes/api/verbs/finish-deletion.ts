import type { KubeObject } from '../object.ts';

/** Whether nothing stands between an object that was deleted and its end: no finalizer, no grace. */
export function finishDeletion({ metadata, kind, spec }: KubeObject): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  if (metadata.finalizers?.length) return false;
  if (kind === 'Namespace' && spec?.finalizers?.length) return false;
  // A Pod's kubelet ends it with a second DELETE of grace 0.
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}
