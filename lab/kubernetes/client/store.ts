import type { KubeObject } from '../objects.ts';
import { keyOf } from './resources.ts';

/** Objects by key, as far as they are known. Nobody but its informer changes it, and nobody changes the objects in it. */
export interface Store<T extends KubeObject> {
  readonly size: number;
  /** @param key `namespace/name`, or the name alone */
  get(key: string): T | undefined;
  values(): IterableIterator<T>;
  /** The objects that an index has under this value. */
  by(index: string, value: string): T[];
}

/** The values under which an object is found again, such as the name of a pod's node. */
export type Index<T> = (object: T) => readonly (string | undefined)[];

/** A store that can be changed: for its informer. */
export interface MutableStore<T extends KubeObject> extends Store<T> {
  set(object: T): void;
  delete(key: string): void;
  addIndex(name: string, index: Index<T>): void;
}

export function createStore<T extends KubeObject>(): MutableStore<T> {
  const objects = new Map<string, T>();
  const indexes = new Map<string, { valuesOf: Index<T>; keys: Map<string, Set<string>> }>();

  const enter = (name: string, key: string, object: T): void => {
    const { valuesOf, keys } = indexes.get(name)!;
    for (const value of valuesOf(object)) {
      if (value === undefined) continue;
      const found = keys.get(value);
      if (found) found.add(key);
      else keys.set(value, new Set([key]));
    }
  };
  const leave = (name: string, key: string, object: T): void => {
    const { valuesOf, keys } = indexes.get(name)!;
    for (const value of valuesOf(object)) {
      if (value === undefined) continue;
      const found = keys.get(value);
      found?.delete(key);
      if (found?.size === 0) keys.delete(value);
    }
  };
  const remove = (key: string): void => {
    const object = objects.get(key);
    if (!object) return;
    for (const name of indexes.keys()) leave(name, key, object);
    objects.delete(key);
  };

  return {
    get size() {
      return objects.size;
    },
    get: (key) => objects.get(key),
    values: () => objects.values(),
    by(name, value) {
      const index = indexes.get(name);
      if (!index) throw new Error(`there is no index "${name}"`);
      return [...(index.keys.get(value) ?? [])].map((key) => objects.get(key)!);
    },
    set(object) {
      const key = keyOf(object);
      remove(key);
      objects.set(key, object);
      for (const name of indexes.keys()) enter(name, key, object);
    },
    delete: remove,
    addIndex(name, valuesOf) {
      if (indexes.has(name)) return;
      indexes.set(name, { valuesOf, keys: new Map() });
      for (const [key, object] of objects) enter(name, key, object);
    },
  };
}
