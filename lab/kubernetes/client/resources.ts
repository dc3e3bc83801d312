import type { ConfigMap, KubeEvent, KubeObject, Lease, Namespace, Node, Pod, Service, ServiceAccount } from '../objects.ts';

/** A resource of the API: where its objects are, and what they are called. `T` is the type of its objects. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** Such as `v1` or `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never set; ties the resource to the type of its objects. */
  readonly objects?: T;
}

/** Describes a resource: `defineResource<Pod>('v1', 'Pod', 'pods')`. */
export function defineResource<T extends KubeObject>(apiVersion: string, kind: string, plural: string, namespaced = true): Resource<T> {
  return { apiVersion, kind, plural, namespaced };
}

export const pods = defineResource<Pod>('v1', 'Pod', 'pods');
export const nodes = defineResource<Node>('v1', 'Node', 'nodes', false);
export const namespaces = defineResource<Namespace>('v1', 'Namespace', 'namespaces', false);
export const services = defineResource<Service>('v1', 'Service', 'services');
export const serviceAccounts = defineResource<ServiceAccount>('v1', 'ServiceAccount', 'serviceaccounts');
export const configMaps = defineResource<ConfigMap>('v1', 'ConfigMap', 'configmaps');
export const events = defineResource<KubeEvent>('v1', 'Event', 'events');
export const leases = defineResource<Lease>('coordination.k8s.io/v1', 'Lease', 'leases');

/** The path of a collection; of all namespaces when none is given. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.apiVersion.includes('/') ? `/apis/${resource.apiVersion}` : `/api/${resource.apiVersion}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${resource.plural}`;
}

/** The key of an object in a store: `namespace/name`, or the name alone. */
export function keyOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace ? `${namespace}/${name}` : name;
}

/** The reference that a key stands for; the opposite of `keyOf`. */
export function referenceOf(key: string): { name: string; namespace?: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
