import { isDeepStrictEqual } from 'node:util';
import { isNotFound, keyOf } from '../client/index.ts';
import type { Pod } from '../objects.ts';
import { controllerOf, isReady, isTerminating, scaledValue, withCondition } from '../pod-state.ts';
import { matchesSelector } from '../selectors.ts';
import { deployments, podDisruptionBudgets, replicaSets, statefulSets, type PodDisruptionBudget } from '../workload-objects.ts';
import { controllerQueue, type ControllerContext, type Running } from './context.ts';
import { podInformer } from './pods.ts';

/** An eviction that was granted and not carried out counts no more after this long. */
const forgottenAfterMs = 120_000;

type Status = NonNullable<PodDisruptionBudget['status']>;

/** How many replicas the owner of a pod wants; undefined when its owner has no such number. */
export type ScaleOf = (pod: Pod) => { owner: string; replicas: number } | undefined;

/**
 * What a budget allows now.
 *
 * @param pods those that its selector finds
 * @returns the status, and in how many milliseconds an entry of it will be forgotten
 * @throws Error when the budget needs a number that a pod's owner doesn't have
 */
export function budgetStatus(budget: PodDisruptionBudget, pods: readonly Pod[], scaleOf: ScaleOf, nowMs: number): { status: Status; againInMs: number | undefined } {
  const { expected, desired } = counts(budget, pods, scaleOf);
  const byName = new Map(pods.map((pod) => [pod.metadata.name, pod]));
  const disruptedPods: Record<string, string> = {};
  let againInMs: number | undefined;
  for (const [name, since] of Object.entries(budget.status?.disruptedPods ?? {})) {
    const pod = byName.get(name);
    const leftMs = Date.parse(since) + forgottenAfterMs - nowMs;
    if (!pod || isTerminating(pod) || leftMs <= 0) continue;
    disruptedPods[name] = since;
    againInMs = Math.min(againInMs ?? Infinity, leftMs);
  }
  const healthy = pods.filter((pod) => isReady(pod) && !isTerminating(pod) && disruptedPods[pod.metadata.name] === undefined).length;
  const allowed = expected === 0 ? 0 : Math.max(0, healthy - desired);
  const observed = budget.metadata.generation === undefined ? {} : { observedGeneration: budget.metadata.generation };
  const condition = { type: 'DisruptionAllowed', status: allowed > 0 ? 'True' : 'False', ...observed, reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods', message: '' } as const;
  const status: Status = {
    ...observed,
    ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: withCondition(budget.status?.conditions, condition, nowMs),
  };
  return { status, againInMs };
}

/** How many pods there should be, and how many of them healthy. */
function counts({ spec }: PodDisruptionBudget, pods: readonly Pod[], scaleOf: ScaleOf): { expected: number; desired: number } {
  const { minAvailable, maxUnavailable } = spec;
  if (maxUnavailable === undefined && (minAvailable === undefined || typeof minAvailable === 'number')) {
    return { expected: pods.length, desired: minAvailable ?? 0 };
  }
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const scale = scaleOf(pod);
    if (!scale) throw new Error(`found no controllers for pod "${pod.metadata.name}"`);
    scales.set(scale.owner, scale.replicas);
  }
  const expected = [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
  if (maxUnavailable === undefined) return { expected, desired: scaledValue(minAvailable, expected, 'up', 0) };
  return { expected, desired: Math.max(0, expected - scaledValue(maxUnavailable, expected, 'up', 0)) };
}

/** Keeps the status of disruption budgets, which the eviction API goes by. */
export function startDisruptionController(context: ControllerContext): Running {
  const { client, informers, now } = context;
  const events = context.events('controllermanager');
  const budgetInformer = informers.of(podDisruptionBudgets);
  budgetInformer.addIndex('namespace', ({ metadata }) => [metadata.namespace]);
  const podsInformer = podInformer(informers);
  const replicaSetInformer = informers.of(replicaSets);
  const deploymentInformer = informers.of(deployments);
  const statefulSetInformer = informers.of(statefulSets);

  const scaleOf: ScaleOf = (pod) => {
    const owner = controllerOf(pod);
    const key = `${pod.metadata.namespace}/${owner?.name}`;
    if (owner?.kind === 'StatefulSet') {
      const found = statefulSetInformer.store.get(key);
      return found && { owner: owner.uid, replicas: found.spec.replicas ?? 1 };
    }
    const replicaSet = owner?.kind === 'ReplicaSet' ? replicaSetInformer.store.get(key) : undefined;
    if (!replicaSet) return undefined;
    const above = controllerOf(replicaSet);
    const deployment = above?.kind === 'Deployment' ? deploymentInformer.store.get(`${pod.metadata.namespace}/${above.name}`) : undefined;
    if (deployment) return { owner: above!.uid, replicas: deployment.spec.replicas ?? 1 };
    return { owner: owner!.uid, replicas: replicaSet.spec.replicas ?? 1 };
  };

  const work = async (key: string): Promise<void> => {
    const budget = budgetInformer.store.get(key);
    if (!budget) return;
    const pods = podsInformer.store.by('namespace', budget.metadata.namespace ?? '').filter(({ metadata }) => matchesSelector(budget.spec.selector, metadata.labels));
    if (pods.length === 0) events.record(podDisruptionBudgets, budget, 'Normal', 'NoPods', 'No matching pods found');
    let found: { status: Status; againInMs: number | undefined };
    try {
      found = budgetStatus(budget, pods, scaleOf, now());
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      events.record(podDisruptionBudgets, budget, 'Warning', 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${message}`);
      found = { status: failedStatus(budget, message, now()), againInMs: undefined };
    }
    if (found.againInMs !== undefined) queue.addAfter(key, found.againInMs);
    if (isDeepStrictEqual(found.status, budget.status)) return;
    try {
      budgetInformer.absorb(await client.updateStatus(podDisruptionBudgets, { ...budget, status: found.status }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  const queue = controllerQueue(context, 'disruption', [budgetInformer, podsInformer, replicaSetInformer, deploymentInformer, statefulSetInformer], work);

  const wakeBudgets = (pod: Pod): void => {
    for (const budget of budgetInformer.store.by('namespace', pod.metadata.namespace ?? '')) {
      if (matchesSelector(budget.spec.selector, pod.metadata.labels)) queue.add(keyOf(budget));
    }
  };
  budgetInformer.on({ added: (budget) => queue.add(keyOf(budget)), changed: (budget) => queue.add(keyOf(budget)) });
  podsInformer.on({
    added: wakeBudgets,
    changed(pod, before) {
      if (!isDeepStrictEqual(pod.metadata.labels, before.metadata.labels)) wakeBudgets(before);
      wakeBudgets(pod);
    },
    deleted: wakeBudgets,
  });
  return queue;
}

/** What can't be counted allows nothing. */
function failedStatus(budget: PodDisruptionBudget, message: string, nowMs: number): Status {
  const condition = { type: 'DisruptionAllowed', status: 'False', observedGeneration: budget.metadata.generation ?? 0, reason: 'SyncFailed', message } as const;
  return {
    ...{ currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...budget.status },
    disruptionsAllowed: 0,
    observedGeneration: budget.metadata.generation ?? 0,
    conditions: withCondition(budget.status?.conditions, condition, nowMs),
  };
}
