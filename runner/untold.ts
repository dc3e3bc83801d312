import type { Cluster } from './cluster.ts';
import type { Target } from './fault.ts';
import { listed } from './leash.ts';

/**
 * What the cluster does not tell of these targets, so that no limit on them could be worked out. A member of etcd in a pod is
 * left out: it is found by a look of its own at the cluster, and held by the quorum gate.
 *
 * @param cluster undefined when it was not looked at
 * @returns each as it goes on after "would hit"
 */
export function untold(targets: readonly Target[], cluster: Cluster | undefined): string[] {
  const ofCluster = targets.filter(({ kind, etcdMember }) => kind !== 'instance' && etcdMember === undefined);
  const unseen = ofCluster.filter((target) => !isKnown(target, cluster)).map(({ name }) => name);
  const places = [...new Set(ofCluster.flatMap(({ namespace }) => namespace ?? []))];
  const nowhere = places.filter((name) => !cluster?.namespaces.some((one) => one.name === name));
  return [
    ...(unseen.length === 0 ? [] : [`${listed(unseen)}, of which Kubernetes does not tell enough`]),
    ...(nowhere.length === 0 ? [] : [`pods in ${nowhere.join(', ')}, a namespace that Kubernetes does not tell of`]),
  ];
}

function isKnown({ kind, id, namespace }: Target, cluster: Cluster | undefined): boolean {
  if (!cluster) return false;
  if (kind === 'node') return cluster.nodes.some(({ uid }) => uid === id);
  if (namespace === undefined) return false;
  if (kind === 'workload') return cluster.workloads.some(({ uid }) => uid === id);
  const pod = cluster.pods.find(({ uid }) => uid === id);
  if (!pod) return false;
  // Jobs, and what is of somebody's own kind, are not listed: they want what they have.
  const isListed = /^(deployment|statefulset|daemonset)\//.test(pod.workload ?? '');
  return !isListed || cluster.workloads.some((workload) => workload.namespace === pod.namespace && workload.ref === pod.workload);
}
