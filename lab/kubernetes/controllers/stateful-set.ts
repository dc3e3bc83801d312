import { isDeepStrictEqual } from 'node:util';
import { isAlreadyExists, isNotFound, keyOf, pods as podResource } from '../client/index.ts';
import type { Draft, Pod } from '../objects.ts';
import { isActive, isAvailable, isFinished, isReady, isTerminating, nonZero } from '../pod-state.ts';
import { statefulSets, type StatefulSet } from '../workload-objects.ts';
import { controllerQueue, type ControllerContext, type Running } from './context.ts';
import { createPodMaker, podFromTemplate } from './make-pods.ts';
import { claim } from './ownership.ts';
import { followPods, podInformer } from './pods.ts';
import { noteRevision, revisionInformer, revisionLabel, trimHistory } from './revision-history.ts';

export interface StatefulSetDecision {
  /** Ordinals that get a pod. */
  readonly create: readonly number[];
  readonly remove: readonly Pod[];
}

/** The number at the end of a pod's name; undefined when it isn't one of the set's. */
export function ordinalOf(statefulSet: StatefulSet, pod: Pod): number | undefined {
  const { name } = statefulSet.metadata;
  const match = pod.metadata.name.startsWith(`${name}-`) ? /^\d+$/.exec(pod.metadata.name.slice(name.length + 1)) : null;
  return match ? Number(match[0]) : undefined;
}

/**
 * The next step of a StatefulSet. Pods come up in order, each when all before it are ready; they go in reverse, one at a time;
 * those of an old template are replaced from the end, one at a time. A pod with a name that is still taken is waited for.
 *
 * @param revision the name of the current template's revision
 */
