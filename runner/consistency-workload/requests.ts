import type { Compare, Step } from '../consistency/records.ts';
import type { Rng } from '../rng.ts';

/** A question to etcd, before it is asked; the keys as those of its record. */
export type Request =
  | { readonly op: 'put'; readonly k: string; readonly v: string; readonly lease?: string }
  | { readonly op: 'get'; readonly k: string; readonly serializable?: true; readonly at?: number }
  | { readonly op: 'range'; readonly k: string; readonly end: string; readonly serializable?: true }
  | { readonly op: 'delete'; readonly k: string }
  | { readonly op: 'txn'; readonly compare: readonly Compare[]; readonly success: readonly Step[]; readonly failure: readonly Step[] }
  | { readonly op: 'grant'; readonly lease: string; readonly ttl: number }
  | { readonly op: 'revoke'; readonly lease: string };

/** What a client has learned by its own answers. */
export interface Memory {
  /** By key: the mod_revision that it saw last; 0 for a key that wasn't there. */
  readonly mods: ReadonlyMap<string, number>;
  /** Of the first answer of all, and the newest one of its own. */
  readonly firstRevision: number;
  readonly lastRevision: number;
  /** The lease that it holds, whether its key was put with it, and when it has to be over; undefined while it has none. */
  readonly lease: { readonly id: string; readonly attached: boolean; readonly endsAtMs: number } | undefined;
}

/** All keys begin with letters between these two. */
export const allKeys = { k: 'k', end: 'm' } as const;
/** The last write of a workload: who has seen it has seen all. */
export const fenceKey = 'k-last';
export const leaseTtlSeconds = 5;

/** How often each is asked for, in relation to the others. */
const weights = { put: 20, get: 18, serializable: 14, older: 5, delete: 6, compareAndSet: 12, multiKey: 6, range: 6, serializableRange: 5, lease: 8 } as const;
type Choice = keyof typeof weights;
const choices = Object.keys(weights) as Choice[];
const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);

export interface Chooser {
  /** What a client asks next. */
  next(client: number, memory: Memory, nowMs: number): Request;
  /** A value that nobody else writes. */
  value(client: number): string;
}

/**
 * Draws what clients ask: each kind of request on few keys, so that they meet. Every value is unique.
 *
 * @param keys how many
 */
export function chooser(rng: Rng, keys: number): Chooser {
  let written = 0;
  const names = Array.from({ length: keys }, (_, index) => `k${index}`);
  const value = (client: number): string => `c${client}-${(written += 1)}`;
  const whole = (below: number): number => Math.floor(rng.next() * below);
  const anyKey = (): string => names[whole(names.length)]!;

  const choose = (): Choice => {
    let left = rng.next() * sum;
    return choices.find((choice) => (left -= weights[choice]) < 0) ?? 'put';
  };
  const compareAndSet = (client: number, { mods }: Memory): Request => {
    const key = anyKey();
    return { op: 'txn', compare: [[key, 'mod', '=', mods.get(key) ?? 0]], success: [['put', key, value(client)]], failure: [['get', key]] };
  };
  const multiKey = (client: number, { mods }: Memory): Request => {
    const [first = 'k0', second = first] = rng.sample(names, 2);
    if (first === second) return { op: 'put', k: first, v: value(client) };
    const both: Step[] = [['put', first, value(client)], ['put', second, value(client)]];
    return { op: 'txn', compare: [[first, 'mod', '=', mods.get(first) ?? 0]], success: both, failure: [['get', second], ['get', first]] };
  };
  /** Grants one, puts a key with it, looks at the key, and lets go of it or lets it run out. */
  const withLease = (client: number, { lease }: Memory, nowMs: number): Request => {
    const k = `l${client}`;
    if (!lease || nowMs > lease.endsAtMs + leaseTtlSeconds * 1000) return { op: 'grant', lease: String(2 ** 40 + whole(2 ** 40)), ttl: leaseTtlSeconds };
    if (!lease.attached) return { op: 'put', k, v: value(client), lease: lease.id };
    return rng.next() < 0.15 ? { op: 'revoke', lease: lease.id } : { op: 'get', k };
  };
  return {
    value,
    next(client, memory, nowMs) {
      switch (choose()) {
        case 'put':
          return { op: 'put', k: anyKey(), v: value(client) };
        case 'get':
          return { op: 'get', k: anyKey() };
        case 'serializable':
          return { op: 'get', k: anyKey(), serializable: true };
        case 'older': {
          const { firstRevision, lastRevision } = memory;
          return { op: 'get', k: anyKey(), at: firstRevision + whole(Math.max(1, lastRevision - firstRevision + 1)) };
        }
        case 'delete':
          return { op: 'delete', k: anyKey() };
        case 'compareAndSet':
          return compareAndSet(client, memory);
        case 'multiKey':
          return multiKey(client, memory);
        case 'range':
          return { op: 'range', ...allKeys };
        case 'serializableRange':
          return { op: 'range', ...allKeys, serializable: true };
        case 'lease':
          return withLease(client, memory, nowMs);
      }
    },
  };
}
