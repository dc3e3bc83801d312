import type { RbacRule } from './fault.ts';

const apps = ['deployments', 'statefulsets', 'daemonsets', 'replicasets'];

/** What an inventory of a cluster reads: every Kubernetes fault needs it, in the whole cluster, as selections may mean any of it. */
export const inventoryRules: readonly RbacRule[] = [
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list'], namespaced: false },
  { apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['list'], namespaced: false },
  { apiGroups: ['apps'], resources: apps, verbs: ['list'], namespaced: false },
];

/** In the namespaces that a drill touches. */
export function inNamespaces(apiGroup: string, resources: readonly string[], verbs: readonly string[]): RbacRule {
  return { apiGroups: [apiGroup], resources, verbs, namespaced: true };
}

/** In the whole cluster: for what belongs to no namespace. */
export function inCluster(apiGroup: string, resources: readonly string[], verbs: readonly string[]): RbacRule {
  return { apiGroups: [apiGroup], resources, verbs, namespaced: false };
}
