import type { ResourceName } from './errors.ts';

/** What a resource can be asked for below its name. */
export interface Subresource {
  /** `status`, `scale`, `eviction`, … */
  readonly name: string;
  readonly verbs: readonly string[];
  /** Kind of the body, where it isn't the resource's own. */
  readonly kind?: string;
  /** Group and version of that kind, where they are not the resource's own. */
  readonly group?: string;
  readonly version?: string;
}

/** A line of the table that routing, discovery, storage and Tables are made from. */
export interface Resource extends ResourceName {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly Subresource[];
  /** Where in etcd, below `/registry/`; empty for a resource that is answered and not kept, such as a TokenReview. */
  readonly storage: string;
  /** Whether a change of what is neither metadata nor status raises `metadata.generation`. */
  readonly hasGeneration: boolean;
}

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;
const status: Subresource = { name: 'status', verbs: ['get', 'patch', 'update'] };
const scale: Subresource = { name: 'scale', verbs: ['get', 'patch', 'update'], kind: 'Scale', group: 'autoscaling', version: 'v1' };
const connect = (name: string, kind: string): Subresource => ({ name, verbs: ['create', 'get'], kind });

interface Extras {
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly Subresource[];
  readonly cluster?: boolean;
  readonly verbs?: readonly string[];
  readonly storage?: string;
  readonly generation?: boolean;
  readonly singular?: string;
}

function resource(groupVersion: string, kind: string, plural: string, extras: Extras = {}): Resource {
  const slash = groupVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : groupVersion.slice(0, slash),
    version: groupVersion.slice(slash + 1),
    kind,
    plural,
    singular: extras.singular ?? kind.toLowerCase(),
    shortNames: extras.short ?? [],
    categories: extras.categories ?? [],
    namespaced: !extras.cluster,
    verbs: extras.verbs ?? allVerbs,
    subresources: extras.subresources ?? [],
    storage: extras.storage ?? plural,
    hasGeneration: extras.generation ?? false,
  };
}

const review = (groupVersion: string, kind: string, plural: string, cluster = true): Resource =>
  resource(groupVersion, kind, plural, { cluster, verbs: ['create'], storage: '' });

