import type { V1DaemonSet, V1Deployment, V1Namespace, V1Node, V1Pod, V1ReplicaSet, V1StatefulSet } from '@kubernetes/client-node';
import type { Cluster, Namespace, Node, Pod, Workload } from '../cluster.ts';
import { changeCalls, type KubernetesChanges } from './kubernetes-changes.ts';
import type { KubernetesEnvironment } from './kubernetes-config.ts';
import { openKubernetes, type CallOptions, type KubernetesConnection, type KubernetesOptions } from './kubernetes-connection.ts';
import { listAll, pathOf, resources, type Scope } from './kubernetes-list.ts';
import { daemonSetOf, deploymentOf, namespaceOf, nodeOf, podOf, replicaSetOf, statefulSetOf } from './kubernetes-objects.ts';
import { podCalls, type KubernetesPods } from './kubernetes-pods.ts';

/** The API's own objects, for those who change single ones. */
export type { V1Container, V1DaemonSet, V1Deployment, V1NetworkPolicy, V1Node, V1Pod, V1StatefulSet } from '@kubernetes/client-node';

export interface KubernetesClient extends KubernetesPods, KubernetesChanges {
  /** For what reads and watches by itself. */
  readonly connection: KubernetesConnection;
  /** The uid of namespace kube-system, which stands for the cluster. */
  clusterUid(options?: CallOptions): Promise<string>;
  /** All that drills can hit, in pages, each object made small as its page arrives. */
  cluster(options?: CallOptions): Promise<Cluster>;
  nodes(options?: CallOptions): Promise<readonly Node[]>;
  /** Deployments, StatefulSets, DaemonSets, and ReplicaSets that no Deployment owns. */
  workloads(scope: Scope, options?: CallOptions): Promise<readonly Workload[]>;
  namespaces(options?: CallOptions): Promise<readonly Namespace[]>;
  close(): Promise<void>;
}

/** Loads the library and reads the kubeconfig; nothing is dialled before it is asked for. */
export async function connectKubernetes(environment: KubernetesEnvironment, options: KubernetesOptions): Promise<KubernetesClient> {
  return clientOn(await openKubernetes(environment, options));
}

/** The calls, on a connection that is there. */
export function clientOn(connection: KubernetesConnection): KubernetesClient {
  const client: KubernetesClient = {
    ...podCalls(connection),
    ...changeCalls(connection),
    connection,
    async clusterUid(options) {
      const path = pathOf(resources.namespaces, undefined, 'kube-system');
      const { metadata } = await connection.request<V1Namespace>({ verb: 'get', resource: 'namespaces', name: 'kube-system', path }, options);
      return metadata?.uid ?? '';
    },
    async cluster(options) {
      // Of pods there are most by far: they are asked for at once, and learn their zones afterwards.
      const [namespaces, nodes, workloads, found] = await Promise.all([
        client.namespaces(options),
        client.nodes(options),
        client.workloads({}, options),
        listAll<V1Pod, Pod>(connection, resources.pods, {}, (pod) => podOf(pod, () => ''), options),
      ]);
      const zones = new Map(nodes.map(({ name, zone }) => [name, zone]));
      const pods = found.items.map((pod) => ({ ...pod, zone: zones.get(pod.node ?? '') ?? '' }));
      return { uid: namespaces.find(({ name }) => name === 'kube-system')?.uid ?? '', nodes, pods, workloads, namespaces };
    },
    nodes: async (options) => (await listAll<V1Node, Node>(connection, resources.nodes, {}, nodeOf, options)).items,
    async workloads(scope, options) {
      const free = (set: V1ReplicaSet): Workload | undefined => (set.metadata?.ownerReferences?.some(({ controller }) => controller) ? undefined : replicaSetOf(set));
      const lists = await Promise.all([
        listAll<V1Deployment, Workload>(connection, resources.deployments, scope, deploymentOf, options),
        listAll<V1StatefulSet, Workload>(connection, resources.statefulsets, scope, statefulSetOf, options),
        listAll<V1DaemonSet, Workload>(connection, resources.daemonsets, scope, daemonSetOf, options),
        listAll<V1ReplicaSet, Workload>(connection, resources.replicasets, scope, free, options),
      ]);
      return lists.flatMap(({ items }) => items);
    },
    namespaces: async (options) => (await listAll<V1Namespace, Namespace>(connection, resources.namespaces, {}, namespaceOf, options)).items,
    close: () => connection.close(),
  };
  return client;
}
