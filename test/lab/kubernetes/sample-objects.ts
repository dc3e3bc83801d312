import type { Condition, Node, Pod, PodSpec, Taint } from '../../../lab/kubernetes/objects.ts';
import type { DaemonSet, Deployment, ReplicaSet } from '../../../lab/kubernetes/workload-objects.ts';

/** The moment at which the samples are looked at. */
export const nowMs = Date.parse('2026-11-23T02:00:00Z');

export const ago = (seconds: number): string => new Date(nowMs - seconds * 1000).toISOString().replace('.000', '');

export interface PodParts {
  readonly node?: string;
  readonly ready?: boolean;
  readonly readyForS?: number;
  readonly createdAgoS?: number;
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly terminating?: boolean;
  readonly ip?: string;
  readonly owner?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly restarts?: number;
  readonly spec?: Partial<PodSpec>;
}

/** A pod; running and ready on `node-1` unless told otherwise. */
export function samplePod(name: string, parts: PodParts = {}): Pod {
  const { node = 'node-1', ready = true, readyForS = 100, createdAgoS = 100, phase = 'Running', terminating = false, ip, owner, restarts = 0 } = parts;
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-of-${name}`,
      generation: 1,
      creationTimestamp: ago(createdAgoS),
      labels: parts.labels ?? { app: 'web' },
      ...(parts.annotations ? { annotations: parts.annotations } : {}),
      ...(terminating ? { deletionTimestamp: ago(0) } : {}),
      ...(owner ? { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: `uid-of-${owner}`, controller: true, blockOwnerDeletion: true }] } : {}),
    },
    spec: { containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 8080 }] }], ...(node ? { nodeName: node } : {}), ...parts.spec },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: ago(readyForS) }],
      ...(ip ? { podIP: ip } : {}),
      containerStatuses: [{ name: 'app', ready, restartCount: restarts, image: 'x', imageID: 'x' }],
    },
  };
}

export interface NodeParts {
  readonly zone?: string;
  readonly ready?: Condition['status'];
  readonly taints?: Taint[];
  readonly unschedulable?: boolean;
  readonly allocatable?: Record<string, string>;
  readonly labels?: Record<string, string>;
}

export function sampleNode(name: string, { zone = 'eu-west-1a', ready = 'True', taints, unschedulable, allocatable, labels }: NodeParts = {}): Node {
  return {
    metadata: {
      name,
      uid: `uid-of-${name}`,
      resourceVersion: '1',
      creationTimestamp: ago(1000),
      labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': zone, ...labels },
    },
    spec: { ...(taints ? { taints } : {}), ...(unschedulable ? { unschedulable } : {}) },
    status: {
      allocatable: { cpu: '4', memory: '8Gi', pods: '20', ...allocatable },
      conditions: [{ type: 'Ready', status: ready, lastTransitionTime: ago(500), lastHeartbeatTime: ago(1) }],
    },
  };
}

export function sampleReplicaSet(name: string, replicas: number, status: Partial<NonNullable<ReplicaSet['status']>> = {}, parts: { createdAgoS?: number; annotations?: Record<string, string>; image?: string } = {}): ReplicaSet {
  return {
    metadata: { name, namespace: 'shop', uid: `uid-of-${name}`, generation: 1, creationTimestamp: ago(parts.createdAgoS ?? 100), annotations: parts.annotations ?? {} },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web', 'pod-template-hash': 'abc' } }, spec: { containers: [{ name: 'app', image: parts.image ?? 'app:1' }] } },
    },
    status: { replicas, readyReplicas: replicas, availableReplicas: replicas, observedGeneration: 1, ...status },
  };
}

export function sampleDeployment(replicas: number, spec: Partial<Deployment['spec']> = {}, status?: Deployment['status']): Deployment {
  return {
    metadata: { name: 'web', namespace: 'shop', uid: 'uid-of-web', generation: 1 },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'app:2' }] } },
      progressDeadlineSeconds: 600,
      ...spec,
    },
    ...(status ? { status } : {}),
  };
}

export function sampleDaemonSet(spec: Partial<DaemonSet['spec']> = {}): DaemonSet {
  return {
    metadata: { name: 'agent', namespace: 'shop', uid: 'uid-of-agent', generation: 1 },
    spec: { selector: { matchLabels: { app: 'agent' } }, template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'app' }] } }, ...spec },
  };
}
