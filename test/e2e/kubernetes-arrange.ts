import { isDeepStrictEqual } from 'node:util';
import { groupVersion, resources, type Resource } from '../../lab/kubernetes/api/resources.ts';
import { translate } from './kubernetes-compare.ts';
import type { ApiAnswer, ApiRequest } from './kubernetes-request.ts';

type Json = ReturnType<JSON['parse']>;

// What was in the cluster when it was recorded is put into the server through its API, as clients, controllers and kubelets do.

export interface Cluster {
  send(request: ApiRequest): Promise<ApiAnswer>;
  /** What recorded uids and other values are here. */
  readonly values: Map<string, string>;
}

export function resourceOf({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): Resource | undefined {
  return resources.find((resource) => groupVersion(resource) === apiVersion && resource.kind === kind);
}

export function collectionPath(resource: Resource, namespace: string | undefined): string {
  const root = resource.group === '' ? '/api' : '/apis';
  return `${root}/${groupVersion(resource)}/${resource.namespaced ? `namespaces/${namespace}/` : ''}${resource.plural}`;
}

/** Sends what has to succeed. @throws Error with the answer */
export async function ask({ send }: Cluster, method: string, path: string, body?: Json): Promise<Json> {
  const answer = await send({ method, path, ...(body === undefined ? {} : { body }) });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** An object as it is now; undefined when it is not there. */
export async function find({ send }: Cluster, path: string): Promise<Json> {
  const answer = await send({ path });
  return answer.status === 404 ? undefined : answer.body;
}

/** Removes an object at once, if it is there. */
export async function remove(cluster: Cluster, path: string): Promise<void> {
  if (await find(cluster, path)) await ask(cluster, 'DELETE', path, { gracePeriodSeconds: 0 });
}

/**
 * Puts an object as it was recorded: makes it if it isn't there, and gives it the recorded metadata, content, status and
 * generation. What the recording doesn't show of it stays as it is.
 *
 * @param isWhole false for an object of which not all of the content is known
 */
export async function put(cluster: Cluster, recorded: Json, isWhole = true): Promise<void> {
  const resource = resourceOf(recorded)!;
  const { status, ...shown } = JSON.parse(translate(JSON.stringify(recorded), cluster.values));
  const path = `${collectionPath(resource, shown.metadata.namespace)}/${shown.metadata.name}`;
  let current = await find(cluster, path);
  const wanted = current && !isWhole ? { ...current, metadata: shown.metadata } : shown;
  if (current && (isAnother(cluster, recorded.metadata.uid, current) || !canBecome(current, wanted))) {
    await remove(cluster, path);
    current = undefined;
  }
  current = await putContent(cluster, path, wanted, current);
  if (recorded.metadata.uid !== undefined) cluster.values.set(recorded.metadata.uid, current.metadata.uid);
  if (status === undefined || !resource.subresources.some(({ name }) => name === 'status')) return;
  await ask(cluster, 'PUT', `${path}/status`, { ...current, status: isWhole ? status : { ...current.status, ...status } });
}

function isAnother({ values }: Cluster, uid: string, { metadata }: Json): boolean {
  const known = values.get(uid);
  return (known !== undefined && known !== metadata.uid) || metadata.deletionTimestamp !== undefined;
}

/** Whether changes can make of an object what is wanted: most of a Pod never changes, and each change of another raises its generation. */
function canBecome(current: Json, wanted: Json): boolean {
  const isSame = isDeepStrictEqual(contentOf(current), contentOf(wanted));
  if (wanted.kind === 'Pod') return isSame;
  const missing = (wanted.metadata.generation ?? 0) - (current.metadata.generation ?? 0);
  return isSame ? missing === 0 || missing >= 2 : current.metadata.generation === undefined || missing >= 1;
}

function contentOf({ kind: _, apiVersion: __, metadata: ___, status: ____, ...content }: Json): Json {
  return content;
}

async function putContent(cluster: Cluster, path: string, wanted: Json, current: Json): Promise<Json> {
  const { resourceVersion: _, uid: __, generation = 0, ...metadata } = wanted.metadata;
  const content = { ...contentOf(wanted), metadata };
  let now = current ?? (await ask(cluster, 'POST', path.slice(0, path.lastIndexOf('/')), generation > 1 ? another(content) : content));
  // Each change of the content raises the generation by one, and the last of them makes it what it is to be.
  while ((now.metadata.generation ?? 0) < generation - 1) now = await ask(cluster, 'PUT', path, another(now));
  const { labels, annotations, ownerReferences } = metadata;
  const changed = wanted.kind === 'Pod' ? {} : content;
  return ask(cluster, 'PUT', path, { ...now, ...changed, metadata: { ...now.metadata, labels, annotations, ownerReferences } });
}

/** An object with other content, whichever: one more port of an EndpointSlice, or one more second of a workload. */
function another({ spec, ports, ...object }: Json): Json {
  if (spec === undefined) return { ...object, ports: [...(ports ?? []), { name: `p${ports?.length ?? 0}`, port: 1 }] };
  return { ...object, spec: { ...spec, minReadySeconds: (spec.minReadySeconds ?? 0) + 1 } };
}
