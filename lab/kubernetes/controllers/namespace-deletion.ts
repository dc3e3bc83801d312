import { isNotFound, keyOf, namespaces, pods, type Client, type Resource } from '../client/index.ts';
import type { Namespace } from '../objects.ts';
import { controllerQueue, type ControllerContext, type Running } from './context.ts';

const finalizer = 'kubernetes';
/** How soon what is left in a namespace is looked at again. */
const againMs = 250;

interface ApiResourceList {
  readonly groupVersion?: string;
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean; readonly verbs: readonly string[] }[];
}

/** Empties namespaces that are to be deleted, then lets them go. */
export function startNamespaceController(context: ControllerContext): Running {
  const { client, informers } = context;
  const informer = informers.of(namespaces);

  const work = async (key: string): Promise<void> => {
    const namespace = informer.store.get(key);
    if (!namespace || namespace.metadata.deletionTimestamp === undefined || !namespace.spec?.finalizers?.includes(finalizer)) return;
    if (await empty(client, namespace)) await finalize(namespace);
    else queue.addAfter(key, againMs);
  };
  const finalize = async (namespace: Namespace): Promise<void> => {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((each) => each !== finalizer);
    const body = { ...namespace, apiVersion: 'v1', kind: 'Namespace', spec: { ...namespace.spec, finalizers } };
    try {
      await client.raw('PUT', `/api/v1/namespaces/${encodeURIComponent(namespace.metadata.name)}/finalize`, body);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  const queue = controllerQueue(context, 'namespace', [informer], work);
  informer.on({ added: (namespace) => queue.add(keyOf(namespace)), changed: (namespace) => queue.add(keyOf(namespace)) });
  return queue;
}

/** Deletes all that is in a namespace. @returns whether nothing is left */
async function empty(client: Client, { metadata }: Namespace): Promise<boolean> {
  let left = 0;
  for (const resource of await deletableResources(client)) {
    const { items } = await client.list(resource, { namespace: metadata.name });
    if (items.length === 0) continue;
    await client.deleteCollection(resource, { namespace: metadata.name });
    // Pods take their time, and what they use stays as long as they do.
    left += (await client.list(resource, { namespace: metadata.name })).items.length;
    if (resource.plural === pods.plural && left > 0) return false;
  }
  return left === 0;
}

/** What can be in a namespace, pods first, as discovery tells it. */
async function deletableResources(client: Client): Promise<Resource[]> {
  const groups = (await client.raw('GET', '/apis')) as { groups?: readonly { preferredVersion?: { groupVersion?: string } }[] };
  const versions = (groups.groups ?? []).flatMap(({ preferredVersion }) => (preferredVersion?.groupVersion ? [preferredVersion.groupVersion] : []));
  const lists = await Promise.all(['/api/v1', ...versions.map((version) => `/apis/${version}`)].map((path) => client.raw('GET', path) as Promise<ApiResourceList>));
  const found = lists.flatMap(({ groupVersion = 'v1', resources = [] }) =>
    resources
      .filter(({ name, namespaced, verbs }) => namespaced && !name.includes('/') && ['list', 'deletecollection'].every((verb) => verbs.includes(verb)))
      .map(({ name, kind }): Resource => ({ apiVersion: groupVersion, kind, plural: name, namespaced: true })),
  );
  return found.toSorted((a, b) => Number(b.plural === 'pods' && b.apiVersion === 'v1') - Number(a.plural === 'pods' && a.apiVersion === 'v1'));
}
