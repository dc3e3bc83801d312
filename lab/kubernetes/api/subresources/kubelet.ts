import { Agent, type RequestOptions } from 'node:https';
import type { Api } from '../call.ts';
import { badRequest, internal, notFound } from '../errors.ts';
import type { KubeObject, Loose } from '../object.ts';
import { resourceNamed } from '../resources.ts';
import { keyOf } from '../storage/keys.ts';

const pods = resourceNamed('pods');
const nodes = resourceNamed('nodes');

/** Kubelets sign their own certificates, as they do in most clusters: what is encrypted is not checked. */
const agent = new Agent({ rejectUnauthorized: false, keepAlive: false });
/** How long a kubelet may take to accept a connection: one whose machine is gone never does. */
export const connectWithinMs = 10_000;

/** One container, and the kubelet that runs it; undefined while the Pod runs nowhere. */
export interface ContainerPlace {
  readonly container: string;
  readonly kubelet: { readonly host: string; readonly port: number; readonly node: string } | undefined;
}

/**
 * Finds where a container runs.
 *
 * @param wanted its name; may be left out where there is only one, or where an annotation names it
 * @throws StatusError 404 for a Pod that isn't there, 400 for a container that it hasn't
 */
export async function placeOf({ store }: Api, namespace: string | undefined, podName: string, wanted: string | null): Promise<ContainerPlace> {
  const cached = store.caches.of(pods).get(keyOf(pods, namespace, podName));
  const pod = (cached ?? (await store.get(pods, namespace, podName)))?.object;
  if (!pod) throw notFound(pods, podName);
  const container = wanted || onlyContainer(pod);
  const { spec } = pod;
  const all: Loose[] = [...(spec?.containers ?? []), ...(spec?.initContainers ?? []), ...(spec?.ephemeralContainers ?? [])];
  if (!all.some(({ name }) => name === container)) throw badRequest(`container ${container} is not valid for pod ${podName}`);
  if (!spec?.nodeName) return { container, kubelet: undefined };
  const node = store.caches.of(nodes).get(keyOf(nodes, undefined, spec.nodeName))?.object;
  if (!node) throw notFound(nodes, spec.nodeName);
  const address = ((node['status']?.addresses ?? []) as Loose[]).find(({ type }) => type === 'InternalIP')?.address;
  if (!address) throw internal(`no preferred addresses found; known addresses: ${JSON.stringify(node['status']?.addresses ?? [])}`);
  const port: number = node['status'].daemonEndpoints?.kubeletEndpoint?.Port || 10_250;
  return { container, kubelet: { host: address, port, node: spec.nodeName } };
}

function onlyContainer({ metadata, spec }: KubeObject): string {
  const names: string[] = (spec?.containers ?? []).map(({ name }: Loose) => name);
  if (names.length === 1) return names[0]!;
  const byDefault = metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (byDefault !== undefined && names.includes(byDefault)) return byDefault;
  throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]`);
}

export function kubeletRequest({ options }: Api, { host, port }: NonNullable<ContainerPlace['kubelet']>, path: string): RequestOptions {
  const authorization = options.kubeletToken === undefined ? {} : { Authorization: `Bearer ${options.kubeletToken}` };
  return { host, port, path, agent, rejectUnauthorized: false, headers: authorization };
}
