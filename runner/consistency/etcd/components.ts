import { Ints } from '../columns.ts';
import { outcomes, steps } from '../etcd-history.ts';
import type { Problem } from './problem.ts';

/**
 * Keys that have to be looked at together, as one operation decides on all of them: one without an answer, or an answer that
 * is about several at once (that a comparison failed, that so many were deleted).
 *
 * @returns for each key the number of its component: one of its keys
 */
export function findComponents({ history, open, placed, keysOfLease }: Problem): Int32Array {
  const parent = Int32Array.from({ length: history.keyCount }, (_, key) => key);
  const find = (key: number): number => {
    let root = key;
    while (parent[root] !== root) {
      parent[root] = parent[parent[root]!]!;
      root = parent[root]!;
    }
    return root;
  };
  const join = (keys: Iterable<number>): void => {
    let first = -1;
    for (const key of keys) {
      if (first < 0) first = find(key);
      else parent[find(key)] = first;
    }
  };
  for (const { keys } of open) join(keys);
  for (const keys of keysOfLease) join(keys);
  for (let item = 0; item < history.length; item += 1) {
    const from = history.compareFrom.data[item]!;
    const to = history.compareFrom.data[item + 1]!;
    if (to > from && placed[item] !== 0) join(keysOf(history, item));
    else if (to - from > 1 && history.outcome.data[item] === outcomes.ok && history.succeeded.data[item] === 0) join(history.compareKey.data.subarray(from, to));
    for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) {
      const lo = history.stepLo.data[step]!;
      const hi = history.stepHi.data[step]!;
      if (history.stepKind.data[step] !== steps.delete || hi - lo < 2 || history.outcome.data[item] === outcomes.failed) continue;
      for (let key = lo + 1; key < hi; key += 1) parent[find(key)] = find(lo);
    }
  }
  return parent.map((_, key) => find(key));
}

/** All keys that an operation names. */
export function* keysOf(history: Problem['history'], item: number): Generator<number> {
  for (let compare = history.compareFrom.data[item]!; compare < history.compareFrom.data[item + 1]!; compare += 1) yield history.compareKey.data[compare]!;
  for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) {
    for (let key = history.stepLo.data[step]!; key < history.stepHi.data[step]!; key += 1) yield key;
  }
}

/** For each of these components, the items of the problem's order that name one of its keys. */
export function itemsOf(problem: Problem, components: Int32Array, wanted: readonly number[]): Int32Array[] {
  const { history, keysOfLease, order } = problem;
  const place = new Map(wanted.map((component, index) => [component, index]));
  const byKey = components.map((component) => place.get(component) ?? -1);
  const found = wanted.map(() => new Ints());
  const last = new Int32Array(wanted.length).fill(-1);
  const add = (item: number, key: number): void => {
    const index = byKey[key]!;
    if (index < 0 || last[index] === item) return;
    last[index] = item;
    found[index]!.push(item);
  };
  for (const item of order) {
    const lease = item < history.length ? history.lease.data[item]! : item - history.length;
    if (lease >= 0) {
      for (const key of keysOfLease[lease]!) add(item, key);
      continue;
    }
    for (let compare = history.compareFrom.data[item]!; compare < history.compareFrom.data[item + 1]!; compare += 1) add(item, history.compareKey.data[compare]!);
    for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) {
      for (let key = history.stepLo.data[step]!; key < history.stepHi.data[step]!; key += 1) add(item, key);
    }
  }
  return found.map(({ data, length }) => data.slice(0, length));
}
