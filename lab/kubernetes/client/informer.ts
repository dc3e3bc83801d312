import type { KubeObject } from '../objects.ts';
import { isGone } from './api-error.ts';
import { revisionOf, type Client, type Selection } from './client.ts';
import { keyOf, type Resource } from './resources.ts';
import { createStore, type Index, type Store } from './store.ts';
import type { WatchEvent } from './watch.ts';

/** What is told of each change, in the order of the server's revisions, after the store has it. */
export interface Handlers<T extends KubeObject> {
  added?(object: T): void;
  changed?(object: T, before: T): void;
  /** @param object as it was last known */
  deleted?(object: T): void;
}

/** Follows a resource: a copy of its objects in memory that is never far behind, and handlers that hear of each change. */
export interface Informer<T extends KubeObject> {
  readonly store: Store<T>;
  /** Fulfilled when the first list is in the store. */
  readonly synced: Promise<void>;
  /** Handlers hear of what is in the store already as added. */
  on(handlers: Handlers<T>): void;
  addIndex(name: string, index: Index<T>): void;
  /**
   * Takes in the answer to a write of one's own before the watch brings it, so that the next look at the store does not
   * miss it. What the watch has got past already is ignored.
   */
  absorb(object: T): void;
  close(): void;
}

export interface InformerOptions extends Selection {
  /** Pauses before trying again, doubled each time; 200 ms to 5 s unless told. */
  readonly backOff?: { readonly minMs: number; readonly maxMs: number };
  /** How long one watch lasts; 5 to 10 minutes unless told. */
  readonly watchSeconds?: () => number;
  readonly log?: (line: string) => void;
}

/** A watch that the server should have ended this long ago is dead. */
const graceForEndMs = 30_000;

/** Lists a resource, then watches it from there for good: resumes where it was after a broken connection, lists again on 410. */
export function startInformer<T extends KubeObject>(client: Client, resource: Resource<T>, options: InformerOptions = {}): Informer<T> {
  const { backOff = { minMs: 200, maxMs: 5_000 }, watchSeconds = () => 300 + Math.random() * 300, log = () => {}, ...selection } = options;
  const store = createStore<T>();
  const listeners: Handlers<T>[] = [];
  const closing = new AbortController();
  /** The newest revision that list and watch have brought; undefined before a list. */
  let position: string | undefined;
  let outdated = false;
  const synced = Promise.withResolvers<void>();

  const tell = (say: (handlers: Handlers<T>) => void): void => {
    for (const handlers of listeners) {
      try {
        say(handlers);
      } catch (error) {
        log(`${resource.plural}: a handler failed: ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
  };
  const put = (object: T): void => {
    const before = store.get(keyOf(object));
    if (before && before.metadata.uid === object.metadata.uid) {
      if (revisionOf(before.metadata) >= revisionOf(object.metadata)) return;
      store.set(object);
      return tell((handlers) => handlers.changed?.(object, before));
    }
    if (before) remove(before);
    store.set(object);
    tell((handlers) => handlers.added?.(object));
  };
  const remove = (object: T): void => {
    store.delete(keyOf(object));
    tell((handlers) => handlers.deleted?.(object));
  };

  const list = async (): Promise<void> => {
    const { items, resourceVersion } = await client.list(resource, { ...selection, resourceVersion: outdated ? undefined : '0' });
    if (closing.signal.aborted) return;
    const listed = new Set(items.map(keyOf));
    for (const object of [...store.values()]) {
      // What is newer than the list was taken in from an answer: the watch will tell what became of it.
      if (!listed.has(keyOf(object)) && revisionOf(object.metadata) <= Number(resourceVersion)) remove(object);
    }
    for (const item of items) put(item);
    [position, outdated] = [resourceVersion, false];
    synced.resolve();
  };
  const take = ({ type, object }: WatchEvent<T>): void => {
    if (closing.signal.aborted) return;
    position = object.metadata.resourceVersion ?? position;
    if (type === 'BOOKMARK') return;
    if (type !== 'DELETED') return put(object);
    const known = store.get(keyOf(object));
    if (known && (known.metadata.uid === object.metadata.uid || revisionOf(known.metadata) < revisionOf(object.metadata))) {
      store.delete(keyOf(object));
      tell((handlers) => handlers.deleted?.(object));
    }
  };
  const watch = async (resourceVersion: string): Promise<void> => {
    const timeoutSeconds = Math.ceil(watchSeconds());
    const overdue = AbortSignal.timeout(timeoutSeconds * 1000 + graceForEndMs);
    const signal = AbortSignal.any([closing.signal, overdue]);
    for await (const event of client.watch(resource, { ...selection, resourceVersion, timeoutSeconds, signal })) take(event);
  };

  const run = async (): Promise<void> => {
    let pauseMs = 0;
    while (!closing.signal.aborted) {
      const before = position;
      try {
        if (position === undefined) await list();
        else await watch(position);
        pauseMs = position === before ? backOff.minMs : 0;
      } catch (error) {
        if (closing.signal.aborted) return;
        if (isGone(error)) [position, outdated] = [undefined, true];
        log(`${resource.plural}: ${error instanceof Error ? error.message : String(error)}`);
        pauseMs = Math.min(Math.max(position === before ? pauseMs * 2 : 0, backOff.minMs), backOff.maxMs);
      }
      // Spread out, so that all informers of a lost server don't come back in one moment.
      if (pauseMs > 0) await pause(pauseMs * (0.75 + Math.random() * 0.5), closing.signal);
    }
  };
  const running = run();
  running.catch((error: unknown) => log(`${resource.plural}: the informer ended: ${String(error)}`));

  return {
    store,
    synced: synced.promise,
    on(handlers) {
      listeners.push(handlers);
      for (const object of [...store.values()]) handlers.added?.(object);
    },
    addIndex: (name, index) => store.addIndex(name, index),
    absorb(object) {
      if (position !== undefined && revisionOf(object.metadata) > Number(position)) put(object);
    },
    close: () => closing.abort(),
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
