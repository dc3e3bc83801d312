import type { CallOptions, KubernetesConnection } from './kubernetes-connection.ts';
import { KubernetesFailure } from './kubernetes-failure.ts';

/** A kind of object, by where the API keeps it. */
export interface Resource {
  /** `/api/v1` or `/apis/apps/v1`. */
  readonly base: string;
  /** In plural, as in URLs: `pods`. */
  readonly name: string;
  /** Lists within an object that nobody reads here and that may come empty from `listAll`, beside `managedFields`. */
  readonly unread?: readonly string[];
}

export const resources = {
  namespaces: { base: '/api/v1', name: 'namespaces' },
  nodes: { base: '/api/v1', name: 'nodes' },
  pods: { base: '/api/v1', name: 'pods', unread: ['env', 'volumeMounts', 'volumes', 'tolerations'] },
  services: { base: '/api/v1', name: 'services' },
  deployments: { base: '/apis/apps/v1', name: 'deployments' },
  statefulsets: { base: '/apis/apps/v1', name: 'statefulsets' },
  daemonsets: { base: '/apis/apps/v1', name: 'daemonsets' },
  replicasets: { base: '/apis/apps/v1', name: 'replicasets' },
  endpointslices: { base: '/apis/discovery.k8s.io/v1', name: 'endpointslices' },
  networkpolicies: { base: '/apis/networking.k8s.io/v1', name: 'networkpolicies' },
} as const satisfies Record<string, Resource>;

/** Which objects of a kind: all of the cluster when nothing is said. */
export interface Scope {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface Listed<T> {
  readonly items: readonly T[];
  /** From where a watch goes on. */
  readonly resourceVersion: string;
}

/** Objects in one page: what the API server can give without straining. */
const pageSize = 500;
/** How often a list whose pages have expired is begun again. */
const beginnings = 3;

/** The path of a collection, or of one object in it. */
export function pathOf({ base, name }: Resource, namespace?: string, object?: string, subresource?: string): string {
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const of = object === undefined ? '' : `/${encodeURIComponent(object)}`;
  return `${base}${within}/${name}${of}${subresource === undefined ? '' : `/${subresource}`}`;
}

/** The query of a scope, for lists and watches. */
export function queryOf({ labelSelector, fieldSelector }: Scope): Record<string, string> {
  return { ...(labelSelector === undefined ? {} : { labelSelector }), ...(fieldSelector === undefined ? {} : { fieldSelector }) };
}

interface Page {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly unknown[] | null;
}

/** A page that is on its way. */
interface Asked<T> {
  /** The page as far as its items, or whole; nothing of it when it failed. */
  readonly head: Promise<Page>;
  readonly whole: Promise<Page>;
  /** What was kept of the items that have arrived. */
  readonly items: readonly T[];
}

/**
 * Lists page by page, and keeps of each object what `keep` makes of it (nothing when that is undefined). An object's lists
 * that nobody reads may be empty: it isn't one to write back. When the server has forgotten the state that the pages are of
 * (410), it begins again.
 *
 * @throws KubernetesFailure
 */
export async function listAll<Raw, T>(
  connection: Pick<KubernetesConnection, 'request'>,
  resource: Resource,
  scope: Scope,
  keep: (raw: Raw) => T | undefined,
  options: CallOptions = {},
): Promise<Listed<T>> {
  for (let beginning = 1; ; beginning += 1) {
    try {
      return await listOnce(connection, resource, scope, keep, options);
    } catch (error) {
      if (!(error instanceof KubernetesFailure) || error.status !== 410 || beginning === beginnings) throw error;
    }
  }
}

/** The pages in their order. While one arrives the next is asked for already: its name stands before the items. */
async function listOnce<Raw, T>(
  connection: Pick<KubernetesConnection, 'request'>,
  resource: Resource,
  scope: Scope,
  keep: (raw: Raw) => T | undefined,
  options: CallOptions,
): Promise<Listed<T>> {
  const giveUp = new AbortController();
  const signal = AbortSignal.any([giveUp.signal, ...(options.signal ? [options.signal] : [])]);
  const unread = ['managedFields', ...(resource.unread ?? [])];
  const ask = (token?: string): Asked<T> => {
    const query = { ...queryOf(scope), limit: pageSize, ...(token === undefined ? {} : { continue: token }) };
    const request = { verb: 'list', resource: resource.name, namespace: scope.namespace, path: pathOf(resource, scope.namespace), query };
    const items: T[] = [];
    const eachItem = (raw: unknown): void => {
      const kept = keep(raw as Raw);
      if (kept !== undefined) items.push(kept);
    };
    const head = Promise.withResolvers<Page>();
    const whole = connection.request<Page>(request, { ...options, signal, eachItem, unread, head: (seen) => head.resolve(seen as Page) }).then((page) => {
      page.items?.forEach(eachItem);
      return page;
    });
    // What went wrong with it is asked when its turn comes, and not at all when the one before it failed.
    whole.then(head.resolve, () => head.resolve({}));
    return { head: head.promise, whole, items };
  };
  const items: T[] = [];
  try {
    for (let page: Asked<T> | undefined = ask(); ; ) {
      const metadata: Page['metadata'] = (await page.head).metadata ?? (await page.whole).metadata;
      const next: Asked<T> | undefined = metadata?.continue ? ask(metadata.continue) : undefined;
      await page.whole;
      items.push(...page.items);
      if (!next) return { items, resourceVersion: metadata?.resourceVersion ?? '' };
      page = next;
    }
  } finally {
    giveUp.abort(new Error('the list was given up'));
  }
}
