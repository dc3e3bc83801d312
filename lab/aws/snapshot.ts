import type { Cloud } from './cloud.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The whole state as plain JSON with its keys in order, so that two snapshots can be compared as text. */
export function snapshot(cloud: Cloud): Json {
  return toJson(cloud.state);
}

/** Any value as plain JSON, maps as objects with their keys in order. */
export function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Promise) return null;
  if (value instanceof Map) return fromEntries([...value].map(([key, entry]) => [String(key), entry]));
  if (Array.isArray(value)) return value.map(toJson);
  return fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined && !(entry instanceof Promise)));
}

function fromEntries(entries: readonly (readonly [string, unknown])[]): Json {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, entry]) => [key, toJson(entry)]));
}
