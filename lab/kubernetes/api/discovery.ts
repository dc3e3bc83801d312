import { groupVersion, resources, type Resource, type Subresource } from './resources.ts';

/** Groups in the order in which the real server names them: what is preferred where a name is in several comes first. */
const groups = [...new Set(resources.map(({ group }) => group))].filter((group) => group !== '');

export function hasGroup(group: string): boolean {
  return groups.includes(group);
}

function versionsOf(group: string): string[] {
  return [...new Set(resources.filter((resource) => resource.group === group).map(({ version }) => version))];
}

function resourcesOf(group: string, version: string): Resource[] {
  return resources.filter((resource) => resource.group === group && resource.version === version);
}

/** `GET /api` in the old form. */
export function apiVersions(): object {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '' }] };
}

/** `GET /apis` in the old form. */
export function apiGroupList(): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((group) => apiGroup(group)) };
}

/** `GET /apis/<group>`. */
export function apiGroup(name: string): object {
  const versions = versionsOf(name).map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] };
}

/** `GET /api/v1` and `GET /apis/<group>/<version>`; undefined when there is no such version. */
export function apiResourceList(group: string, version: string): object | undefined {
  const found = resourcesOf(group, version);
  if (found.length === 0) return undefined;
  const list = found.flatMap((resource) => [
    {
      name: resource.plural,
      singularName: resource.singular,
      namespaced: resource.namespaced,
      kind: resource.kind,
      verbs: resource.verbs,
      ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
      ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
    },
    ...resource.subresources.map((subresource) => ({
      name: `${resource.plural}/${subresource.name}`,
      singularName: '',
      namespaced: resource.namespaced,
      ...(subresource.group === undefined ? {} : { group: subresource.group, version: subresource.version }),
      kind: subresource.kind ?? resource.kind,
      verbs: subresource.verbs,
    })),
  ]);
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: groupVersion(found[0]!),
    resources: list.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Everything in one answer: what `kubectl` asks `/api` and `/apis` for. */
export function aggregatedDiscovery(core: boolean, version: 'v2' | 'v2beta1'): object {
  const items = (core ? [''] : groups).map((group) => ({
    metadata: group === '' ? {} : { name: group },
    versions: versionsOf(group).map((of) => ({
      version: of,
      resources: resourcesOf(group, of)
        .toSorted((a, b) => (a.plural < b.plural ? -1 : 1))
        .map((resource) => discovered(resource)),
      freshness: 'Current',
    })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}

function discovered(resource: Resource): object {
  return {
    resource: resource.plural,
    responseKind: { group: '', version: '', kind: resource.kind },
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: resource.verbs,
    ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
    ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
    ...(resource.subresources.length > 0 ? { subresources: resource.subresources.map((one) => discoveredSubresource(resource, one)) } : {}),
  };
}

function discoveredSubresource(resource: Resource, { name, kind, group, version, verbs }: Subresource): object {
  return {
    subresource: name,
    responseKind: { group: group ?? '', version: version ?? '', kind: kind ?? resource.kind },
    verbs,
  };
}
