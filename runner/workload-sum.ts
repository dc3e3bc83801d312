import type { Cluster } from './cluster.ts';
import type { Target } from './fault.ts';

/** How many pods of one workload would be away: those that are not ready now, and those to be taken. */
export interface WorkloadSum {
  readonly namespace: string;
  /** `deployment/web`; `pod/x` for one that stands alone. */
  readonly ref: string;
  readonly desired: number;
  /** Not ready now; those to be taken are not counted twice. */
  readonly down: number;
  readonly taken: number;
}

/** The sum for each workload of which these targets take something. */
export function workloadSums(targets: readonly Target[], cluster: Cluster): WorkloadSum[] {
  const sums = new Map<string, WorkloadSum>();
  const add = (namespace: string, ref: string, more: number): void => {
    const key = `${namespace}/${ref}`;
    const sum = sums.get(key) ?? emptySum(namespace, ref, cluster);
    sums.set(key, { ...sum, taken: sum.taken + more });
  };
  const ready = new Set(cluster.pods.flatMap((pod) => (pod.ready && !pod.terminating ? pod.uid : [])));
  const ownerOf = new Map(cluster.pods.map((pod) => [pod.uid, pod.workload]));
  const counted = new Set<string>();
  for (const { kind, id, name, namespace = '', workload = ownerOf.get(id), takes } of targets) {
    if (counted.has(id)) continue;
    counted.add(id);
    if (kind === 'workload') add(namespace, workload ?? name, takes ?? 0);
    if (kind === 'pod') add(namespace, workload ?? `pod/${name}`, ready.has(id) ? 1 : 0);
  }
  return [...sums.values()];
}

function emptySum(namespace: string, ref: string, { workloads, pods }: Cluster): WorkloadSum {
  const workload = workloads.find((one) => one.namespace === namespace && one.ref === ref);
  const own = pods.filter((pod) => pod.namespace === namespace && (pod.workload ?? `pod/${pod.name}`) === ref && !pod.terminating);
  const ready = own.filter((pod) => pod.ready).length;
  // A workload that isn't listed (a Job, one of somebody's own kind) wants what it has.
  const desired = workload?.desired ?? own.length;
  return { namespace, ref, desired, down: Math.max(0, desired - ready), taken: 0 };
}

/** The most that may be away under a limit. Without one, something has to stay. */
export function mostAway(limit: number | string | undefined, desired: number): number {
  if (limit === 'all') return Infinity;
  if (limit === undefined) return desired - 1;
  return typeof limit === 'number' ? limit : Math.floor((desired * Number.parseFloat(limit)) / 100);
}
