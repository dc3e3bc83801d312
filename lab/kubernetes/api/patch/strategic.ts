import { badRequest } from '../errors.ts';
import type { Loose } from '../object.ts';
import { isMap } from './merge.ts';
import { isSet, mergeKeyOf } from './merge-keys.ts';

/**
 * Strategic merge patch: a merge patch that merges lists by a key where the type says so, with `$patch: delete` and `replace`,
 * `$deleteFromPrimitiveList`, `$setElementOrder` and `$retainKeys`. Returns a new value and changes neither.
 *
 * @throws StatusError 400 for a directive that can't be understood
 */
export function strategicMergePatch(target: Loose, patch: Loose): Loose {
  return mergeMap(target, patch, []);
}

function mergeMap(target: Loose, patch: Loose, path: readonly string[]): Loose {
  const { $patch: directive, $retainKeys: retained, ...fields } = patch;
  if (directive === 'replace') return withoutDirectives(fields);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') throw badRequest(`unrecognized type: ${JSON.stringify(directive)}`);
  const result: Loose = isMap(target) ? { ...target } : {};
  if (Array.isArray(retained)) for (const key of Object.keys(result)) if (!retained.includes(key)) delete result[key];
  for (const [key, value] of Object.entries<Loose>(fields)) {
    const special = /^\$(setElementOrder|deleteFromPrimitiveList)\/(.+)$/.exec(key);
    if (special) {
      const [, kind, field = ''] = special;
      if (kind === 'deleteFromPrimitiveList' && Array.isArray(result[field])) {
        result[field] = result[field].filter((item: Loose) => !value.includes(item));
      }
    } else if (value === null) delete result[key];
    else result[key] = mergeValue(result[key], value, [...path, key]);
  }
  for (const [key, order] of Object.entries<Loose>(fields)) {
    if (!key.startsWith('$setElementOrder/')) continue;
    const field = key.slice('$setElementOrder/'.length);
    if (Array.isArray(result[field]) && Array.isArray(order)) result[field] = ordered(result[field], order, mergeKeyOf([...path, field]));
  }
  return result;
}

function mergeValue(target: Loose, patch: Loose, path: readonly string[]): Loose {
  if (isMap(patch)) return mergeMap(target, patch, path);
  if (!Array.isArray(patch)) return patch;
  const key = mergeKeyOf(path);
  if (key !== undefined && patch.every(isMap)) return mergeList(Array.isArray(target) ? target : [], patch, key, path);
  if (isSet(path) && Array.isArray(target)) return [...new Set([...target, ...patch])];
  return patch.map(withoutDirectives);
}

function mergeList(target: readonly Loose[], patch: readonly Loose[], key: string, path: readonly string[]): Loose[] {
  if (patch.some(({ $patch }) => $patch === 'replace')) {
    return patch.filter(({ $patch }) => $patch !== 'replace').map(withoutDirectives);
  }
  const result = [...target];
  const added: Loose[] = [];
  for (const item of patch) {
    if (item[key] === undefined) throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    const at = result.findIndex((candidate) => isMap(candidate) && candidate[key] === item[key]);
    if (item.$patch === 'delete') {
      if (at >= 0) result.splice(at, 1);
    } else if (at >= 0) result[at] = mergeMap(result[at], item, path);
    else added.push(mergeMap({}, item, path));
  }
  // What a patch adds stands before what it doesn't name.
  const named = new Set(patch.map((item) => item[key]));
  const untouched = result.filter((item) => !named.has(item[key]));
  const touched = result.filter((item) => named.has(item[key]));
  if (added.length === 0) return result;
  const byKey = new Map([...touched, ...added].map((item) => [item[key], item]));
  const first = patch.flatMap((item) => byKey.get(item[key]) ?? []);
  return [...first, ...untouched];
}

/** Items in the order of the client's list; those that it doesn't name keep their place behind the one before them. */
function ordered(items: readonly Loose[], order: readonly Loose[], key: string | undefined): Loose[] {
  const idOf = (item: Loose): Loose => (key !== undefined && isMap(item) ? item[key] : item);
  const rank = new Map(order.map((item, at) => [idOf(item), at]));
  const named = items.filter((item) => rank.has(idOf(item))).toSorted((a, b) => rank.get(idOf(a))! - rank.get(idOf(b))!);
  let next = 0;
  return items.map((item) => (rank.has(idOf(item)) ? named[next++]! : item));
}

function withoutDirectives(value: Loose): Loose {
  if (Array.isArray(value)) return value.map(withoutDirectives);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !key.startsWith('$') && inner !== null)
      .map(([key, inner]) => [key, withoutDirectives(inner)]),
  );
}
