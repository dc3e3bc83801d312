import { release } from 'node:os';
import { imagesOnNode } from '../images/index.ts';
import { kubeletPort } from '../names.ts';
import type { Condition, Node } from '../objects.ts';
import type { NodeIdentity } from './context.ts';

/** What instances of a type have, and how many pods fit on one: as many as its first interface has addresses for. */
export interface Capacity {
  readonly cpu: number;
  readonly memoryGib: number;
  readonly pods: number;
}

const capacities: Readonly<Record<string, Capacity>> = {
  'm4.large': { cpu: 2, memoryGib: 8, pods: 9 },
  'm4.xlarge': { cpu: 4, memoryGib: 16, pods: 14 },
  'm4.4xlarge': { cpu: 16, memoryGib: 64, pods: 29 },
};
const usual: Capacity = { cpu: 2, memoryGib: 8, pods: 9 };

export const kubeletVersion = 'v1.36.2';

/** The Node as its kubelet registers it. */
export function nodeObject(node: NodeIdentity, now: string): Node {
  const { cpu, memoryGib, pods } = capacities[node.instanceType] ?? usual;
  const resources = { 'ephemeral-storage': '104845292Ki', 'hugepages-1Gi': '0', 'hugepages-2Mi': '0', pods: String(pods) };
  const memoryKib = memoryGib * 1024 * 1024;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/instance-type': node.instanceType,
        'beta.kubernetes.io/os': 'linux',
        'failure-domain.beta.kubernetes.io/region': node.region,
        'failure-domain.beta.kubernetes.io/zone': node.zone,
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': node.instanceType,
        'topology.kubernetes.io/region': node.region,
        'topology.kubernetes.io/zone': node.zone,
      },
      annotations: { 'node.alpha.kubernetes.io/ttl': '0', 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: { providerID: `aws:///${node.zone}/${node.instanceId}` },
    status: {
      capacity: { cpu: String(cpu), memory: `${memoryKib}Ki`, ...resources },
      // A kubelet keeps a tenth of a core and 100 MiB for itself.
      allocatable: { cpu: `${cpu * 1000 - 100}m`, memory: `${memoryKib - 102_400}Ki`, ...resources },
      conditions: nodeConditions(undefined, now),
      addresses: [
        { type: 'InternalIP', address: node.address },
        { type: 'InternalDNS', address: node.name },
        { type: 'Hostname', address: node.name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
      nodeInfo: {
        machineID: node.instanceId.replace(/^i-/, '').padStart(32, '0'),
        systemUUID: `ec2${node.instanceId.replace(/^i-/, '').slice(0, 5)}-0000-0000-0000-${node.instanceId.slice(-12)}`,
        bootID: node.instanceId.replace(/^i-/, '').padEnd(32, '0'),
        kernelVersion: release(),
        osImage: 'firedrill lab',
        containerRuntimeVersion: 'containerd://2.1.9',
        kubeletVersion,
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
      images: imagesOnNode(),
    },
  };
}

const healthy = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
] as const;

/** A node that works; a condition that was so before keeps its time. */
export function nodeConditions(before: readonly Condition[] | undefined, now: string): Condition[] {
  return healthy.map(([type, status, reason, message]) => {
    const old = before?.find((each) => each.type === type);
    const lastTransitionTime = old?.status === status ? (old.lastTransitionTime ?? now) : now;
    return { type, status, lastHeartbeatTime: now, lastTransitionTime, reason, message };
  });
}

/** Whether the API says of the node what its kubelet says. */
export const isShownHealthy = (node: Node): boolean =>
  healthy.every(([type, status]) => node.status?.conditions?.some((each) => each.type === type && each.status === status));
