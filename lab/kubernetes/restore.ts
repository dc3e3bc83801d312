import { configMaps, defineResource, isConflict, isNotFound, namespaces, nodes, pods, services, type Client, type Resource } from './client/index.ts';
import { makeSpecimens } from './cluster.ts';
import type { KubeObject, Node } from './objects.ts';
import { daemonSets, deployments, disruptionBudgets, namespacesIn, type Specimen } from './workloads.ts';

const apps = (kind: string, plural: string): Resource => defineResource('apps/v1', kind, plural);

/** What people and drills make in a cluster, in the order in which it is cleared away: owners before what they own. */
const cleared: readonly Resource[] = [
  defineResource('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  disruptionBudgets,
  deployments,
  daemonSets,
  apps('StatefulSet', 'statefulsets'),
  defineResource('batch/v1', 'Job', 'jobs'),
  apps('ReplicaSet', 'replicasets'),
  services,
  pods,
  configMaps,
];

/** Namespaces that every cluster has. */
const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
/** What the cluster itself puts into each of its namespaces. */
const ownedByCluster = ['ConfigMap kube-root-ca.crt', 'Service kubernetes'];

/**
 * Gives a cluster back as it was at its start: nodes take pods, nothing is there that wasn't, and the specimens are what they
 * were. The controllers then repair the rest.
 *
 * @param specimens what it has from the start
 * @throws when the API refuses
 */
export async function restoreCluster(client: Client, specimens: readonly Specimen[]): Promise<void> {
  const own = namespacesIn(specimens);
  for (const node of (await client.list(nodes)).items) await restoreNode(client, node);
  for (const { metadata } of (await client.list(namespaces)).items) {
    if (!systemNamespaces.includes(metadata.name) && !own.includes(metadata.name)) await gone(client.delete(namespaces, { name: metadata.name }));
  }
  for (const resource of cleared) {
    for (const namespace of ['default', ...own]) await clear(client, resource, namespace, specimens);
  }
  await makeSpecimens(client, specimens);
  for (const specimen of specimens) if (specimen.resource !== namespaces) await restoreSpecimen(client, specimen);
  for (const namespace of own) await endCrashing(client, namespace);
}

/** Whatever keeps pods away goes; what the node's health asks for is the controllers' business. */
async function restoreNode(client: Client, node: Node): Promise<void> {
  const { unschedulable, taints = [] } = node.spec;
  const kept = taints.filter(({ key }) => /^node\.kubernetes\.io\/(not-ready|unreachable)$/.test(key));
  if (!unschedulable && kept.length === taints.length) return;
  await gone(client.patch(nodes, { name: node.metadata.name }, 'merge', { spec: { unschedulable: null, taints: kept.length > 0 ? kept : null } }));
}

async function clear(client: Client, resource: Resource, namespace: string, specimens: readonly Specimen[]): Promise<void> {
  const isSpecimen = (name: string): boolean =>
    specimens.some((each) => each.resource === resource && each.object.metadata.namespace === namespace && each.object.metadata.name === name);
  for (const object of (await list(client, resource, namespace)).items) {
    const { name, ownerReferences = [], finalizers = [], deletionTimestamp } = object.metadata;
    // A finalizer of somebody who isn't there any more would hold it for ever.
    if (deletionTimestamp !== undefined && finalizers.length > 0) {
      await gone(client.patch(resource, { namespace, name }, 'merge', { metadata: { finalizers: null } }));
    }
    const stays = isSpecimen(name) || ownerReferences.length > 0 || deletionTimestamp !== undefined || ownedByCluster.includes(`${resource.kind} ${name}`);
    if (!stays) await gone(client.delete(resource, { namespace, name }, { propagationPolicy: 'Background', ...(isPod(resource) ? { gracePeriodSeconds: 1 } : {}) }));
  }
}

const isPod = (resource: Resource): boolean => resource === pods;

/** An API server that doesn't have the resource has nothing of it. */
async function list(client: Client, resource: Resource, namespace: string): Promise<{ items: KubeObject[] }> {
  try {
    return await client.list(resource, { namespace });
  } catch (error) {
    if (isNotFound(error)) return { items: [] };
    throw error;
  }
}

/** Puts what a specimen was made from in the place of what it has become; what the server and controllers added stays. */
async function restoreSpecimen(client: Client, { resource, object }: Specimen): Promise<void> {
  const { name, namespace } = object.metadata;
  for (;;) {
    const live = (await client.get(resource, { namespace, name })) as Specimen['object'];
    const { uid, resourceVersion, annotations = {} } = live.metadata;
    const kept = Object.fromEntries(Object.entries(annotations).filter(([key]) => /^(deployment|deprecated\.daemonset)\./.test(key)));
    // Not all kinds have a spec: a role has rules, a ConfigMap has data.
    const spec = resource === services ? { spec: { ...(live.spec as object), ...(object.spec as object) } } : {};
    const wanted = { ...live, ...object, metadata: { ...object.metadata, uid, resourceVersion, ...(Object.keys(kept).length > 0 ? { annotations: kept } : {}) }, ...spec };
    try {
      await client.update(resource, wanted);
      return;
    } catch (error) {
      // A controller wrote in between.
      if (!isConflict(error)) throw error;
    }
  }
}

/** A container that has ended again and again waits for minutes before it is started once more: a new pod doesn't. */
async function endCrashing(client: Client, namespace: string): Promise<void> {
  for (const { metadata, status } of (await client.list(pods, { namespace })).items) {
    const isWaiting = status?.containerStatuses?.some(({ state }) => state?.waiting?.reason === 'CrashLoopBackOff');
    if (isWaiting) await gone(client.delete(pods, { namespace, name: metadata.name }, { gracePeriodSeconds: 1 }));
  }
}

/** What is not there any more, or was changed by somebody who takes care of it, is fine. */
async function gone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
