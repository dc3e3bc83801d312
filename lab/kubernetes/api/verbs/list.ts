import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, Handler } from '../call.ts';
import { fromStored } from '../conversion.ts';
import { badRequest, expired, StatusError } from '../errors.ts';
import { EtcdError } from '../etcd/session.ts';
import { listAnswer, type ListMeta } from '../http/forms.ts';
import type { Stored } from '../storage/cache.ts';
import { isCompacted } from '../storage/follow.ts';
import { prefixOf } from '../storage/keys.ts';
import type { Page, Snapshot, Store } from '../storage/store.ts';
import { readContinue, writeContinue } from './continue-token.ts';
import { readListOptions, type ListOptions } from './list-options.ts';

/** How long a list waits for a revision that isn't there yet. */
const futureWithinMs = 3000;
/** How many are read at once where a selector makes it unclear how many will be needed. */
const pageSize = 500;

const tooOldToContinue =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue ' +
  'parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided ' +
  'token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was ' +
  'returned and now may show up in the list.';

/** A list: as of now, as this server knows it (`resourceVersion=0`), not older than or exactly at a revision, whole or in pages. */
export const list: Handler = async ({ store }, call) => {
  const options = readListOptions(call.resource, call.query, false);
  const { items, meta } = await listed(store, call, options);
  return listAnswer(call, items.map(({ object }) => fromStored(call.resource, object)), meta);
};

interface Listed {
  readonly items: readonly Stored[];
  readonly meta: ListMeta;
}

/** @throws StatusError 400, 410, 504 */
export async function listed(store: Store, call: Pick<Call, 'resource' | 'namespace'>, options: ListOptions): Promise<Listed> {
  if (options.continueToken !== undefined) return goOn(store, call, options, options.continueToken);
  // A page of a revision is exact as well, where it isn't said how it is meant.
  const isPageOf = options.match === undefined && options.limit > 0 && (options.resourceVersion ?? 0) > 0;
  if (options.match === 'Exact' || isPageOf) return exactly(store, call, options);
  // The first page of what is there now is read as the others are: who asks for a page waits for no more than that.
  if (options.resourceVersion === undefined && options.limit > 0) return pages(store, call, options, { revision: 0, after: undefined }, gone);
  const { items, revision } = await snapshot(store, call, options);
  const selected = options.selective ? items.filter(({ object }) => options.selects(object)) : items;
  const resourceVersion = String(revision);
  // From memory it is given whole: a page would have to be read from etcd anyway.
  if (options.limit === 0 || options.resourceVersion === 0 || selected.length <= options.limit) {
    return { items: selected, meta: { resourceVersion } };
  }
  const page = selected.slice(0, options.limit);
  const token = writeContinue({ revision, after: afterOf(call, page.at(-1)!) });
  const remaining = options.selective ? {} : { remainingItemCount: selected.length - page.length };
  return { items: page, meta: { resourceVersion, continue: token, ...remaining } };
}

async function snapshot(store: Store, { resource, namespace }: Pick<Call, 'resource' | 'namespace'>, options: ListOptions): Promise<Snapshot> {
  const { caches } = store;
  const wanted = options.resourceVersion;
  if (wanted !== undefined) {
    await caches.loaded;
    if (caches.revision >= wanted) return { items: caches.of(resource).list(prefixOf(resource, namespace)), revision: caches.revision };
  }
  const deadline = performance.now() + futureWithinMs;
  for (;;) {
    const found = await store.list(resource, namespace);
    if (wanted === undefined || found.revision >= wanted) return found;
    if (performance.now() >= deadline) throw tooLarge(wanted, found.revision);
    await sleep(Math.min(250, deadline - performance.now()));
  }
}

function tooLarge(wanted: number, current: number): StatusError {
  return new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

async function exactly(store: Store, call: Pick<Call, 'resource' | 'namespace'>, options: ListOptions): Promise<Listed> {
  return pages(store, call, options, { revision: options.resourceVersion!, after: undefined }, gone);
}

const gone = (): StatusError => expired('The resourceVersion for the provided list is too old.');

async function goOn(store: Store, call: Pick<Call, 'resource' | 'namespace'>, options: ListOptions, token: string): Promise<Listed> {
  if (options.resourceVersion !== undefined && options.resourceVersion !== 0) {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const { revision, after } = readContinue(token);
  // Of a list whose revision is gone the rest can be had as of now.
  const from = { revision: revision === -1 ? 0 : revision, after };
  return pages(store, call, options, from, () => expired(tooOldToContinue, writeContinue({ revision: -1, after: after.replace(/^\//, '') })));
}

/** Reads on at a revision until there are as many as asked for, or no more. */
async function pages(
  store: Store,
  { resource, namespace }: Pick<Call, 'resource' | 'namespace'>,
  options: ListOptions,
  from: { readonly revision: number; readonly after: string | undefined },
  whenGone: () => StatusError,
): Promise<Listed> {
  const prefix = prefixOf(resource, namespace);
  const limit = options.limit || Infinity;
  const items: Stored[] = [];
  let { revision } = from;
  let after = from.after === undefined ? undefined : prefix + from.after.replace(/^\//, '');
  for (;;) {
    let page: Page;
    try {
      page = await store.page(resource, namespace, {
        revision,
        limit: options.selective ? pageSize : Math.min(limit - items.length, pageSize),
        ...(after === undefined ? {} : { after }),
      });
    } catch (error) {
      if (isCompacted(error)) throw whenGone();
      if (error instanceof EtcdError && error.message.includes('future revision')) throw tooLarge(revision, store.caches.revision);
      throw error;
    }
    revision = page.revision;
    for (const [at, stored] of page.items.entries()) {
      if (options.selective && !options.selects(stored.object)) continue;
      items.push(stored);
      if (items.length < limit) continue;
      const remaining = page.remaining + page.items.length - at - 1;
      if (remaining === 0) break;
      const token = writeContinue({ revision, after: afterOf({ resource, namespace }, stored) });
      const meta = { resourceVersion: String(revision), continue: token, ...(options.selective ? {} : { remainingItemCount: remaining }) };
      return { items, meta };
    }
    if (!page.more) return { items, meta: { resourceVersion: String(revision) } };
    after = page.items.at(-1)!.key;
  }
}

/** A key without what all keys of the list begin with. */
function afterOf({ resource, namespace }: Pick<Call, 'resource' | 'namespace'>, { key }: Stored): string {
  return `/${key.slice(prefixOf(resource, namespace).length)}`;
}
