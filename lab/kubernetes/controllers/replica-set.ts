import { isDeepStrictEqual } from 'node:util';
import { isNotFound, keyOf, pods as podResource, type Informer } from '../client/index.ts';
import type { Condition, Pod } from '../objects.ts';
import { controllerOf, isActive, isAvailable, isFinished, isReady, isTerminating, nonZero, withCondition } from '../pod-state.ts';
import { matchesLabels } from '../selectors.ts';
import { replicaSets, type ReplicaSet } from '../workload-objects.ts';
import { controllerQueue, type ControllerContext, type Running } from './context.ts';
import { createPodMaker, podFromTemplate } from './make-pods.ts';
import { claim } from './ownership.ts';
import { inDeletionOrder } from './pod-deletion-order.ts';
import { followPods, podInformer } from './pods.ts';

/** No more pods than this are created or deleted in one go. */
const burst = 500;

export interface ReplicaSetDecision {
  readonly create: number;
  readonly remove: readonly Pod[];
}

/**
 * What has to happen for a ReplicaSet to have the pods it wants. A pod that is terminating is no replica any more, so it is
 * replaced while it is still running.
 *
 * @param owned its pods
 * @param siblings the pods of all ReplicaSets of the same owner, which tell where pods crowd
 */
export function decideReplicas(replicaSet: ReplicaSet, owned: readonly Pod[], siblings: readonly Pod[], nowMs: number): ReplicaSetDecision {
  if (replicaSet.metadata.deletionTimestamp !== undefined) return { create: 0, remove: [] };
  const active = owned.filter(isActive);
  const missing = (replicaSet.spec.replicas ?? 1) - active.length;
  if (missing >= 0) return { create: Math.min(missing, burst), remove: [] };
  const related = new Map<string, number>();
  for (const { spec } of siblings.filter(isActive)) if (spec.nodeName) related.set(spec.nodeName, (related.get(spec.nodeName) ?? 0) + 1);
  return { create: 0, remove: inDeletionOrder(active, related, nowMs).slice(0, Math.min(-missing, burst)) };
}

/** The status that goes with the pods. @param failure why pods could not be created or deleted */
export function replicaSetStatus(replicaSet: ReplicaSet, owned: readonly Pod[], failure: string | undefined, nowMs: number): NonNullable<ReplicaSet['status']> {
  const { minReadySeconds = 0, template, replicas = 1 } = replicaSet.spec;
  const active = owned.filter(isActive);
  const count = (holds: (pod: Pod) => boolean): number => active.filter(holds).length;
  const others = (replicaSet.status?.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure');
  const failed: Condition = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: active.length < replicas ? 'FailedCreate' : 'FailedDelete',
    message: failure ?? '',
  };
  const conditions = failure === undefined ? others : withCondition(replicaSet.status?.conditions, failed, nowMs);
  return {
    replicas: active.length,
    ...nonZero({
      fullyLabeledReplicas: count(({ metadata }) => matchesLabels(template.metadata?.labels ?? {}, metadata.labels)),
      readyReplicas: count(isReady),
      availableReplicas: count((pod) => isAvailable(pod, minReadySeconds, nowMs)),
    }),
    terminatingReplicas: owned.filter((pod) => isTerminating(pod) && !isFinished(pod)).length,
    ...nonZero({ observedGeneration: replicaSet.metadata.generation ?? 0 }),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** Keeps the number of each ReplicaSet's pods. */
export function startReplicaSetController(context: ControllerContext): Running {
  const { client, informers, now } = context;
  const events = context.events('replicaset-controller');
  const replicaSetInformer = informers.of(replicaSets);
  replicaSetInformer.addIndex('controller', (replicaSet) => [controllerOf(replicaSet)?.uid]);
  replicaSetInformer.addIndex('namespace', ({ metadata }) => [metadata.namespace]);
  const podsInformer = podInformer(informers);
  const maker = createPodMaker(context, replicaSets, events, podsInformer);

  const work = async (key: string): Promise<void> => {
    const replicaSet = replicaSetInformer.store.get(key);
    if (!replicaSet) return;
    const owned = await claim(context, replicaSets, replicaSet, replicaSet.spec.selector, podResource, podsInformer);
    const { create, remove } = decideReplicas(replicaSet, owned, siblingsOf(replicaSet, replicaSetInformer, podsInformer), now());
    let failure: Error | undefined;
    try {
      await maker.create(replicaSet, Array.from({ length: create }, () => podFromTemplate(replicaSets, replicaSet, replicaSet.spec.template)));
      await Promise.all(remove.map((pod) => maker.delete(replicaSet, pod)));
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    // As in Kubernetes, the status tells of the pods before this turn; their changes bring the next one.
    const status = replicaSetStatus(replicaSet, owned, failure?.message, now());
    await writeStatus(replicaSet, status);
    const { minReadySeconds = 0 } = replicaSet.spec;
    if ((status.readyReplicas ?? 0) > (status.availableReplicas ?? 0)) queue.addAfter(key, minReadySeconds * 1000);
    if (failure) throw failure;
  };
  const writeStatus = async (replicaSet: ReplicaSet, status: NonNullable<ReplicaSet['status']>): Promise<void> => {
    if (isDeepStrictEqual(status, replicaSet.status)) return;
    try {
      replicaSetInformer.absorb(await client.updateStatus(replicaSets, { ...replicaSet, status }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  const queue = controllerQueue(context, 'replica-set', [replicaSetInformer, podsInformer], work);
  replicaSetInformer.on({ added: (object) => queue.add(keyOf(object)), changed: (object) => queue.add(keyOf(object)) });
  followPods(podsInformer, 'ReplicaSet', replicaSetInformer, (key) => queue.add(key));
  return queue;
}

function siblingsOf(replicaSet: ReplicaSet, replicaSetInformer: Informer<ReplicaSet>, podsInformer: Informer<Pod>): Pod[] {
  const owner = controllerOf(replicaSet);
  const family = owner ? replicaSetInformer.store.by('controller', owner.uid) : [replicaSet];
  return family.flatMap(({ metadata }) => podsInformer.store.by('controller', metadata.uid!));
}
