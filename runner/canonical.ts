import { createHash } from 'node:crypto';

/** The same value with its keys in order, so that its text is the same however they came to stand. */
export function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, own]) => [key, inKeyOrder(own)]));
}

/** Stands for plain data, whatever the order of its keys: so many hexadecimal digits of its SHA-256. */
export function hashOf(value: unknown, digits: number): string {
  return createHash('sha256').update(JSON.stringify(inKeyOrder(value))).digest('hex').slice(0, digits);
}
