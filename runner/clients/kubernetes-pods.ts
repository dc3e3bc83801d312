import type { V1Pod } from '@kubernetes/client-node';
import type { CallOptions, ExecResult, ExecTarget, KubernetesConnection } from './kubernetes-connection.ts';
import { pathOf, resources } from './kubernetes-list.ts';

/** One pod and no other: a replacement of the same name has another uid. */
export interface PodRef {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface EndOptions extends CallOptions {
  /** In place of the pod's own terminationGracePeriodSeconds. */
  readonly graceSeconds?: number | undefined;
}

/** What a container may take of its node's CPU, as its spec writes it: `500m`. What is left out stays as it is. */
export interface CpuAmounts {
  readonly limit: string;
  readonly request?: string | undefined;
}

/** Calls that change single pods. */
export interface KubernetesPods {
  /** @throws KubernetesFailure: 404 when it is gone, 409 when another has its name by now */
  deletePod(pod: PodRef, options?: EndOptions): Promise<void>;
  /**
   * Asks for an eviction, as `kubectl drain` does.
   *
   * @throws KubernetesFailure: 429 with reason DisruptionBudget when a budget forbids it now
   */
  evictPod(pod: PodRef, options?: EndOptions): Promise<void>;
  /** Undefined when it is gone, or another has its name. */
  podUid(pod: Omit<PodRef, 'uid'>, options?: CallOptions): Promise<string>;
  /**
   * Changes what a container may take of its node's CPU while it runs, as `kubectl patch --subresource resize` does. That
   * the API has it says nothing yet: it is the pod's kubelet that does it, and says in the status what has come of it.
   *
   * @returns the pod as the API has it from now on; as it would be for a dry run
   * @throws KubernetesFailure: 404 when it is gone, or the API is older than 1.33; 409 when another has its name by now, or
   * `resourceVersion` is given and no longer the pod's; 422 for what can't be changed while it runs
   */
  resizePod(pod: PodRef & { readonly resourceVersion?: string | undefined }, container: string, cpu: CpuAmounts, options?: CallOptions & { readonly dryRun?: boolean }): Promise<V1Pod>;
  exec(target: ExecTarget, options?: CallOptions): Promise<ExecResult>;
}

export function podCalls(connection: KubernetesConnection): KubernetesPods {
  return {
    async deletePod({ namespace, name, uid }, { graceSeconds, ...options } = {}) {
      // Everything in the body: beside one, the server forgets what the query says.
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid }, ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }) };
      await connection.request({ verb: 'delete', resource: 'pods', namespace, name, method: 'DELETE', path: pathOf(resources.pods, namespace, name), body }, options);
    },
    async evictPod({ namespace, name, uid }, { graceSeconds, ...options } = {}) {
      const body = {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
        deleteOptions: { preconditions: { uid }, ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }) },
      };
      const path = pathOf(resources.pods, namespace, name, 'eviction');
      await connection.request({ verb: 'create', resource: 'pods/eviction', namespace, name, method: 'POST', path, body }, options);
    },
    async podUid({ namespace, name }, options) {
      const path = pathOf(resources.pods, namespace, name);
      const { metadata } = await connection.request<V1Pod>({ verb: 'get', resource: 'pods', namespace, name, path }, options);
      return metadata?.uid ?? '';
    },
    resizePod({ namespace, name, uid, resourceVersion }, container, { limit, request }, { dryRun = false, ...options } = {}) {
      const changed = { limits: { cpu: limit }, ...(request === undefined ? {} : { requests: { cpu: request } }) };
      const body = { metadata: { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) }, spec: { containers: [{ name: container, resources: changed }] } };
      const path = pathOf(resources.pods, namespace, name, 'resize');
      // Containers are a list: only a strategic patch leaves the others, and what else this one has, as they are.
      const how = { method: 'PATCH', contentType: 'application/strategic-merge-patch+json', ...(dryRun ? { query: { dryRun: 'All' } } : {}) } as const;
      return connection.request<V1Pod>({ verb: 'patch', resource: 'pods/resize', namespace, name, path, body, ...how }, options);
    },
    exec: (target, options) => connection.exec(target, options),
  };
}
