import { setTimeout as sleep } from 'node:timers/promises';
import { EtcdError, grpcCode } from '../etcd/session.ts';
import type { Etcd } from '../etcd/client.ts';
import { endOfPrefix, type KeyValue, type WatchResponse } from '../etcd/wire.ts';
import { createCache, type ResourceCache, type Stored } from './cache.ts';
import { decode } from './codec.ts';
import { resourceOfKey, root } from './keys.ts';
import { storages, type Resource } from '../resources.ts';

/** The caches of all resources, fed by one watch of etcd over all of them, so that they are all at the same revision. */
export interface Caches {
  of(resource: Resource): ResourceCache;
  /** The newest revision that the caches have seen. */
  readonly revision: number;
  /** Resolves when all is loaded for the first time. */
  readonly loaded: Promise<void>;
  /** Resolves when the caches are at least at a revision; false when they aren't within `withinMs`. */
  reached(revision: number, withinMs: number): Promise<boolean>;
  stop(): void;
}

/** What was to be followed is no longer all there: etcd has compacted it. */
class GapError extends Error {
  override readonly name = 'GapError';
}

const pageSize = 500;

/** Loads everything below `/registry/` and follows it, through any trouble of etcd's, until stopped. */
export function followRegistry(etcd: Etcd, onTrouble: (what: string, error: unknown) => void): Caches {
  const caches = new Map([...storages()].map(([storage, resource]) => [storage, createCache(resource)]));
  const stopped = new AbortController();
  const waiting = new Set<() => void>();
  let revision = 0;

  const apply = (message: WatchResponse): void => {
    if (message.compactRevision > 0) throw new GapError();
    for (const { type, kv } of message.events) {
      revision = Math.max(revision, kv.modRevision);
      const resource = resourceOfKey(kv.key);
      if (!resource) continue;
      const cache = caches.get(resource.storage)!;
      if (type === 'delete') cache.remove(kv.key, kv.modRevision);
      else cache.put(decode(kv));
    }
    if (message.events.length > 0) for (const wake of waiting) wake();
  };

  const load = async (): Promise<void> => {
    const { kvs, revision: at } = await readAll(etcd);
    const byStorage = new Map<string, Stored[]>();
    for (const kv of kvs) {
      const storage = resourceOfKey(kv.key)?.storage;
      if (storage === undefined) continue;
      const stored = byStorage.get(storage) ?? [];
      byStorage.set(storage, stored);
      stored.push(decode(kv));
    }
    revision = at;
    for (const [storage, cache] of caches) cache.replace(byStorage.get(storage) ?? [], at);
    for (const wake of waiting) wake();
  };

  const loaded = Promise.withResolvers<void>();
  const follow = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        await load();
        loaded.resolve();
        const watch = etcd.watch(root, () => revision + 1, apply);
        stopped.signal.addEventListener('abort', () => watch.stop());
        await watch.done;
      } catch (error) {
        if (stopped.signal.aborted) return;
        if (!(error instanceof GapError) && !(error instanceof EtcdError)) onTrouble('the watch of etcd failed', error);
        await sleep(100);
      }
    }
  };
  const following = follow();

  return {
    of: (resource) => caches.get(resource.storage)!,
    get revision() {
      return revision;
    },
    loaded: loaded.promise,
    reached(wanted, withinMs) {
      if (revision >= wanted) return Promise.resolve(true);
      return new Promise((resolve) => {
        const done = (value: boolean): void => {
          clearTimeout(timer);
          waiting.delete(check);
          resolve(value);
        };
        const check = (): void => {
          if (revision >= wanted) done(true);
        };
        const timer = setTimeout(() => done(false), withinMs);
        waiting.add(check);
      });
    },
    stop() {
      stopped.abort();
      following.catch((error: unknown) => onTrouble('following etcd failed', error));
    },
  };
}

/** All keys of the registry as they were at one revision. */
async function readAll(etcd: Etcd): Promise<{ kvs: KeyValue[]; revision: number }> {
  const kvs: KeyValue[] = [];
  let revision = 0;
  for (let key = root; ; ) {
    const page = await etcd.range({ key, rangeEnd: endOfPrefix(root), limit: pageSize, revision });
    kvs.push(...page.kvs);
    revision ||= page.revision;
    if (!page.more) return { kvs, revision };
    key = `${page.kvs.at(-1)!.key}\0`;
  }
}

/** Whether an error says that a revision is no longer, or not yet, to be had. */
export function isCompacted(error: unknown): boolean {
  return error instanceof EtcdError && error.code === grpcCode.outOfRange && error.message.includes('compacted');
}
