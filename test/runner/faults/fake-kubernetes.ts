import type { KubernetesObject, ObjectRef } from '../../../runner/clients/kubernetes-changes.ts';
import { KubernetesFailure } from '../../../runner/clients/kubernetes-failure.ts';
import { daemonSetOf, deploymentOf, namespaceOf, nodeOf, podOf, statefulSetOf } from '../../../runner/clients/kubernetes-objects.ts';
import type { KubernetesClient } from '../../../runner/clients/kubernetes.ts';
import type { Cluster } from '../../../runner/cluster.ts';
import { delayKeys } from '../../../runner/mesh-delay.ts';
import { zones } from '../sample-platform.ts';

// Raw objects of many kinds.
// oxlint-disable-next-line typescript/no-explicit-any
type Raw = any;

/** Makes a change, or fails it, as a test wants; shared with the fake AWS, so that one number counts all. */
export type Change = (what: string, effect: () => void) => Promise<void>;

/**
 * A cluster in memory whose nodes are the nine sample machines: Deployment web with a pod on each of the first six, DaemonSet
 * agent on all, StatefulSet db with one pod. Objects are raw JSON, as the API keeps them.
 */
export class FakeKubernetes {
  readonly objects = new Map<string, Raw>();
  /** What was read, as RBAC says it: `get pods`. */
  readonly reads: string[] = [];
  /** The processes of a pod's container: state by pid. Without an entry the image has no shell. */
  readonly processes = new Map<string, Map<number, string>>();
  /** How often the next evictions of a pod are refused by its budget. */
  readonly budgetRefusals = new Map<string, number>();
  /** What kubelets make of resizes: `Infeasible` and `Deferred` are said and not done. */
  resizes: 'done' | 'Infeasible' | 'Deferred' = 'done';
  /** Thrown by the next resizes, while there are any. */
  readonly resizeRefusals: Error[] = [];
  /** Whether the proxies that say that they can be told to delay do so. */
  delays = true;
  /** Thrown by the next calls, while there are any. */
  readonly answers: Error[] = [];
  #versions = 100;

