import { isDeepStrictEqual } from 'node:util';

/** What changed in one event: a pair of before and after, a new value alone, or null for what is gone. */
export type Changes = Record<string, unknown>;

/** A line of a recording of how a cluster behaves, or of our own. */
export interface DynamicsLine {
  readonly type?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly changed?: Changes;
  /** Of the change, in our own. */
  readonly revision?: number;
  /** What an Event is about, in a recording: `Pod/web-1`. */
  readonly about?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly from?: string;
}

/** The events of one object, told by its kind and by when it first changed among its kind: the first is 0. */
export function eventsOf(lines: readonly DynamicsLine[], kind: string, nth = 0): DynamicsLine[] {
  const mine = lines.filter((line) => line.kind === kind && line.type !== undefined);
  const names = [...new Set(mine.filter(({ changed }) => changed).map(({ name }) => name))];
  return mine.filter(({ name }) => name === names[nth]);
}

/**
 * The values that a field went through, from before the first change on. Addresses in paths are numbered by their first
 * appearance, as those of a recording and our own differ.
 */
export function historyOf(events: readonly DynamicsLine[], path: string): unknown[] {
  const addresses: string[] = [];
  const history: unknown[] = [];
  for (const { changed = {} } of events) {
    for (const [key, value] of Object.entries(changed)) {
      const numbered = key.replace(/\[(\d+\.\d+\.\d+\.\d+)\]/, (_, address: string) => {
        if (!addresses.includes(address)) addresses.push(address);
        return `[#${addresses.indexOf(address)}]`;
      });
      if (numbered !== path) continue;
      if (Array.isArray(value) && history.length === 0) history.push(value[0]);
      history.push(Array.isArray(value) ? value[1] : value);
    }
  }
  return history;
}

/** Paths and values of all that is in an object, in the recordings' way of writing them. */
export function flatten(value: unknown, path = '', into: Map<string, unknown> = new Map()): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return into.set(path, value);
  if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => flatten(item, `${path}[${nameOf(item) ?? index}]`, into));
    return into;
  }
  for (const [key, each] of Object.entries(value)) flatten(each, path === '' ? key : `${path}.${key}`, into);
  return into;
}

function nameOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const { type, ip, addresses, key, effect, name } = item as Record<string, unknown>;
  if (typeof key === 'string') return `${key}:${String(effect)}`;
  if (Array.isArray(addresses) && typeof addresses[0] === 'string') return addresses[0];
  return [type, ip, name].find((each) => typeof each === 'string');
}

/** What changed between two states of an object. */
export function changesBetween(before: unknown, after: unknown): Changes {
  const [old, now] = [flatten(before), flatten(after)];
  const changes: Changes = {};
  for (const [path, value] of now) {
    if (!old.has(path)) changes[path] = value;
    else if (!isDeepStrictEqual(old.get(path), value)) changes[path] = [old.get(path), value];
  }
  for (const path of old.keys()) if (!now.has(path)) changes[path] = null;
  return changes;
}
