import { storages, type Resource } from '../resources.ts';

/** Where everything is, as in a real cluster. */
export const root = '/registry/';

/** The prefix of a resource's keys, or of those in one namespace; it ends in a slash. */
export function prefixOf(resource: Resource, namespace?: string): string {
  return `${root}${resource.storage}/${namespace === undefined || !resource.namespaced ? '' : `${namespace}/`}`;
}

export function keyOf(resource: Resource, namespace: string | undefined, name: string): string {
  return `${prefixOf(resource, namespace)}${name}`;
}

/** The resource that a key belongs to; undefined for keys of others, which are left alone. */
export function resourceOfKey(key: string): Resource | undefined {
  if (!key.startsWith(root)) return undefined;
  const [first = '', second = ''] = key.slice(root.length).split('/', 2);
  return storages().get(first) ?? storages().get(`${first}/${second}`);
}
