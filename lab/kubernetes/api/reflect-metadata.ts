// The certificate library's own dependency injection wants the metadata half of `Reflect`, and throws at import without it. It
// stores a few values about classes and reads them again; a package for that would be one more dependency.

interface MetadataReflect {
  defineMetadata?(key: unknown, value: unknown, target: object): void;
  getMetadata?(key: unknown, target: object): unknown;
  getOwnMetadata?(key: unknown, target: object): unknown;
  metadata?(key: unknown, value: unknown): (target: object) => void;
}

const reflect = Reflect as unknown as MetadataReflect;

if (reflect.getMetadata === undefined) {
  const known = new WeakMap<object, Map<unknown, unknown>>();
  const define = (key: unknown, value: unknown, target: object): void => {
    const values = known.get(target) ?? new Map<unknown, unknown>();
    known.set(target, values.set(key, value));
  };
  const own = (key: unknown, target: object): unknown => known.get(target)?.get(key);
  reflect.defineMetadata = define;
  reflect.getOwnMetadata = own;
  reflect.getMetadata = (key, target) => {
    for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at) as object | null) {
      if (known.get(at)?.has(key)) return own(key, at);
    }
    return undefined;
  };
  reflect.metadata = (key, value) => (target) => define(key, value, target);
}
