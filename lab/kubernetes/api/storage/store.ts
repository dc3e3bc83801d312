import { isDeepStrictEqual } from 'node:util';
import { alreadyExists, modified, notFound, StatusError } from '../errors.ts';
import type { Etcd } from '../etcd/client.ts';
import { endOfPrefix, type KeyValue, type RangeRequest } from '../etcd/wire.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resources.ts';
import type { Stored } from './cache.ts';
import { decode, encode, withRevision } from './codec.ts';
import type { Caches } from './follow.ts';
import { keyOf, prefixOf } from './keys.ts';

/** What a list is made of, all at one revision. */
export interface Snapshot {
  readonly items: Stored[];
  readonly revision: number;
}

export interface Page extends Snapshot {
  /** Whether there is more behind the last item. */
  readonly more: boolean;
  /** How many there are behind the last item. */
  readonly remaining: number;
}

/** The objects, in etcd. Every method that asks etcd throws what etcd answered, as EtcdError; refusals are StatusErrors. */
export interface Store {
  readonly caches: Caches;
  /** The newest state, by a question to etcd's majority; undefined when it isn't there. */
  get(resource: Resource, namespace: string | undefined, name: string): Promise<Stored | undefined>;
  /** All as of now, by a question to etcd's majority. */
  list(resource: Resource, namespace: string | undefined): Promise<Snapshot>;
  /** Some of them, beginning behind `after` (a key), as they were at a revision. */
  page(resource: Resource, namespace: string | undefined, at: { after?: string; revision: number; limit: number }): Promise<Page>;
  /** @throws StatusError 409 when it is there */
  create(resource: Resource, object: KubeObject): Promise<KubeObject>;
  /**
   * Replaces an object by what `change` makes of it, again and again while others change it at the same time.
   *
   * @param change gets the present state and returns the next; null deletes it. What it throws comes out
   * @returns the state afterwards, and whether something was written
   */
  update(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    change: (current: KubeObject) => KubeObject | null,
  ): Promise<{ object: KubeObject; written: boolean }>;
}

/** Above this many objects that the cache doesn't have as they are, a list is read whole. */
const fewMissing = 8;

