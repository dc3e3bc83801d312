import { configMaps, defineResource, isNotFound, leases, namespaces, nodes, pods, serviceAccounts, services, type Resource } from '../client/index.ts';
import type { KubeObject, OwnerReference } from '../objects.ts';
import {
  controllerRevisions,
  daemonSets,
  deployments,
  endpoints,
  endpointSlices,
  jobs,
  podDisruptionBudgets,
  replicaSets,
  statefulSets,
} from '../workload-objects.ts';
import { controllerQueue, type ControllerContext, type Running } from './context.ts';
import { createOwnerGraph, graphKey, type Known, type OwnerGraph } from './owner-graph.ts';

const foreground = 'foregroundDeletion';
const orphan = 'orphan';

/** All kinds that own something, or are owned, in the lab. */
const followedResources: readonly Resource[] = [
  ...[pods, nodes, namespaces, services, serviceAccounts, configMaps, leases, endpoints, endpointSlices],
  ...[deployments, replicaSets, daemonSets, statefulSets, controllerRevisions, jobs, podDisruptionBudgets],
  ...[defineResource('v1', 'Secret', 'secrets'), defineResource('batch/v1', 'CronJob', 'cronjobs')],
];

/** What an object's owners ask for. */
export interface Ownership {
  /** Owners that are there to stay. */
  readonly solid: OwnerReference[];
  /** Owners that are not there any more. */
  readonly dangling: OwnerReference[];
  /** Owners that are being deleted and wait for their dependents. */
  readonly waiting: OwnerReference[];
}

export function sortOwners(object: KubeObject, ownerOf: (reference: OwnerReference) => KubeObject | undefined): Ownership {
  const ownership: Ownership = { solid: [], dangling: [], waiting: [] };
  for (const reference of object.metadata.ownerReferences ?? []) {
    const owner = ownerOf(reference);
    if (!owner) ownership.dangling.push(reference);
    else if (owner.metadata.deletionTimestamp !== undefined && owner.metadata.finalizers?.includes(foreground)) ownership.waiting.push(reference);
    else ownership.solid.push(reference);
  }
  return ownership;
}

/** Deletes what has lost its owners, and carries out deletions that wait for dependents or let them go. */
export function startGarbageCollector(context: ControllerContext): Running {
  const { client, informers, log } = context;
  const followed = followedResources.map((resource) => ({ resource, informer: informers.of(resource) }));
  const wake = (key: string): void => queue.add(key);
  const graph: OwnerGraph = createOwnerGraph(followed, {
    changed(key) {
      const known = graph.get(key);
      if (!known) return;
      const { metadata } = known.object;
      const strays = (metadata.ownerReferences ?? []).some(({ uid }) => !graph.withUid(uid));
      if (strays || metadata.deletionTimestamp !== undefined) wake(key);
    },
    gone(uid) {
      for (const { resource, object } of graph.dependentsOf(uid)) wake(graphKey(resource, object));
      const owners = waitingOwners.get(uid);
      waitingOwners.delete(uid);
      for (const owner of owners ?? []) wake(owner);
    },
  });
  /** Owners that wait for a dependent to be gone, by the dependent's uid. */
  const waitingOwners = new Map<string, Set<string>>();

  const work = async (key: string): Promise<void> => {
    const known = graph.get(key);
    if (!known) return;
    try {
      const { deletionTimestamp, finalizers = [], ownerReferences = [] } = known.object.metadata;
      if (deletionTimestamp !== undefined) {
        if (finalizers.includes(orphan)) await letDependentsGo(known);
        else if (finalizers.includes(foreground)) await deleteDependents(known, key);
      } else if (ownerReferences.length > 0) {
        await judge(known);
      }
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };

  /** Deletes an object without owners; takes away references to owners that are gone from one that has others. */
  const judge = async ({ resource, object }: Known): Promise<void> => {
    const live = new Map<string, KubeObject | undefined>();
    for (const reference of object.metadata.ownerReferences ?? []) live.set(reference.uid, await ownerOf(object, reference));
    const { solid, dangling, waiting } = sortOwners(object, ({ uid }) => live.get(uid));
    if (dangling.length + waiting.length === 0) return;
    const { name, namespace, uid, resourceVersion, finalizers = [] } = object.metadata;
    if (solid.length > 0) {
      await client.patch(resource, { name, namespace }, 'merge', { metadata: { uid, resourceVersion, ownerReferences: solid } });
      return;
    }
    const hasDependents = graph.dependentsOf(uid!).length > 0;
    const propagationPolicy =
      finalizers.includes(orphan) ? 'Orphan' : finalizers.includes(foreground) || (waiting.length > 0 && hasDependents) ? 'Foreground' : 'Background';
    await client.delete(resource, { name, namespace }, { propagationPolicy, preconditions: { uid, resourceVersion } });
  };

  /** The owner that is there now; asks the server before it believes that there is none. */
  const ownerOf = async (object: KubeObject, reference: OwnerReference): Promise<KubeObject | undefined> => {
    const known = graph.withUid(reference.uid);
    if (known) return known.object;
    const resource = graph.resourceOf(reference);
    if (!resource) {
      log(`garbage: ${object.metadata.name} is owned by a ${reference.kind}, which is not followed: left alone`);
      return { metadata: { name: reference.name, uid: reference.uid } };
    }
    try {
      const owner = await client.get(resource, { name: reference.name, namespace: resource.namespaced ? object.metadata.namespace : undefined });
      return owner.metadata.uid === reference.uid ? owner : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };

  const letDependentsGo = async (known: Known): Promise<void> => {
    for (const { resource, object } of graph.dependentsOf(known.object.metadata.uid!)) {
      const { name, namespace, uid, ownerReferences = [] } = object.metadata;
      const others = ownerReferences.filter((reference) => reference.uid !== known.object.metadata.uid);
      try {
        await client.patch(resource, { name, namespace }, 'merge', { metadata: { uid, ownerReferences: others.length > 0 ? others : null } });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    await removeFinalizer(known, orphan);
  };

  const deleteDependents = async (known: Known, key: string): Promise<void> => {
    const dependents = graph.dependentsOf(known.object.metadata.uid!);
    const blocking = dependents.filter(({ object }) => object.metadata.ownerReferences?.some((reference) => reference.uid === known.object.metadata.uid && reference.blockOwnerDeletion));
    if (blocking.length === 0) await removeFinalizer(known, foreground);
    for (const { object } of blocking) {
      const uid = object.metadata.uid!;
      waitingOwners.set(uid, (waitingOwners.get(uid) ?? new Set()).add(key));
    }
    for (const { resource, object } of dependents) wake(graphKey(resource, object));
  };

  const removeFinalizer = async ({ resource, object }: Known, finalizer: string): Promise<void> => {
    const { name, namespace, uid, resourceVersion, finalizers = [] } = object.metadata;
    const others = finalizers.filter((each) => each !== finalizer);
    await client.patch(resource, { name, namespace }, 'merge', { metadata: { uid, resourceVersion, finalizers: others.length > 0 ? others : null } });
  };

  const queue = controllerQueue(context, 'garbage', followed.map(({ informer }) => informer), work);
  return queue;
}
