import type { FaultSpec } from '../scenarios/schema.ts';
import type { Select } from '../scenarios/select.ts';
import type { Cluster, Node, Pod, Workload } from './cluster.ts';
import { ExpectedError } from './errors.ts';
import type { Target } from './fault.ts';
import type { Inventory } from './inventory.ts';
import { matchesPatterns } from './roles.ts';
import { requireTargets } from './select.ts';

/** The keys by which pods are selected; `zone` is that of their node. */
export const podSelects = ['namespace', 'labels', 'owner', 'node', 'zone', 'notZone', 'names', 'pick'] as const;

/** Whether a selection can only mean pods. */
export function selectsPods({ namespace, labels, owner }: Select): boolean {
  return namespace !== undefined || labels !== undefined || owner !== undefined;
}

/** @throws ExpectedError when the inventory has no Kubernetes: the environment file names none */
export function clusterOf({ kubernetes }: Inventory, faultId: string): Cluster {
  if (kubernetes) return kubernetes;
  throw new ExpectedError(`fault ${faultId}: the environment file names no Kubernetes; give it a kubernetes part with kubeconfig and context`);
}

/**
 * Looks whether there is what a fault needs to hit.
 *
 * @throws ExpectedError when there is too little; a namespace that ends, or that there is none of, is named as the reason
 */
export function requireOnCluster<T>(found: readonly T[], { id, select }: Pick<FaultSpec, 'id' | 'select'>, what: string, { kubernetes }: Inventory): void {
  const asked = select?.namespace;
  if (found.length === 0 && asked !== undefined && kubernetes) {
    const namespace = kubernetes.namespaces.find(({ name }) => name === asked);
    if (!namespace) throw new ExpectedError(`fault ${id}: there is no namespace ${asked}; there are ${kubernetes.namespaces.map(({ name }) => name).join(', ')}`);
    if (namespace.terminating) throw new ExpectedError(`fault ${id}: namespace ${asked} is terminating: no ${what} in it can be hit, and nothing would come back`);
  }
  requireTargets(found, select, id, what);
}

/** The pods that run, or are to, and that a selection means, by namespace and name, before `pick`; zones already chosen. */
export function matchPods({ pods }: Cluster, select: Select): Pod[] {
  return pods
    .filter((pod) => !pod.terminating && pod.phase !== 'Succeeded' && pod.phase !== 'Failed' && matches(pod, select))
    .sort((a, b) => byText(a.namespace, b.namespace) || byText(a.name, b.name));
}

function matches(pod: Pod, select: Select): boolean {
  if (select.namespace !== undefined && pod.namespace !== select.namespace) return false;
  if (select.labels !== undefined && !matchesPatterns(pod.labels, select.labels)) return false;
  if (select.owner !== undefined && pod.workload !== select.owner) return false;
  if (select.node !== undefined && pod.node !== select.node) return false;
  if (select.zone !== undefined && pod.zone !== select.zone) return false;
  if (select.notZone !== undefined && pod.zone === select.notZone) return false;
  return select.names === undefined || select.names.some((name) => name === pod.name || name === pod.uid);
}

/** The nodes that a selection means, by name, before `pick`; zones already chosen. */
export function matchNodes({ nodes }: Cluster, select: Select): Node[] {
  return nodes
    .filter((node) => {
      if (select.node !== undefined && node.name !== select.node) return false;
      if (select.labels !== undefined && !matchesPatterns(node.labels, select.labels)) return false;
      if (select.zone !== undefined && node.zone !== select.zone) return false;
      if (select.notZone !== undefined && node.zone === select.notZone) return false;
      return select.names === undefined || select.names.some((name) => [node.name, node.uid, node.instanceId].includes(name));
    })
    .sort((a, b) => byText(a.name, b.name));
}

/** The workloads that a selection means, by namespace and name, before `pick`. */
export function matchWorkloads({ workloads }: Cluster, select: Select): Workload[] {
  return workloads
    .filter((workload) => {
      if (select.namespace !== undefined && workload.namespace !== select.namespace) return false;
      if (select.labels !== undefined && !matchesPatterns(workload.labels, select.labels)) return false;
      if (select.owner !== undefined && workload.ref !== select.owner) return false;
      return select.names === undefined || select.names.some((name) => [workload.name, workload.ref, workload.uid].includes(name));
    })
    .sort((a, b) => byText(a.namespace, b.namespace) || byText(a.ref, b.ref));
}

/** By code points: ten thousand names are sorted in a moment, which a locale's rules would take seconds for. */
function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function podTarget({ namespace, name, uid, zone, workload, node }: Pod): Target {
  return {
    kind: 'pod',
    name,
    id: uid,
    zone,
    roles: [],
    group: undefined,
    etcdMember: undefined,
    namespace,
    ...(workload === undefined ? {} : { workload }),
    ...(node === undefined ? {} : { node }),
  };
}

export function nodeTarget({ name, uid, zone }: Node): Target {
  return { kind: 'node', name, id: uid, zone, roles: [], group: undefined, etcdMember: undefined, node: name };
}

/** @param takes how many of its pods are taken away at once */
export function workloadTarget({ namespace, name, uid, ref }: Workload, takes: number): Target {
  return { kind: 'workload', name, id: uid, zone: '', roles: [], group: undefined, etcdMember: undefined, namespace, workload: ref, takes };
}