export function createStore(etcd: Etcd, caches: Caches, events: { readonly ttlSeconds: number }): Store {
  const lease = eventLease(etcd, events.ttlSeconds);

  /** Takes what the cache has parsed already, where it is the same. */
  const storedOf = (resource: Resource, kv: KeyValue): Stored => {
    const cached = caches.of(resource).get(kv.key);
    return cached?.revision === kv.modRevision ? cached : decode(kv);
  };

  const get: Store['get'] = async (resource, namespace, name) => {
    const { kvs } = await etcd.range({ key: keyOf(resource, namespace, name) });
    return kvs[0] && storedOf(resource, kvs[0]);
  };

  /** Objects in a range of keys. The keys and their revisions say what is to be in it; most of it is in the cache already. */
  const read = async (resource: Resource, range: Omit<RangeRequest, 'keysOnly'>): Promise<{ items: Stored[]; revision: number; more: boolean; count: number }> => {
    const cache = caches.of(resource);
    const index = await etcd.range({ ...range, keysOnly: true });
    const { revision, more, count } = index;
    const items = index.kvs.map((kv) => {
      const cached = cache.get(kv.key);
      return cached?.revision === kv.modRevision ? cached : undefined;
    });
    const missing = index.kvs.filter((_, at) => items[at] === undefined);
    if (missing.length === 0) return { items: items as Stored[], revision, more, count };
    const at = range.revision || revision;
    if (missing.length > fewMissing) {
      const { kvs } = await etcd.range({ ...range, revision: at });
      return { items: kvs.map((kv) => storedOf(resource, kv)), revision, more, count };
    }
    const found = new Map((await Promise.all(missing.map(({ key }) => etcd.range({ key, revision: at })))).flatMap(({ kvs }) => kvs.map((kv) => [kv.key, decode(kv)])));
    return { items: index.kvs.map(({ key }, place) => items[place] ?? found.get(key)!), revision, more, count };
  };

  return {
    caches,
    get,
    async list(resource, namespace) {
      const prefix = prefixOf(resource, namespace);
      const { items, revision } = await read(resource, { key: prefix, rangeEnd: endOfPrefix(prefix) });
      return { items, revision };
    },
    async page(resource, namespace, { after, revision, limit }) {
      const prefix = prefixOf(resource, namespace);
      const { items, more, count, revision: now } = await read(resource, { key: after === undefined ? prefix : `${after}\0`, rangeEnd: endOfPrefix(prefix), limit, revision });
      return { items, revision: revision || now, more, remaining: count - items.length };
    },
    async create(resource, object) {
      const { namespace, name } = object.metadata;
      const { succeeded, revision } = await etcd.write({
        key: keyOf(resource, namespace, name),
        modRevision: 0,
        value: encode(object),
        ...(resource.storage === 'events' ? { lease: await lease() } : {}),
      });
      if (!succeeded) throw alreadyExists(resource, name);
      return withRevision(object, revision);
    },
    async update(resource, namespace, name, change) {
      const key = keyOf(resource, namespace, name);
      let current = caches.of(resource).get(key);
      let maybeStale = current !== undefined;
      current ??= await get(resource, namespace, name);
      for (;;) {
        if (!current) throw notFound(resource, name);
        const freshen = async (): Promise<boolean> => {
          if (!maybeStale) return false;
          maybeStale = false;
          const before: Stored | undefined = current;
          current = await get(resource, namespace, name);
          return current?.revision !== before?.revision;
        };
        let next: KubeObject | null;
        try {
          next = change(current.object);
        } catch (error) {
          // A refusal may be due to a state that is no longer.
          if (await freshen()) continue;
          throw error;
        }
        if (next !== null && sameContent(next, current.object)) {
          if (await freshen()) continue;
          return { object: current.object, written: false };
        }
        const written = await etcd.write({
          key,
          modRevision: current.revision,
          value: next && encode(next),
          ...(resource.storage === 'events' && next ? { lease: await lease() } : {}),
        });
        if (written.succeeded) {
          // The answer to a deletion is the last state as it was.
          return { object: next ? withRevision(next, written.revision) : current.object, written: true };
        }
        current = written.current && storedOf(resource, written.current);
        maybeStale = false;
      }
    },
  };
}

/** Whether writing it would change nothing. */
function sameContent(next: KubeObject, current: KubeObject): boolean {
  if (next === current) return true;
  const { resourceVersion: _, ...metadata } = next.metadata;
  const { resourceVersion: __, ...before } = current.metadata;
  return isDeepStrictEqual({ ...next, metadata }, { ...current, metadata: before });
}

/** The resourceVersion that a change was made for has to be the present one, where it names one. @throws StatusError 409 */
export function checkRevision(resource: Resource, wanted: KubeObject, current: KubeObject): void {
  const { resourceVersion, uid, name } = wanted.metadata;
  if (uid !== undefined && uid !== '' && uid !== current.metadata.uid) {
    const key = keyOf(resource, current.metadata.namespace, current.metadata.name);
    throw new StatusError(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${resource.plural}${resource.group && `.${resource.group}`} "${name}": ` +
        `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ` +
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`,
      { name, ...(resource.group ? { group: resource.group } : {}), kind: resource.plural },
    );
  }
  if (resourceVersion && resourceVersion !== '0' && resourceVersion !== current.metadata.resourceVersion) throw modified(resource, name);
}

/** One lease for all Events of a few minutes: etcd removes them when it ends. */
function eventLease(etcd: Etcd, ttlSeconds: number): () => Promise<number> {
  const shareForMs = Math.min(60_000, ttlSeconds * 100);
  let granted: { id: Promise<number>; untilMs: number } | undefined;
  return async () => {
    if (granted === undefined || performance.now() > granted.untilMs) {
      granted = { id: etcd.lease(ttlSeconds + Math.ceil(shareForMs / 1000)), untilMs: performance.now() + shareForMs };
    }
    try {
      return await granted.id;
    } catch (error) {
      granted = undefined;
      throw error;
    }
  };
}
