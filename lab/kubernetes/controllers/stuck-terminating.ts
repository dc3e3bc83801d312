import { isNotFound, pods as podResource } from '../client/index.ts';
import type { ControllerContext, Running } from './context.ts';
import { startPeriodic } from './periodic.ts';
import { podInformer } from './pods.ts';
import type { Pod } from '../objects.ts';

/** Nobody but this file knows what it stands for, so nobody takes it away. */
export const stuckFinalizer = 'firedrill.lab/stuck';

const periodMs = 250;

/**
 * The sabotage `stuck-terminating`: while it is on, every pod carries a finalizer that nobody removes, so pods that are
 * deleted stay Terminating, as with a controller that died before it cleaned up. Switched off, the finalizers go, and the
 * pods with them.
 */
export function startStuckTerminating(context: ControllerContext): Running {
  const { client, informers, isOn } = context;
  const podsInformer = podInformer(informers);

  const apply = async (pod: Pod): Promise<void> => {
    const { name, namespace, uid, resourceVersion, deletionTimestamp, finalizers = [] } = pod.metadata;
    const stuck = finalizers.includes(stuckFinalizer);
    // A finalizer can't be added to what is being deleted already.
    if (isOn('stuck-terminating') ? stuck || deletionTimestamp !== undefined : !stuck) return;
    const wanted = stuck ? finalizers.filter((each) => each !== stuckFinalizer) : [...finalizers, stuckFinalizer];
    try {
      podsInformer.absorb(await client.patch(podResource, { name, namespace }, 'merge', { metadata: { uid, resourceVersion, finalizers: wanted.length > 0 ? wanted : null } }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  const applyAll = async (): Promise<void> => {
    for (const pod of [...podsInformer.store.values()]) await apply(pod);
  };
  podsInformer.on({
    added(pod) {
      // Sooner than the next round: a pod might be deleted right after it was made.
      if (isOn('stuck-terminating')) apply(pod).catch((error: unknown) => context.log(`stuck-terminating: ${String(error)}`));
    },
  });
  return startPeriodic(context, 'stuck-terminating', periodMs, [podsInformer], applyAll);
}
