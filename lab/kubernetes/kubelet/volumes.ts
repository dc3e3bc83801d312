import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Pod } from '../objects.ts';
import { ConfigError, fieldOf, type DataSource, type PodFacts } from './environment.ts';
import type { Mount } from './runtime/root-folder.ts';
import { volumesOf, type ContainerSpec, type KeyToPath, type ProjectedSource, type Volume } from './spec.ts';

export interface VolumeSources {
  readonly read: DataSource;
  /** Where the node keeps what is claimed in the pod's namespace: each claim is a folder on the node's own disk, which outlives its pods. */
  readonly claims: string;
  /** A token of the pod's service account. */
  token(audience: string | undefined, expirationSeconds: number | undefined): Promise<string>;
}

/**
 * Makes the volumes of a pod as folders. Called again it fills them anew.
 *
 * @returns the folder of each, by its name
 * @throws ConfigError when a volume's content isn't there, or its kind isn't one that this node has
 */
export async function makeVolumes(pod: Pod, folder: string, facts: PodFacts, sources: VolumeSources): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  for (const volume of volumesOf(pod)) {
    const path = join(folder, volume.name);
    if (volume.hostPath) {
      made.set(volume.name, hostPath(volume.hostPath));
      continue;
    }
    if (volume.persistentVolumeClaim) {
      const claim = join(sources.claims, volume.persistentVolumeClaim.claimName);
      mkdirSync(claim, { recursive: true });
      made.set(volume.name, claim);
      continue;
    }
    mkdirSync(path, { recursive: true });
    for (const [file, text] of await filesOf(pod, volume, facts, sources)) {
      const target = join(path, file);
      if (!target.startsWith(`${path}/`)) throw new ConfigError(`the path "${file}" leads out of the volume "${volume.name}"`);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
    made.set(volume.name, path);
  }
  return made;
}

/** Below a node's /run and /var/lib, which are its own; the rest of its disk is the host's. */
function hostPath({ path, type = '' }: NonNullable<Volume['hostPath']>): string {
  const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined;
  if (!isThere && type === 'DirectoryOrCreate' && /^\/(run|var\/lib)\//.test(path)) mkdirSync(path, { recursive: true });
  else if (!isThere) throw new ConfigError(`hostPath type check failed: ${path} is not there`);
  return path;
}

async function filesOf(pod: Pod, volume: Volume, facts: PodFacts, sources: VolumeSources): Promise<[string, string][]> {
  if (volume.emptyDir) return [];
  if (volume.configMap) return dataFiles('ConfigMap', volume.configMap.name, volume.configMap, sources.read);
  if (volume.secret) return dataFiles('Secret', volume.secret.secretName, volume.secret, sources.read);
  if (volume.downwardAPI) return projected({ downwardAPI: volume.downwardAPI }, pod, facts, sources);
  if (volume.projected) {
    return (await Promise.all((volume.projected.sources ?? []).map((source) => projected(source, pod, facts, sources)))).flat();
  }
  const [kind] = Object.keys(volume).filter((key) => key !== 'name');
  throw new ConfigError(`volume "${volume.name}": nodes of the lab have no volumes of the kind "${kind ?? 'none'}"`);
}

async function projected(source: ProjectedSource, pod: Pod, facts: PodFacts, { read, token }: VolumeSources): Promise<[string, string][]> {
  const { serviceAccountToken, configMap, secret, downwardAPI } = source;
  if (serviceAccountToken) return [[serviceAccountToken.path, await token(serviceAccountToken.audience, serviceAccountToken.expirationSeconds)]];
  if (configMap) return dataFiles('ConfigMap', configMap.name, configMap, read);
  if (secret) return dataFiles('Secret', secret.name, secret, read);
  return (downwardAPI?.items ?? []).map(({ path, fieldRef }) => [path, fieldOf(pod, fieldRef?.fieldPath ?? '', facts)]);
}

async function dataFiles(
  kind: 'ConfigMap' | 'Secret',
  name: string,
  { items, optional = false }: { items?: KeyToPath[]; optional?: boolean },
  read: DataSource,
): Promise<[string, string][]> {
  const data = await read(kind, name);
  if (data === undefined) {
    if (optional) return [];
    throw new ConfigError(`${kind.toLowerCase()} "${name}" not found`);
  }
  if (!items) return Object.entries(data);
  return items.flatMap(({ key, path }): [string, string][] => {
    if (data[key] !== undefined) return [[path, data[key]]];
    if (optional) return [];
    throw new ConfigError(`references non-existent config key: ${key}`);
  });
}

/** Where a container sees the volumes. @throws ConfigError for a volume that the pod doesn't have */
export function mountsOf(container: ContainerSpec, volumes: ReadonlyMap<string, string>): Mount[] {
  return (container.volumeMounts ?? []).map(({ name, mountPath, subPath, readOnly = false }) => {
    const folder = volumes.get(name);
    if (folder === undefined) throw new ConfigError(`the container "${container.name}" mounts "${name}", which is no volume of the pod`);
    const source = subPath === undefined ? folder : join(folder, subPath);
    if (statSync(source, { throwIfNoEntry: false }) === undefined) mkdirSync(source, { recursive: true });
    return { source, target: mountPath, readOnly };
  });
}
