import type { Call } from '../call.ts';
import { forbidden, notFound } from '../errors.ts';
import { resourceNamed } from '../resources.ts';
import { keyOf } from '../storage/keys.ts';
import type { Store } from '../storage/store.ts';

const namespaces = resourceNamed('namespaces');

/** What is created has to have a namespace that is there and stays. @throws StatusError 404 or 403 */
export async function checkNamespace(store: Store, { resource, namespace }: Pick<Call, 'resource' | 'namespace'>, name: string): Promise<void> {
  if (!resource.namespaced || namespace === undefined) return;
  const cached = store.caches.of(namespaces).get(keyOf(namespaces, undefined, namespace));
  // It may have been made a moment ago through another server.
  const found = cached ?? (await store.get(namespaces, undefined, namespace));
  if (!found) throw notFound(namespaces, namespace);
  // Events tell of the end of a namespace's things as well.
  if (found.object.metadata.deletionTimestamp === undefined) return;
  throw forbidden(resource, name, `unable to create new content in namespace ${namespace} because it is being terminated`, [
    { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' },
  ]);
}