  constructor() {
    for (const name of ['kube-system', 'shop']) this.put('namespaces', { metadata: { name }, status: { phase: 'Active' } });
    for (let n = 1; n <= 9; n += 1) {
      const zone = zones[Math.floor((n - 1) / 3)]!;
      this.put('nodes', {
        metadata: { name: `node-${n}`, labels: { 'topology.kubernetes.io/zone': zone } },
        spec: { providerID: `aws:///${zone}/i-${n}` },
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      });
      this.pod(`agent-${n}`, { app: 'agent' }, n, { kind: 'DaemonSet', name: 'agent' }, { metadata: { annotations: { [delayKeys.takes]: 'true' } } });
      if (n <= 6) this.pod(`web-${n}`, { app: 'web', 'pod-template-hash': 'abc' }, n, { kind: 'ReplicaSet', name: 'web-abc' });
    }
    this.pod('db-0', { app: 'db' }, 7, { kind: 'StatefulSet', name: 'db' });
    this.put('deployments', {
      metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
      spec: { replicas: 6, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%' } }, template: { metadata: {} } },
      status: { readyReplicas: 6 },
    });
    this.put('daemonsets', {
      metadata: { name: 'agent', namespace: 'shop', labels: { app: 'agent' } },
      spec: { updateStrategy: { type: 'RollingUpdate' }, template: { metadata: {} } },
      status: { desiredNumberScheduled: 9, numberReady: 9 },
    });
    this.put('statefulsets', { metadata: { name: 'db', namespace: 'shop' }, spec: { replicas: 1, updateStrategy: { type: 'OnDelete' } }, status: { readyReplicas: 1 } });
  }

  /** A pod that is ready, with an init and one more process in its only container, which has a CPU limit. */
  pod(name: string, labels: Record<string, string>, node: number, owner?: { kind: string; name: string }, more: { metadata?: object; spec?: object } = {}): Raw {
    this.processes.set(name, new Map([[1, 'S'], [7, 'S']]));
    const resources = { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '200m', memory: '64Mi' } };
    return this.put('pods', {
      metadata: { name, namespace: 'shop', labels, ...(owner ? { ownerReferences: [{ ...owner, controller: true }] } : {}), ...more.metadata },
      spec: { nodeName: `node-${node}`, containers: [{ name: 'app', resources }], ...more.spec },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [{ name: 'app', resources: structuredClone(resources) }] },
    });
  }

  put(resource: string, object: Raw): Raw {
    const { name, namespace } = object.metadata;
    object.metadata.uid ??= `uid-${resource}-${name}`;
    object.metadata.resourceVersion = String((this.#versions += 1));
    if (this.delays && object.metadata.annotations?.[delayKeys.takes] === 'true') answerDelay(object.metadata.annotations);
    this.objects.set(keyOf({ resource, namespace, name }), object);
    return object;
  }

  get(resource: string, name: string, namespace: string | undefined = resource === 'nodes' ? undefined : 'shop'): Raw {
    return this.objects.get(keyOf({ resource, namespace, name }));
  }

  /** All that there is, without versions, which every change counts up. */
  state(): unknown {
    const objects = structuredClone([...this.objects].sort(([a], [b]) => (a < b ? -1 : 1)));
    for (const [, object] of objects) {
      delete object.metadata.resourceVersion;
      // Taken away and never there is the same.
      for (const key of ['annotations', 'labels']) if (Object.keys(object.metadata[key] ?? {}).length === 0) delete object.metadata[key];
    }
    return { objects, processes: [...this.processes].map(([pod, states]) => [pod, [...states]]) };
  }

  cluster(): Cluster {
    const all = (resource: string): Raw[] => structuredClone([...this.objects].filter(([key]) => key.startsWith(`${resource} `)).map(([, object]) => object));
    const nodes = all('nodes').map(nodeOf);
    const namespaces = all('namespaces').map(namespaceOf);
    return {
      uid: 'cluster-1',
      nodes,
      namespaces,
      pods: all('pods').map((pod) => podOf(pod, (name) => nodes.find((node) => node.name === name)?.zone ?? '')),
      workloads: [...all('deployments').map(deploymentOf), ...all('daemonsets').map(daemonSetOf), ...all('statefulsets').map(statefulSetOf)],
    };
  }

  client(change: Change): KubernetesClient {
    const answered = async <T>(work: () => T | Promise<T>): Promise<T> => {
      const error = this.answers.shift();
      if (error) throw error;
      return work();
    };
    const found = (ref: { resource: string; namespace?: string | undefined; name: string }): Raw => {
      const object = this.objects.get(keyOf(ref));
      if (!object) throw failure(404, 'NotFound');
      return object;
    };
    const same = (object: Raw, { uid, resourceVersion }: { uid?: string; resourceVersion?: string }): Raw => {
      if (uid !== undefined && object.metadata.uid !== uid) throw failure(409, 'Conflict');
      if (resourceVersion !== undefined && object.metadata.resourceVersion !== resourceVersion) throw failure(409, 'Conflict');
      return object;
    };
    const placeOf = ({ resource, namespace, name }: ObjectRef) => ({ resource: resource.name, namespace, name });
    const client: Partial<KubernetesClient> = {
      cluster: async () => this.cluster(),
      clusterUid: async () => 'cluster-1',
      find: async <T extends KubernetesObject>(ref: ObjectRef) =>
        answered(() => {
          this.reads.push(`get ${ref.resource.name}`);
          return structuredClone(this.objects.get(keyOf(placeOf(ref)))) as T | undefined;
        }),
      all: async <T extends KubernetesObject, Kept>(resource: { name: string }, _scope: object, keep: (object: T) => Kept | undefined) =>
        answered(() =>
          [...this.objects].flatMap(([key, object]) => {
            const kept = key.startsWith(`${resource.name} `) ? keep(structuredClone(object) as T) : undefined;
            return kept === undefined ? [] : [kept];
          }),
        ),
      merge: async <T extends KubernetesObject>(ref: ObjectRef, patch: Raw) =>
        answered(async () => {
          same(found(placeOf(ref)), patch.metadata ?? {});
          let merged: Raw;
          await change(`patch ${ref.resource.name} ${ref.name}`, () => {
            merged = mergePatch(structuredClone(found(placeOf(ref))), patch);
            this.put(ref.resource.name, merged);
          });
          return structuredClone(merged) as T;
        }),
      create: async <T extends KubernetesObject>(resource: { name: string }, namespace: string | undefined, object: Raw) =>
        answered(async () => {
          const made = { ...structuredClone(object), metadata: { ...object.metadata, namespace } };
          if (this.objects.has(keyOf({ resource: resource.name, namespace, name: object.metadata.name }))) throw failure(409, 'AlreadyExists');
          await change(`create ${resource.name} ${object.metadata.name}`, () => void this.put(resource.name, made));
          return made as T;
        }),
      remove: async (ref, uid) =>
        answered(() => {
          same(found(placeOf(ref)), { uid });
          return change(`delete ${ref.resource.name} ${ref.name}`, () => void this.objects.delete(keyOf(placeOf(ref))));
        }),
      podUid: async ({ namespace, name }) =>
        answered(() => {
          this.reads.push('get pods');
          return found({ resource: 'pods', namespace, name }).metadata.uid as string;
        }),
      deletePod: async ({ namespace, name, uid }, { graceSeconds } = {}) =>
        answered(() => {
          const place = { resource: 'pods', namespace, name };
          same(found(place), { uid });
          return change(`delete pods ${name}${graceSeconds === undefined ? '' : ` grace ${graceSeconds}`}`, () => void this.objects.delete(keyOf(place)));
        }),
      evictPod: async ({ namespace, name, uid }) =>
        answered(() => {
          const place = { resource: 'pods', namespace, name };
          same(found(place), { uid });
          const refusals = this.budgetRefusals.get(name) ?? 0;
          this.budgetRefusals.set(name, refusals - 1);
          if (refusals > 0) throw failure(429, 'DisruptionBudget');
          return change(`create pods/eviction ${name}`, () => void this.objects.delete(keyOf(place)));
        }),
      resizePod: async ({ namespace, name, uid, resourceVersion }, container, { limit, request }, { dryRun = false } = {}) =>
        answered(async () => {
          const pod: Raw = structuredClone(found({ resource: 'pods', namespace, name }));
          const refusal = this.resizeRefusals.shift();
          if (refusal) throw refusal;
          same(pod, { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) });
          const { resources } = pod.spec.containers.find((each: Raw) => each.name === container);
          resources.limits.cpu = limit;
          if (request !== undefined) resources.requests.cpu = request;
          if (dryRun) this.reads.push('patch pods/resize');
          else await change(`patch pods/resize ${name}`, () => void this.put('pods', this.#seenByKubelet(pod, resources)));
          return pod;
        }),
      exec: async ({ pod, command }) => answered(() => this.#exec(pod, command.at(-1)!, change)),
    };
    return client as KubernetesClient;
  }

  #seenByKubelet(pod: Raw, resources: Raw): Raw {
    const { status } = pod;
    status.conditions = status.conditions.filter(({ type }: Raw) => type !== 'PodResizePending');
    if (this.resizes === 'done') status.containerStatuses[0].resources = structuredClone(resources);
    else status.conditions.push({ type: 'PodResizePending', status: 'True', reason: this.resizes, message: 'not on this node' });
    return pod;
  }

  async #exec(pod: string, script: string, change: Change): Promise<{ exitCode: number | undefined; output: string }> {
    const states = this.processes.get(pod);
    if (!states) return { exitCode: undefined, output: 'exec: "/bin/sh": stat /bin/sh: no such file or directory' };
    const signal = /^kill -(STOP|CONT|TERM|KILL|HUP) (-1|1)/.exec(script);
    if (!signal) {
      this.reads.push('create pods/exec');
      const lines = [...states].map(([pid, state]) => `${pid} (${pid === 1 ? 'tini' : 'my app'}) ${state} 0 1 1`);
      return { exitCode: 0, output: [...lines, '99 (sh) R 0 99', 'self 99'].join('\n') };
    }
    const state = signal[1] === 'STOP' ? 'T' : 'S';
    await change(`create pods/exec ${pod} ${signal[1]}`, () => {
      for (const pid of states.keys()) if (pid !== 1) states.set(pid, state);
    });
    return { exitCode: 0, output: '' };
  }
}

export function failure(status: number, reason: string): KubernetesFailure {
  return new KubernetesFailure(`said ${status} ${reason}`, { status, reason, exitCode: 4 });
}

function keyOf({ resource, namespace, name }: { resource: string; namespace?: string | undefined; name: string }): string {
  return `${resource} ${namespace ?? ''}/${name}`;
}

/** As a proxy does. */
function answerDelay(annotations: Record<string, string>): void {
  const { [delayKeys.delay]: asked } = annotations;
  if (asked === undefined) delete annotations[delayKeys.inForce];
  else annotations[delayKeys.inForce] = asked;
}

/** RFC 7386. */
function mergePatch(target: Raw, patch: Raw): Raw {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const into = typeof target === 'object' && target !== null ? target : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete into[key];
    else into[key] = mergePatch(into[key], value);
  }
  return into;
}
