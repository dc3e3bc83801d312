import type { KubeObject } from '../object.ts';
import type { Resource } from '../resources.ts';

/** An object as it was at one revision. */
export interface Stored {
  readonly key: string;
  readonly object: KubeObject;
  readonly revision: number;
}

/** One change. `object` is what it became; for a deletion, the last state with the deletion's revision. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly stored: Stored;
  readonly previous: Stored | undefined;
  /** The event as one line, made once for all who get it as it is. */
  line?: string;
}

export interface CacheListener {
  onChange(change: Change): void;
  /** Nothing more comes: what happened can't be told in full, so whoever listens has to list again. */
  onLost(): void;
}

/** How many changes of a resource are remembered, for watches that resume. */
const historySize = 1000;

/** The watch cache of one resource: what there is now, and what happened lately. */
export interface ResourceCache {
  readonly resource: Resource;
  get(key: string): Stored | undefined;
  /** Sorted by key. */
  list(prefix: string): Stored[];
  count(prefix: string): number;
  /** Changes after this revision, oldest first; undefined when they are not all remembered. */
  since(revision: number): readonly Change[] | undefined;
  /** The revision that a watch may begin from at the earliest. */
  readonly oldestRevision: number;
  subscribe(listener: CacheListener): () => void;

  put(stored: Stored): void;
  remove(key: string, revision: number): void;
  /** Everything anew, after a gap. */
  replace(all: readonly Stored[], revision: number): void;
}

export function createCache(resource: Resource): ResourceCache {
  let objects = new Map<string, Stored>();
  let sortedKeys: string[] | undefined;
  let history: Change[] = [];
  let oldestRevision = 0;
  const listeners = new Set<CacheListener>();

  const keys = (): string[] => (sortedKeys ??= [...objects.keys()].toSorted());

  const range = (prefix: string): [from: number, to: number] => {
    const all = keys();
    const from = firstAtOrAfter(all, prefix);
    let to = from;
    while (to < all.length && all[to]!.startsWith(prefix)) to += 1;
    return [from, to];
  };

  const happened = (change: Change): void => {
    history.push(change);
    // Cut in chunks: taking one from the front of a long array each time would copy it each time.
    if (history.length >= historySize * 2) {
      oldestRevision = history[historySize - 1]!.revision;
      history = history.slice(historySize);
    }
    for (const listener of listeners) listener.onChange(change);
  };

  return {
    resource,
    get: (key) => objects.get(key),
    list(prefix) {
      const [from, to] = range(prefix);
      return keys()
        .slice(from, to)
        .map((key) => objects.get(key)!);
    },
    count(prefix) {
      const [from, to] = range(prefix);
      return to - from;
    },
    since(revision) {
      if (revision < oldestRevision) return undefined;
      let from = history.length;
      while (from > 0 && history[from - 1]!.revision > revision) from -= 1;
      return history.slice(from);
    },
    get oldestRevision() {
      return oldestRevision;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    put(stored) {
      const previous = objects.get(stored.key);
      if (previous === undefined) sortedKeys = undefined;
      objects.set(stored.key, stored);
      happened({ type: previous ? 'MODIFIED' : 'ADDED', revision: stored.revision, stored, previous });
    },
    remove(key, revision) {
      const previous = objects.get(key);
      if (previous === undefined) return;
      objects.delete(key);
      sortedKeys = undefined;
      const { object } = previous;
      const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
      happened({ type: 'DELETED', revision, stored: { key, object: last, revision }, previous });
    },
    replace(all, revision) {
      objects = new Map(all.map((stored) => [stored.key, stored]));
      sortedKeys = undefined;
      history = [];
      oldestRevision = revision;
      for (const listener of [...listeners]) listener.onLost();
    },
  };
}

function firstAtOrAfter(sorted: readonly string[], wanted: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
