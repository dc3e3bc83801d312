// By which field the items of a list are told apart, for strategic merge patches (patchMergeKey of the real API's types)
// and for server-side apply (listMapKeys). The path is that of the field names down to the list.

/** Lists of primitives that are merged as sets. */
const sets = ['finalizers'];

/** By the name of the field that holds the list; those that mean something else elsewhere are told apart by their parent. */
const keys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  imagePullSecrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  ownerReferences: 'uid',
  conditions: 'type',
  taints: 'key',
  addresses: 'type',
  secrets: 'name',
  podIPs: 'ip',
  hostIPs: 'ip',
  resourceClaims: 'name',
  schedulingGates: 'name',
};

/**
 * The merge key of the list at a path; `ports` is that of a container or of a Service.
 *
 * @param path field names from the object's root to the list, items of lists left out
 */
export function mergeKeyOf(path: readonly string[]): string | undefined {
  const name = path.at(-1)!;
  const parent = path.at(-2);
  if (name === 'ports') return parent?.toLowerCase().endsWith('containers') ? 'containerPort' : parent === 'spec' ? 'port' : undefined;
  // Addresses of a Node's status have types, those of Endpoints haven't.
  if (name === 'addresses') return parent === 'status' ? 'type' : undefined;
  return Object.hasOwn(keys, name) ? keys[name] : undefined;
}

export function isSet(path: readonly string[]): boolean {
  return sets.includes(path.at(-1)!);
}
