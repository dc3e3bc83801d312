import { isNotFound, nodes as nodeResource, pods as podResource } from '../client/index.ts';
import type { Pod } from '../objects.ts';
import { setPodConditions } from '../pod-conditions.ts';
import { isFinished, isTerminating } from '../pod-state.ts';
import type { ControllerContext, Running } from './context.ts';
import { startPeriodic } from './periodic.ts';
import { podInformer } from './pods.ts';

/** More pods than these that have ended are not kept. */
const keptWhenEnded = 12_500;

/** Pods that nobody will ever clean up: the kubelet that would is gone, or there never was one. */
export interface PodGarbage {
  /** Their node is not there. */
  readonly orphaned: Pod[];
  /** Deleted before any node had them. */
  readonly neverPlaced: Pod[];
  readonly surplus: Pod[];
}

/** @param missing nodes that are known not to be there, looked for twice */
export function findPodGarbage(pods: readonly Pod[], missing: ReadonlySet<string>, kept = keptWhenEnded): PodGarbage {
  const ended = pods.filter((pod) => isFinished(pod) && !isTerminating(pod));
  const oldestFirst = ended.toSorted((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1));
  return {
    orphaned: pods.filter(({ spec }) => spec.nodeName && missing.has(spec.nodeName)),
    neverPlaced: pods.filter((pod) => isTerminating(pod) && !pod.spec.nodeName && (pod.metadata.finalizers ?? []).length === 0),
    surplus: oldestFirst.slice(0, Math.max(0, ended.length - kept)),
  };
}

/** Removes pods whose node is gone, and others that nobody else would. */
export function startPodGarbageCollector(context: ControllerContext): Running {
  const { client, informers, timing } = context;
  const podsInformer = podInformer(informers);
  const nodeInformer = informers.of(nodeResource);
  let suspected = new Set<string>();

  const force = async (pod: Pod, condition?: { reason: string; message: string }): Promise<void> => {
    const { name, namespace, uid } = pod.metadata;
    if (condition && !isFinished(pod)) {
      // Its end is unknown: for those who wait for it, it has failed.
      const marked = await setPodConditions(client, podsInformer, pod, [{ type: 'DisruptionTarget', status: 'True', ...condition }], { phase: 'Failed' });
      if (!marked) return;
    }
    try {
      await client.delete(podResource, { name, namespace }, { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  return startPeriodic(context, 'pod-garbage', timing.collectPeriodMs, [podsInformer, nodeInformer], async () => {
    const pods = [...podsInformer.store.values()];
    const absent = new Set(pods.flatMap(({ spec }) => (spec.nodeName && !nodeInformer.store.get(spec.nodeName) ? [spec.nodeName] : [])));
    // A node that has just been made may not be in the store yet: it is looked for twice, the second time at the source.
    const missing = new Set<string>();
    for (const name of absent) if (suspected.has(name) && !(await exists(name))) missing.add(name);
    suspected = absent;
    const { orphaned, neverPlaced, surplus } = findPodGarbage(pods, missing);
    for (const pod of orphaned) await force(pod, { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' });
    for (const pod of [...neverPlaced, ...surplus]) await force(pod);
  });

  async function exists(name: string): Promise<boolean> {
    try {
      await client.get(nodeResource, { name });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
}