export function decideStatefulSet(statefulSet: StatefulSet, owned: readonly Pod[], revision: string, nowMs: number): StatefulSetDecision {
  const { replicas = 1, podManagementPolicy, updateStrategy, minReadySeconds = 0 } = statefulSet.spec;
  if (statefulSet.metadata.deletionTimestamp !== undefined) return { create: [], remove: [] };
  const parallel = podManagementPolicy === 'Parallel';
  const byOrdinal = new Map(owned.map((pod) => [ordinalOf(statefulSet, pod), pod]));
  const create: number[] = [];
  for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
    const pod = byOrdinal.get(ordinal);
    if (!pod) {
      create.push(ordinal);
      if (!parallel) return { create, remove: [] };
    } else if (isFinished(pod) && !isTerminating(pod)) {
      return { create, remove: [pod] };
    } else if (!parallel && !(isActive(pod) && isAvailable(pod, minReadySeconds, nowMs))) {
      return { create, remove: [] };
    }
  }
  const surplus = owned.filter((pod) => (ordinalOf(statefulSet, pod) ?? 0) >= replicas).toSorted((a, b) => ordinalOf(statefulSet, b)! - ordinalOf(statefulSet, a)!);
  const staying = surplus.filter((pod) => !isTerminating(pod));
  if (surplus.length > 0) return { create, remove: parallel ? staying : staying.length === surplus.length ? staying.slice(0, 1) : [] };
  if (create.length > 0 || (updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return { create, remove: [] };
  for (let ordinal = replicas - 1; ordinal >= (updateStrategy?.rollingUpdate?.partition ?? 0); ordinal -= 1) {
    const pod = byOrdinal.get(ordinal)!;
    if (pod.metadata.labels?.[revisionLabel] !== revision) return { create, remove: isTerminating(pod) ? [] : [pod] };
    if (!isActive(pod) || !isAvailable(pod, minReadySeconds, nowMs)) return { create, remove: [] };
  }
  return { create, remove: [] };
}

/** The pod with this number: its name and its host name stay the same for good. */
export function ordinalPod(statefulSet: StatefulSet, ordinal: number, revision: string): Draft<Pod> {
  const pod = podFromTemplate(statefulSets, statefulSet, statefulSet.spec.template);
  const name = `${statefulSet.metadata.name}-${ordinal}`;
  const { generateName: _generateName, ...metadata } = pod.metadata;
  return {
    ...pod,
    metadata: {
      ...metadata,
      name,
      labels: { ...metadata.labels, 'statefulset.kubernetes.io/pod-name': name, 'apps.kubernetes.io/pod-index': String(ordinal), [revisionLabel]: revision },
    },
    spec: { ...pod.spec, hostname: name, ...(statefulSet.spec.serviceName ? { subdomain: statefulSet.spec.serviceName } : {}) },
  };
}

export function statefulSetStatus(statefulSet: StatefulSet, owned: readonly Pod[], revision: string, nowMs: number): NonNullable<StatefulSet['status']> {
  const { replicas = 1, minReadySeconds = 0 } = statefulSet.spec;
  const active = owned.filter((pod) => !isFinished(pod));
  const updated = active.filter(({ metadata }) => metadata.labels?.[revisionLabel] === revision && metadata.deletionTimestamp === undefined);
  const before = statefulSet.status?.currentRevision ?? revision;
  const complete = updated.length === replicas && active.length === replicas && updated.every(isReady);
  const currentRevision = complete ? revision : before;
  return {
    ...nonZero({ observedGeneration: statefulSet.metadata.generation ?? 0 }),
    replicas: active.length,
    ...nonZero({
      readyReplicas: active.filter(isReady).length,
      currentReplicas: active.filter(({ metadata }) => metadata.labels?.[revisionLabel] === currentRevision).length,
      updatedReplicas: updated.length,
    }),
    availableReplicas: active.filter((pod) => isAvailable(pod, minReadySeconds, nowMs)).length,
    currentRevision,
    updateRevision: revision,
    collisionCount: statefulSet.status?.collisionCount ?? 0,
    ...(statefulSet.status?.conditions ? { conditions: statefulSet.status.conditions } : {}),
  };
}

/** Keeps pods with stable names, one step at a time. */
export function startStatefulSetController(context: ControllerContext): Running {
  const { client, informers, now } = context;
  const events = context.events('statefulset-controller');
  const setInformer = informers.of(statefulSets);
  setInformer.addIndex('namespace', ({ metadata }) => [metadata.namespace]);
  const podsInformer = podInformer(informers);
  const revisions = revisionInformer(context);
  const maker = createPodMaker(context, statefulSets, events, podsInformer);

  const work = async (key: string): Promise<void> => {
    const statefulSet = setInformer.store.get(key);
    if (!statefulSet) return;
    try {
      const history = await noteRevision(context, statefulSets, statefulSet, revisions);
      const revision = history.current.metadata.name;
      const owned = await claim(context, statefulSets, statefulSet, statefulSet.spec.selector, podResource, podsInformer);
      const { create, remove } = decideStatefulSet(statefulSet, owned, revision, now());
      await Promise.all(remove.map((pod) => maker.delete(statefulSet, pod)));
      await maker.create(statefulSet, create.map((ordinal) => ordinalPod(statefulSet, ordinal, revision)));
      await trimHistory(context, history, statefulSet.spec.revisionHistoryLimit ?? 10, new Set(owned.map(({ metadata }) => metadata.labels?.[revisionLabel] ?? '')));
      const status = statefulSetStatus(statefulSet, owned, revision, now());
      if (!isDeepStrictEqual(status, statefulSet.status)) setInformer.absorb(await client.updateStatus(statefulSets, { ...statefulSet, status }));
      if ((status.readyReplicas ?? 0) > (status.availableReplicas ?? 0)) queue.addAfter(key, (statefulSet.spec.minReadySeconds ?? 0) * 1000);
    } catch (error) {
      // Deleted meanwhile, or the name is still taken by a pod that goes: the watch will say so.
      if (!isNotFound(error) && !isAlreadyExists(error)) throw error;
    }
  };
  const queue = controllerQueue(context, 'stateful-set', [setInformer, podsInformer, revisions], work);
  setInformer.on({ added: (object) => queue.add(keyOf(object)), changed: (object) => queue.add(keyOf(object)) });
  followPods(podsInformer, 'StatefulSet', setInformer, (key) => queue.add(key));
  return queue;
}
