import type { Loose } from '../object.ts';

/** JSON Merge Patch (RFC 7386): null removes, lists are replaced whole. Returns a new value and changes neither. */
export function mergePatch(target: Loose, patch: Loose): Loose {
  if (!isMap(patch)) return patch;
  const result: Loose = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

export function isMap(value: unknown): value is Record<string, Loose> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
