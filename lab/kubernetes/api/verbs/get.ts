import type { Call, Handler } from '../call.ts';
import { fromStored } from '../conversion.ts';
import { badRequest, notFound } from '../errors.ts';
import { objectAnswer } from '../http/forms.ts';
import { keyOf } from '../storage/keys.ts';
import type { Stored } from '../storage/cache.ts';
import type { Store } from '../storage/store.ts';

/** One object: as of now, or with `resourceVersion=0` as this server knows it, without a question to etcd. */
export const get: Handler = async ({ store }, call) => {
  const stored = await read(store, call);
  if (!stored) throw notFound(call.resource, call.name!);
  return objectAnswer(call, 200, fromStored(call.resource, stored.object));
};

async function read(store: Store, { resource, namespace, name, query }: Call): Promise<Stored | undefined> {
  const revision = query.get('resourceVersion') ?? '';
  if (revision === '') return store.get(resource, namespace, name!);
  if (!/^\d+$/.test(revision)) {
    throw badRequest(`invalid resource version: resourceVersion: Invalid value: "${revision}": strconv.ParseUint: parsing "${revision}": invalid syntax`);
  }
  await store.caches.loaded;
  // What is older than asked for is not good enough, and etcd has the newest.
  if (store.caches.revision < Number(revision)) return store.get(resource, namespace, name!);
  return store.caches.of(resource).get(keyOf(resource, namespace, name!));
}
