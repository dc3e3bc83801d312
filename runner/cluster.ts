/** A Kubernetes cluster as its API tells at one moment, as far as drills need it. */
export interface Cluster {
  /** The uid of namespace kube-system: the cluster's identity. */
  readonly uid: string;
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly workloads: readonly Workload[];
  readonly namespaces: readonly Namespace[];
}

export interface Node {
  readonly name: string;
  readonly uid: string;
  /** From `spec.providerID`: `i-…` on AWS; undefined elsewhere. */
  readonly instanceId: string | undefined;
  /** The label topology.kubernetes.io/zone; `''` when there is none. */
  readonly zone: string;
  readonly ready: boolean;
  /** Cordoned. */
  readonly unschedulable: boolean;
  readonly labels: Labels;
  readonly annotations: Labels;
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Labels;
  /** Undefined until it is scheduled. */
  readonly node: string | undefined;
  /** Its node's; `''` when there is none. */
  readonly zone: string;
  /** What keeps it alive: `deployment/web`, `daemonset/agent`, `statefulset/db`; undefined when nothing does. */
  readonly workload: string | undefined;
  /** `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`. */
  readonly phase: string;
  readonly ready: boolean;
  /** It is being deleted. */
  readonly terminating: boolean;
  /** The API's picture of a static pod, which only its node's kubelet can end. */
  readonly mirror: boolean;
  readonly hostNetwork: boolean;
  readonly containers: readonly string[];
  readonly address: string | undefined;
}

export interface Workload {
  /** `deployment`, `statefulset`, `daemonset`, `replicaset` (one that no Deployment owns). */
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** As pods name it: `deployment/web`. */
  readonly ref: string;
  readonly desired: number;
  readonly ready: number;
  readonly labels: Labels;
  readonly annotations: Labels;
}

export type WorkloadKind = 'deployment' | 'statefulset' | 'daemonset' | 'replicaset';

export interface Namespace {
  readonly name: string;
  readonly uid: string;
  readonly terminating: boolean;
  readonly labels: Labels;
}

export type Labels = Readonly<Record<string, string>>;
