import type { Draft, KubeObject, ObjectMeta, ObjectReference } from '../objects.ts';
import { openConnection, type ConnectionOptions } from './connection.ts';
import { collectionPath, type Resource } from './resources.ts';
import { readWatch, type WatchEvent } from './watch.ts';

export type ClientOptions = ConnectionOptions;

export interface Selection {
  /** All namespaces when left out. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListOptions extends Selection {
  /** Asks for pages of this size and puts them together. */
  readonly limit?: number;
  /** `0`: whatever the server has in memory. Left out: the newest. */
  readonly resourceVersion?: string | undefined;
}

export interface List<T> {
  readonly items: T[];
  readonly resourceVersion: string;
}

export interface WatchOptions extends Selection {
  readonly resourceVersion: string;
  /** After this long the server ends the watch. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined };
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
}

export type PatchType = 'merge' | 'json' | 'strategic';

/**
 * The Kubernetes API as the lab's own parts use it. Every method throws ApiError when the server says no and
 * ConnectionError when it says nothing; after the latter a write may or may not have happened.
 */
export interface Client {
  get<T extends KubeObject>(resource: Resource<T>, at: ObjectReference): Promise<T>;
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): Promise<List<T>>;
  /** @param object its namespace is where it is created */
  create<T extends KubeObject>(resource: Resource<T>, object: Draft<T>): Promise<T>;
  /** Puts the whole object; a conflict when it was changed since it was read. */
  update<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T>;
  /** Puts the status alone. */
  updateStatus<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T>;
  /** @param subresource such as `status` */
  patch<T extends KubeObject>(resource: Resource<T>, at: ObjectReference, type: PatchType, patch: unknown, subresource?: string): Promise<T>;
  /** Creates a subresource: `binding` and `eviction` of a pod, for example. */
  createSubresource(resource: Resource, at: ObjectReference, subresource: string, body: unknown): Promise<unknown>;
  /** Gives the object when it stays for a while, otherwise a Status. */
  delete(resource: Resource, at: ObjectReference, options?: DeleteOptions): Promise<unknown>;
  deleteCollection(resource: Resource, selection: Selection, options?: DeleteOptions): Promise<void>;
  /** Events from after `resourceVersion` on, bookmarks too. Ends when the server ends it. @throws ApiError 410 when that is too old */
  watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): AsyncGenerator<WatchEvent<T>, void, undefined>;
  /** Any other path, such as discovery. */
  raw(method: string, path: string, body?: unknown): Promise<unknown>;
  close(): void;
}

const patchContentTypes: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

/** `continue` is where the next page begins. */
interface RawList<T> {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: T[] | null;
}

export function createClient(options: ClientOptions): Client {
  const connection = openConnection(options);

  const path = (resource: Resource, { namespace, name }: Partial<ObjectReference>, subresource?: string): string =>
    [collectionPath(resource, namespace), ...(name === undefined ? [] : [encodeURIComponent(name)]), ...(subresource ? [subresource] : [])].join('/');
  const typed = <T extends object>(resource: Resource, object: T): T => ({ apiVersion: resource.apiVersion, kind: resource.kind, ...object });
  const send = async <T>(method: string, to: string, body?: unknown, contentType?: string): Promise<T> =>
    (await connection.call({ method, path: to, body, ...(contentType === undefined ? {} : { contentType }) })) as T;

  return {
    get: (resource, at) => send('GET', path(resource, at)),
    async list<T extends KubeObject>(resource: Resource<T>, { namespace, ...options }: ListOptions = {}) {
      const items: T[] = [];
      let next: string | undefined;
      let resourceVersion = '';
      do {
        const query = queryOf({ ...options, ...(next === undefined ? {} : { resourceVersion: undefined, continue: next }) });
        const page: RawList<T> = await send('GET', collectionPath(resource, namespace) + query);
        for (const item of page.items ?? []) items.push(item);
        resourceVersion = page.metadata.resourceVersion ?? '';
        next = page.metadata.continue || undefined;
      } while (next !== undefined);
      return { items, resourceVersion };
    },
    create: (resource, object) => send('POST', path(resource, { namespace: object.metadata.namespace }), typed(resource, object)),
    update: (resource, object) => send('PUT', path(resource, object.metadata), typed(resource, object)),
    updateStatus: (resource, object) => send('PUT', path(resource, object.metadata, 'status'), typed(resource, object)),
    patch: (resource, at, type, patch, subresource) => send('PATCH', path(resource, at, subresource), patch, patchContentTypes[type]),
    createSubresource: (resource, at, subresource, body) => send('POST', path(resource, at, subresource), body),
    delete: (resource, at, deletion = {}) => send('DELETE', path(resource, at), deleteBody(deletion)),
    async deleteCollection(resource, { namespace, ...selection }, deletion = {}) {
      await send('DELETE', collectionPath(resource, namespace) + queryOf(selection), deleteBody(deletion));
    },
    async *watch<T extends KubeObject>(resource: Resource<T>, { namespace, signal, ...options }: WatchOptions) {
      const query = queryOf({ watch: '1', allowWatchBookmarks: 'true', ...options });
      const response = await connection.stream(collectionPath(resource, namespace) + query, signal);
      yield* readWatch<T>(response, `watch ${resource.plural}`);
    },
    raw: (method, to, body) => send(method, to, body),
    close: () => connection.close(),
  };
}

/** All options go into the body: a server ignores those in the query when there is a body. */
function deleteBody(options: DeleteOptions): unknown {
  return { kind: 'DeleteOptions', apiVersion: 'v1', ...options };
}

function queryOf(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) if (value !== undefined) query.set(key, String(value));
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** The position of an object or a list as a number, to tell older from newer. */
export function revisionOf(metadata: Pick<ObjectMeta, 'resourceVersion'>): number {
  return Number(metadata.resourceVersion ?? 0);
}
