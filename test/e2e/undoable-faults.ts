import { busyDeployment } from './busy-deployment.ts';

/** Every fault of AWS that is undone, as a line of a drill; of those that share all their code, one. */
export const undoableOfAws: Record<string, string> = {
  'asg-suspend': 'processes: [Launch], select: { role: etcd, zone: eu-west-1a, pick: 2 }',
  'asg-launch-failure': 'select: { role: etcd, zone: eu-west-1a, pick: 1 }',
  'instance-isolate': 'select: { role: etcd, zone: eu-west-1b, pick: 1 }',
  'instance-stop': 'select: { role: etcd, pick: 1 }',
  'volume-detach': 'select: { role: etcd, pick: 1 }',
  'zone-partition': 'select: { role: etcd, zone: eu-west-1c }',
  'zone-power-loss': 'select: { role: etcd, zone: eu-west-1a }',
};
/** The same of Kubernetes. */
export const undoableOfKubernetes: Record<string, string> = {
  'container-signal': 'select: { namespace: shop, owner: deployment/web, pick: 1 }',
  'cpu-throttle': 'to: 100m, select: { namespace: shop, owner: deployment/busy, pick: 1 }',
  'deployment-scale': 'to: 2, select: { namespace: shop, owner: deployment/web }',
  'network-deny': 'select: { namespace: shop, owner: deployment/web, pick: 1 }',
  'node-drain': 'select: { pick: 1 }',
};

/** The same of proxies, for a lab with the specimen. */
export const undoableOfMesh: Record<string, string> = {
  'mesh-latency': 'delay: 100ms, select: { namespace: mesh, owner: daemonset/linkerd, pick: 1 }',
};

/** What such a fault needs in the lab's cluster besides what is there from the start. */
export const neededOnKubernetes: Record<string, readonly object[]> = {
  'cpu-throttle': [busyDeployment(1)],
};
