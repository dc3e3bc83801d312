import type { PolicyRule } from './rbac.ts';

/** Roles and bindings that a new cluster has, as far as the lab's parts and drills use them. */
export interface BootstrapRole {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  /** Who is bound to it from the start, as `Group system:…` or `User system:…`. */
  readonly to?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

const readVerbs = ['get', 'list', 'watch'];
const writeVerbs = ['create', 'delete', 'deletecollection', 'patch', 'update'];

const rule = (verbs: readonly string[], apiGroups: readonly string[], resources: readonly string[]): PolicyRule => ({
  verbs,
  apiGroups,
  resources,
});
const paths = (...nonResourceURLs: string[]): PolicyRule => ({ verbs: ['get'], nonResourceURLs });

const viewed: readonly PolicyRule[] = [
  rule(
    readVerbs,
    [''],
    ['configmaps', 'endpoints', 'persistentvolumeclaims', 'pods', 'replicationcontrollers', 'replicationcontrollers/scale', 'serviceaccounts', 'services'],
  ),
  rule(readVerbs, [''], ['bindings', 'events', 'limitranges', 'namespaces/status', 'pods/log', 'pods/status', 'resourcequotas', 'namespaces']),
  rule(readVerbs, ['discovery.k8s.io'], ['endpointslices']),
  rule(
    readVerbs,
    ['apps'],
    ['controllerrevisions', 'daemonsets', 'deployments', 'deployments/scale', 'replicasets', 'replicasets/scale', 'statefulsets', 'statefulsets/scale'],
  ),
  rule(readVerbs, ['batch'], ['cronjobs', 'jobs']),
  rule(readVerbs, ['autoscaling'], ['horizontalpodautoscalers']),
  rule(readVerbs, ['policy'], ['poddisruptionbudgets']),
  rule(readVerbs, ['networking.k8s.io'], ['networkpolicies']),
];

const edited: readonly PolicyRule[] = [
  rule(readVerbs, [''], ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy']),
  rule(writeVerbs, [''], ['pods', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy']),
  rule(['create'], [''], ['pods/eviction', 'serviceaccounts/token']),
  rule(
    writeVerbs,
    [''],
    ['configmaps', 'events', 'persistentvolumeclaims', 'replicationcontrollers', 'replicationcontrollers/scale', 'secrets', 'serviceaccounts', 'services', 'services/proxy'],
  ),
  rule(writeVerbs, ['apps'], ['daemonsets', 'deployments', 'deployments/rollback', 'deployments/scale', 'replicasets', 'replicasets/scale', 'statefulsets', 'statefulsets/scale']),
  rule(writeVerbs, ['batch'], ['cronjobs', 'jobs']),
  rule(writeVerbs, ['autoscaling'], ['horizontalpodautoscalers']),
  rule(writeVerbs, ['policy'], ['poddisruptionbudgets']),
  rule(writeVerbs, ['networking.k8s.io'], ['networkpolicies']),
  rule([...readVerbs, ...writeVerbs], ['coordination.k8s.io'], ['leases']),
  ...viewed,
];

const reviews = rule(['create'], ['authorization.k8s.io'], ['localsubjectaccessreviews']);

export const bootstrapRoles: readonly BootstrapRole[] = [
  {
    name: 'cluster-admin',
    rules: [rule(['*'], ['*'], ['*']), { verbs: ['*'], nonResourceURLs: ['*'] }],
    to: ['Group system:masters'],
  },
  {
    name: 'system:discovery',
    rules: [
      paths('/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz', '/version', '/version/'),
    ],
    to: ['Group system:authenticated'],
  },
  {
    name: 'system:basic-user',
    rules: [
      rule(['create'], ['authorization.k8s.io'], ['selfsubjectaccessreviews', 'selfsubjectrulesreviews']),
      rule(['create'], ['authentication.k8s.io'], ['selfsubjectreviews']),
    ],
    to: ['Group system:authenticated'],
  },
  {
    name: 'system:public-info-viewer',
    rules: [paths('/healthz', '/livez', '/readyz', '/version', '/version/')],
    to: ['Group system:authenticated', 'Group system:unauthenticated'],
  },
  { name: 'admin', rules: [...edited, reviews, rule([...readVerbs, ...writeVerbs], ['rbac.authorization.k8s.io'], ['rolebindings', 'roles'])] },
  { name: 'edit', rules: edited },
  { name: 'view', rules: viewed },
  {
    name: 'system:kube-controller-manager',
    rules: [rule(['*'], ['*'], ['*'])],
    to: ['User system:kube-controller-manager'],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      rule(['create', 'patch', 'update'], ['', 'events.k8s.io'], ['events']),
      rule(['create', 'get', 'list', 'update', 'watch'], ['coordination.k8s.io'], ['leases']),
      rule(readVerbs, [''], ['nodes', 'namespaces', 'persistentvolumeclaims', 'persistentvolumes', 'replicationcontrollers', 'services']),
      rule(['delete', ...readVerbs], [''], ['pods']),
      rule(['create'], [''], ['bindings', 'pods/binding']),
      rule(['patch', 'update'], [''], ['pods/status']),
      rule(readVerbs, ['apps'], ['replicasets', 'statefulsets', 'daemonsets']),
      rule(readVerbs, ['policy'], ['poddisruptionbudgets']),
    ],
    to: ['User system:kube-scheduler'],
  },
  {
    name: 'system:node',
    rules: [
      rule(['create', 'get', 'list', 'patch', 'update', 'watch', 'delete'], [''], ['nodes']),
      rule(['patch', 'update'], [''], ['nodes/status']),
      rule(['create', 'delete', ...readVerbs], [''], ['pods']),
      rule(['patch', 'update'], [''], ['pods/status']),
      rule(['create'], [''], ['pods/eviction', 'serviceaccounts/token']),
      rule(readVerbs, [''], ['configmaps', 'secrets', 'services', 'endpoints']),
      rule(['create', 'patch', 'update'], ['', 'events.k8s.io'], ['events']),
      rule(['create', 'delete', 'get', 'patch', 'update'], ['coordination.k8s.io'], ['leases']),
      rule(['create'], ['authentication.k8s.io'], ['tokenreviews']),
      rule(['create'], ['authorization.k8s.io'], ['subjectaccessreviews']),
    ],
    to: ['Group system:nodes'],
  },
];
