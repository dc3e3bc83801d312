import { createHash } from 'node:crypto';
import type { Pod } from '../../objects.ts';
import { marks } from '../../static-pod-marks.ts';
import { containersOf, initContainersOf, volumesOf } from '../spec.ts';

/** A manifest that no pod can be made of. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/**
 * The static pod that a manifest asks for: named after its node, with the manifest's hash for its uid.
 *
 * @param manifest what was read from the file
 * @param path of the file: the same manifest in two files is two pods
 * @param seenAt RFC 3339
 * @throws ManifestError when it is no pod, or one that needs the API
 */
export function staticPod(manifest: unknown, { path, node, seenAt }: { path: string; node: string; seenAt: string }): Pod {
  const given = checked(manifest);
  const hash = createHash('md5').update(JSON.stringify(given)).update(`host:${node}`).update(`file:${path}`).digest('hex');
  const { name, namespace = 'default', uid = hash, ...metadata } = given.metadata;
  const { tolerations = [], ...spec } = given.spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name: `${name}-${node.toLowerCase()}`,
      namespace,
      uid,
      annotations: { ...metadata.annotations, [marks.hash]: uid, [marks.seen]: seenAt, [marks.source]: 'file' },
    },
    // Whatever befalls the node, nobody but its kubelet ends it.
    spec: { ...spec, nodeName: node, tolerations: [...tolerations, { operator: 'Exists', effect: 'NoExecute' }] },
    status: { phase: 'Pending' },
  };
}

function checked(manifest: unknown): Pod {
  const { apiVersion, kind, metadata, spec } = (manifest ?? {}) as Partial<Pod>;
  if (apiVersion !== 'v1' || kind !== 'Pod') throw new ManifestError(`it is ${apiVersion ?? 'nothing'}, ${kind ?? 'nothing'}, and has to be v1, Pod`);
  if (typeof metadata?.name !== 'string') throw new ManifestError('it has no metadata.name');
  if (!Array.isArray(spec?.containers) || spec.containers.length === 0) throw new ManifestError('it has no spec.containers');
  const pod: Pod = { metadata, spec };
  const needed = neededOfApi(pod);
  if (needed !== undefined) throw new ManifestError(`static pods may not reference ${needed}`);
  return pod;
}

/** A static pod runs without an API, so it can't have what only the API has. */
function neededOfApi(pod: Pod): string | undefined {
  if (pod.spec.serviceAccountName) return 'serviceaccounts';
  const volumes = volumesOf(pod);
  const containers = [...containersOf(pod), ...initContainersOf(pod)];
  const sources: object[] = [...volumes.flatMap(({ projected }) => projected?.sources ?? []), ...volumes];
  const from = containers.flatMap(({ env = [] }) => env.map(({ valueFrom = {} }) => valueFrom));
  const allFrom = containers.flatMap(({ envFrom = [] }) => envFrom);
  if (sources.some((each) => 'serviceAccountToken' in each)) return 'serviceaccounts';
  if (sources.some((each) => 'secret' in each) || from.some((each) => 'secretKeyRef' in each) || allFrom.some((each) => each.secretRef)) return 'secrets';
  if (sources.some((each) => 'configMap' in each) || from.some((each) => 'configMapKeyRef' in each) || allFrom.some((each) => each.configMapRef)) return 'configmaps';
  return undefined;
}
