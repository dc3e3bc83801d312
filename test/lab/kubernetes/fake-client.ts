import { ApiError, isNotFound, keyOf, type Client, type Resource, type WatchEvent } from '../../../lab/kubernetes/client/index.ts';
import type { KubeObject } from '../../../lab/kubernetes/objects.ts';

/** A Kubernetes API in memory, as far as unit tests of the lab's parts need one: revisions, conflicts, watches. */
export interface FakeClient extends Client {
  /** Ends all watches; those that come back find their position too old. */
  compact(): void;
  /** Ends all watches. */
  cut(): void;
  /** Requests so far, such as `LIST pods` and `WATCH pods from 7`. */
  readonly requests: string[];
  all<T extends KubeObject>(resource: Resource<T>): T[];
}

type Change = { revision: number; plural: string; event: WatchEvent<KubeObject> };

export function createFakeClient(): FakeClient {
  let revision = 1;
  let oldest = 0;
  const stored = new Map<string, Map<string, KubeObject>>();
  const changes: Change[] = [];
  const waiting = new Set<() => void>();
  let cuts = 0;
  const requests: string[] = [];

  const table = (plural: string): Map<string, KubeObject> => {
    const found = stored.get(plural) ?? new Map<string, KubeObject>();
    stored.set(plural, found);
    return found;
  };
  const refuse = (code: number, reason: string): ApiError => new ApiError('fake', code, { code, reason, message: reason });
  const write = (resource: Resource, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): KubeObject => {
    revision += 1;
    const written = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    if (type === 'DELETED') table(resource.plural).delete(keyOf(written));
    else table(resource.plural).set(keyOf(written), written);
    changes.push({ revision, plural: resource.plural, event: { type, object: written } });
    for (const wake of waiting) wake();
    return written;
  };
  const find = (resource: Resource, key: string): KubeObject => {
    const found = table(resource.plural).get(key);
    if (!found) throw refuse(404, 'NotFound');
    return found;
  };
  const refKey = (at: { name: string; namespace?: string | undefined }): string => (at.namespace ? `${at.namespace}/${at.name}` : at.name);

  return {
    requests,
    all: <T extends KubeObject>(resource: Resource<T>) => [...table(resource.plural).values()] as T[],
    cut() {
      cuts += 1;
      for (const wake of waiting) wake();
    },
    compact() {
      oldest = revision;
      cuts += 1;
      for (const wake of waiting) wake();
    },
    get: async (resource, at) => find(resource, refKey(at)) as never,
    async list(resource) {
      requests.push(`LIST ${resource.plural}`);
      return { items: [...table(resource.plural).values()] as never[], resourceVersion: String(revision) };
    },
    async create(resource, draft) {
      requests.push(`CREATE ${resource.plural}`);
      const name = draft.metadata.name ?? `${draft.metadata.generateName}${(revision + 1).toString(36).padStart(5, '0')}`;
      const object = { ...draft, metadata: { ...draft.metadata, name, uid: `uid-${revision + 1}`, creationTimestamp: new Date().toISOString() } } as KubeObject;
      if (table(resource.plural).has(keyOf(object))) throw refuse(409, 'AlreadyExists');
      return write(resource, 'ADDED', object) as never;
    },
    async update(resource, object) {
      requests.push(`UPDATE ${resource.plural}`);
      const known = find(resource, keyOf(object));
      if (known.metadata.resourceVersion !== object.metadata.resourceVersion) throw refuse(409, 'Conflict');
      return write(resource, 'MODIFIED', object) as never;
    },
    updateStatus(resource, object) {
      return this.update(resource, object);
    },
    async patch(resource, at, _type, patch) {
      requests.push(`PATCH ${resource.plural}`);
      return write(resource, 'MODIFIED', merge(find(resource, refKey(at)), patch) as KubeObject) as never;
    },
    createSubresource: async () => ({}),
    async delete(resource, at) {
      requests.push(`DELETE ${resource.plural}`);
      return write(resource, 'DELETED', find(resource, refKey(at)));
    },
    async deleteCollection(resource, { namespace }) {
      for (const object of table(resource.plural).values()) {
        if (object.metadata.namespace === namespace) write(resource, 'DELETED', object);
      }
    },
    async *watch(resource, { resourceVersion, signal }) {
      requests.push(`WATCH ${resource.plural} from ${resourceVersion}`);
      if (Number(resourceVersion) < oldest) throw refuse(410, 'Expired');
      const mine = cuts;
      let next = changes.findIndex((change) => change.revision > Number(resourceVersion));
      if (next < 0) next = changes.length;
      while (!signal.aborted && cuts === mine) {
        const change = changes[next];
        if (change) {
          next += 1;
          if (change.plural === resource.plural) yield change.event as never;
          continue;
        }
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
          signal.addEventListener('abort', wake, { once: true });
        });
      }
    },
    raw: async () => ({}),
    close: () => {},
  };
}

function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(typeof target === 'object' ? target : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

/** Waits until it holds; not found is not yet. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, withinMs = 5_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      if (await holds()) return;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
