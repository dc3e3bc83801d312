import { isDeepStrictEqual } from 'node:util';
import type { Loose } from '../object.ts';
import { isMap } from './merge.ts';
import { isSet, mergeKeyOf } from './merge-keys.ts';

/**
 * Which fields somebody has set, in the form of `managedFields`: `f:` before a field's name, `k:` before the key of a list's item,
 * `v:` before an item of a set, `.` for the item itself.
 */
export type FieldSet = { readonly [element: string]: FieldSet };

/** The fields of a value. Lists without a key, and plain values, are one field each. */
export function fieldSetOf(value: Loose, path: readonly string[] = []): FieldSet {
  if (isMap(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [`f:${key}`, fieldSetOf(inner, [...path, key])]));
  }
  if (Array.isArray(value) && value.length > 0) {
    if (isSet(path)) return Object.fromEntries(value.map((item) => [`v:${JSON.stringify(item)}`, {}]));
    const key = mergeKeyOf(path);
    if (key !== undefined) {
      return Object.fromEntries(value.map((item: Loose) => [elementOf(item, key, path), { '.': {}, ...fieldSetOf(item, path) }]));
    }
  }
  return {};
}

/** `k:{"name":"app"}`; a port is told apart by its protocol as well. */
function elementOf(item: Loose, key: string, path: readonly string[]): string {
  const names = path.at(-1) === 'ports' ? [key, 'protocol'] : [key];
  return `k:${JSON.stringify(Object.fromEntries(names.map((name) => [name, item[name] ?? (name === 'protocol' ? 'TCP' : undefined)])))}`;
}

/** What is in the first and not in the second. */
export function subtract(set: FieldSet, other: FieldSet): FieldSet {
  const rest: Record<string, FieldSet> = {};
  for (const [element, inner] of Object.entries(set)) {
    const against = other[element];
    if (against === undefined) rest[element] = inner;
    else if (Object.keys(inner).length > 0) {
      const left = subtract(inner, against);
      if (Object.keys(left).some((key) => key !== '.')) rest[element] = left;
    }
  }
  return rest;
}

/** Fields without fields of their own, as paths of elements. */
export function leavesOf(set: FieldSet, prefix: readonly string[] = []): string[][] {
  return Object.entries(set).flatMap(([element, inner]) => {
    if (element === '.') return [];
    const path = [...prefix, element];
    const below = leavesOf(inner, path);
    return below.length > 0 ? below : [path];
  });
}

export function has(set: FieldSet, path: readonly string[]): boolean {
  let at: FieldSet | undefined = set;
  for (const element of path) at = at?.[element];
  return at !== undefined;
}

/** The value that stands at a path of elements. */
export function valueAt(object: Loose, path: readonly string[]): Loose {
  let at: Loose = object;
  for (const element of path) {
    if (at === undefined || at === null) return undefined;
    at = element.startsWith('f:') ? at[element.slice(2)] : itemOf(at, element);
  }
  return at;
}

/** Takes away what stands at a path; a list or map that gets empty by it goes as well. Changes the object. */
export function removeAt(object: Loose, path: readonly string[]): void {
  const [element = '', ...rest] = path;
  if (element.startsWith('f:')) {
    const key = element.slice(2);
    if (rest.length > 0 && object[key] !== undefined) removeAt(object[key], rest);
    if (rest.length === 0 || isEmpty(object[key])) delete object[key];
  } else if (Array.isArray(object)) {
    const at = object.findIndex((item) => isItem(item, element));
    if (at < 0) return;
    if (rest.length > 0) removeAt(object[at], rest);
    if (rest.length === 0 || isEmpty(object[at])) object.splice(at, 1);
  }
}

function isEmpty(value: Loose): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function itemOf(list: Loose, element: string): Loose {
  return Array.isArray(list) ? list.find((item) => isItem(item, element)) : undefined;
}

function isItem(item: Loose, element: string): boolean {
  const wanted: Loose = JSON.parse(element.slice(2));
  if (element.startsWith('v:')) return isDeepStrictEqual(item, wanted);
  return isMap(item) && Object.entries(wanted).every(([key, value]) => (item[key] ?? (key === 'protocol' ? 'TCP' : undefined)) === value);
}

/** As messages name it: `.spec.template.spec.containers[name="app"].image`. */
export function pathText(path: readonly string[]): string {
  return path
    .map((element) => {
      if (element.startsWith('f:')) return `.${element.slice(2)}`;
      if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
      const keys = Object.entries<Loose>(JSON.parse(element.slice(2)));
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