/** All that the server knows. Those without a controller in the lab are kept and given back like the others. */
export const resources: readonly Resource[] = [
  resource('v1', 'Binding', 'bindings', { verbs: ['create'], storage: '' }),
  resource('v1', 'ConfigMap', 'configmaps', { short: ['cm'] }),
  resource('v1', 'Endpoints', 'endpoints', { short: ['ep'], storage: 'services/endpoints' }),
  resource('v1', 'Event', 'events', { short: ['ev'] }),
  resource('v1', 'Namespace', 'namespaces', {
    short: ['ns'],
    cluster: true,
    verbs: allVerbs.filter((verb) => verb !== 'deletecollection'),
    subresources: [{ name: 'finalize', verbs: ['update'] }, status],
  }),
  resource('v1', 'Node', 'nodes', {
    short: ['no'],
    cluster: true,
    storage: 'minions',
    subresources: [{ name: 'proxy', verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'NodeProxyOptions' }, status],
  }),
  resource('v1', 'Pod', 'pods', {
    short: ['po'],
    categories: ['all'],
    generation: true,
    subresources: [
      connect('attach', 'PodAttachOptions'),
      { name: 'binding', verbs: ['create'], kind: 'Binding' },
      { name: 'ephemeralcontainers', verbs: ['get', 'patch', 'update'] },
      { name: 'eviction', verbs: ['create'], kind: 'Eviction', group: 'policy', version: 'v1' },
      connect('exec', 'PodExecOptions'),
      { name: 'log', verbs: ['get'] },
      connect('portforward', 'PodPortForwardOptions'),
      { name: 'proxy', verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'PodProxyOptions' },
      { name: 'resize', verbs: ['get', 'patch', 'update'] },
      status,
    ],
  }),
  resource('v1', 'PodTemplate', 'podtemplates'),
  resource('v1', 'ReplicationController', 'replicationcontrollers', {
    short: ['rc'],
    categories: ['all'],
    storage: 'controllers',
    generation: true,
    subresources: [scale, status],
  }),
  resource('v1', 'ResourceQuota', 'resourcequotas', { short: ['quota'], subresources: [status] }),
  resource('v1', 'LimitRange', 'limitranges', { short: ['limits'] }),
  resource('v1', 'PersistentVolume', 'persistentvolumes', { short: ['pv'], cluster: true, subresources: [status] }),
  resource('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', { short: ['pvc'], subresources: [status] }),
  resource('v1', 'Secret', 'secrets'),
  resource('v1', 'ServiceAccount', 'serviceaccounts', {
    short: ['sa'],
    subresources: [{ name: 'token', verbs: ['create'], kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1' }],
  }),
  resource('v1', 'Service', 'services', {
    short: ['svc'],
    categories: ['all'],
    storage: 'services/specs',
    subresources: [{ name: 'proxy', verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'ServiceProxyOptions' }, status],
  }),

  resource('apps/v1', 'ControllerRevision', 'controllerrevisions'),
  resource('apps/v1', 'DaemonSet', 'daemonsets', { short: ['ds'], categories: ['all'], generation: true, subresources: [status] }),
  resource('apps/v1', 'Deployment', 'deployments', { short: ['deploy'], categories: ['all'], generation: true, subresources: [scale, status] }),
  resource('apps/v1', 'ReplicaSet', 'replicasets', { short: ['rs'], categories: ['all'], generation: true, subresources: [scale, status] }),
  resource('apps/v1', 'StatefulSet', 'statefulsets', { short: ['sts'], categories: ['all'], generation: true, subresources: [scale, status] }),

  resource('events.k8s.io/v1', 'Event', 'events', { short: ['ev'] }),

  review('authentication.k8s.io/v1', 'SelfSubjectReview', 'selfsubjectreviews'),
  review('authentication.k8s.io/v1', 'TokenReview', 'tokenreviews'),
  review('authorization.k8s.io/v1', 'LocalSubjectAccessReview', 'localsubjectaccessreviews', false),
  review('authorization.k8s.io/v1', 'SelfSubjectAccessReview', 'selfsubjectaccessreviews'),
  review('authorization.k8s.io/v1', 'SelfSubjectRulesReview', 'selfsubjectrulesreviews'),
  review('authorization.k8s.io/v1', 'SubjectAccessReview', 'subjectaccessreviews'),

  resource('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
    short: ['hpa'],
    categories: ['all'],
    subresources: [status],
  }),
  resource('batch/v1', 'CronJob', 'cronjobs', { short: ['cj'], categories: ['all'], generation: true, subresources: [status] }),
  resource('batch/v1', 'Job', 'jobs', { categories: ['all'], generation: true, subresources: [status] }),
  resource('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', { short: ['netpol'], generation: true }),
  resource('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', { short: ['pdb'], generation: true, subresources: [status] }),
  resource('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings', { cluster: true }),
  resource('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', { cluster: true }),
  resource('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  resource('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  resource('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', { short: ['pc'], cluster: true, generation: true }),
  resource('coordination.k8s.io/v1', 'Lease', 'leases'),
  resource('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', { generation: true }),
];

const byPath = new Map(resources.map((found) => [`${found.group}/${found.version}/${found.plural}`, found]));
const byStorage = new Map(resources.filter(({ storage }) => storage !== '').toReversed().map((found) => [found.storage, found]));

export function findResource(group: string, version: string, plural: string): Resource | undefined {
  return byPath.get(`${group}/${version}/${plural}`);
}

/** For the server's own use, where the name is known to be there. */
export function resourceNamed(plural: string, group = ''): Resource {
  const found = resources.find((candidate) => candidate.plural === plural && candidate.group === group);
  if (!found) throw new Error(`no resource ${plural} in group "${group}"`);
  return found;
}

/** All places in etcd that something is kept in, each once, with the resource whose form its objects have there. */
export function storages(): ReadonlyMap<string, Resource> {
  return byStorage;
}

export function groupVersion({ group, version }: Pick<Resource, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}
