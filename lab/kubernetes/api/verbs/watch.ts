import type { ServerResponse } from 'node:http';
import type { Api, Call, Handler } from '../call.ts';
import { fromStored } from '../conversion.ts';
import { expired, internal, StatusError, type Status } from '../errors.ts';
import { EtcdError } from '../etcd/session.ts';
import { formOf } from '../http/forms.ts';
import { mesh } from '../../names.ts';
import type { KubeObject } from '../object.ts';
import { groupVersion } from '../resources.ts';
import type { Change, Stored } from '../storage/cache.ts';
import { keyOf, prefixOf } from '../storage/keys.ts';
import { tableOf } from '../table/table.ts';
import { listed } from './list.ts';
import { readListOptions, type ListOptions } from './list-options.ts';

type EventType = Change['type'] | 'BOOKMARK' | 'ERROR';

/** A client that reads so slowly that this much waits for it is cut off, as it would cost all others memory. */
const mostWaitingBytes = 16 * 1024 * 1024;
const defaultBookmarkMs = 60_000;
/** How long before its end a watch says once more where it is. */
const lastBookmarkMs = 2000;
/** While a watch is made to stall, how often it looks whether it may go on. */
const stalledLookMs = 100;

/** Follows changes. What comes before the first change depends on the resourceVersion: see the recordings of watches. */
export const watch: Handler = async (api, call) => {
  const options = readListOptions(call.resource, call.query, true);
  const stream = openStream(api, call, options);
  try {
    await begin(api, call, options, stream);
  } catch (error) {
    stream.fail(statusOf(error));
  }
  return null;
};

async function begin(api: Api, call: Call, options: ListOptions, stream: Stream): Promise<void> {
  const { store } = api;
  const cache = store.caches.of(call.resource);
  const prefix = options.fields.name !== undefined && call.namespace !== undefined
    ? keyOf(call.resource, call.namespace, options.fields.name)
    : prefixOf(call.resource, call.namespace);
  const concerns = (key: string): boolean =>
    prefix.endsWith('/') ? key.startsWith(prefix) && (call.name === undefined || key.endsWith(`/${call.name}`)) : key === prefix;
  const deliver = (change: Change): void => {
    if (change.revision > stream.revision && concerns(change.stored.key)) stream.change(change);
  };

  let from = options.resourceVersion;
  if (!from || options.sendInitialEvents) {
    // Without a revision the present state is asked for at etcd; with 0 this server's own is good enough.
    let initial: readonly Stored[];
    let revision: number;
    if (from === 0 && !options.sendInitialEvents) {
      await store.caches.loaded;
      initial = cache.list(prefixOf(call.resource, call.namespace)).filter(({ object }) => options.selects(object));
      revision = store.caches.revision;
    } else {
      // The real server has no Events in memory to begin with, so it has nothing to wait for before it answers.
      if (call.resource.storage === 'events') stream.start(0);
      const found = await stream.within(listed(store, call, { ...options, limit: 0, resourceVersion: from, match: undefined }));
      if (!found) return;
      initial = found.items;
      revision = Number(found.meta.resourceVersion);
    }
    stream.start(revision);
    if (options.sendInitialEvents !== false) {
      for (const stored of initial) if (call.name === undefined || stored.object.metadata.name === call.name) stream.send('ADDED', stored);
      if (options.allowBookmarks) stream.bookmark(revision, true);
    }
    from = revision;
  } else {
    await store.caches.loaded;
    stream.start(from);
  }
  const missed = cache.since(from);
  // The real server keeps no Events in memory: of those it is etcd that says so.
  if (!missed && call.resource.storage === 'events') throw expired('The resourceVersion for the provided watch is too old.');
  if (!missed) throw expired(`too old resource version: ${from} (${cache.oldestRevision})`);
  missed.forEach(deliver);
  stream.onEnd(cache.subscribe({ onChange: deliver, onLost: () => stream.end() }));
}

/** What goes wrong after the answer has begun is told in an event. */
function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return error.status;
  if (error instanceof EtcdError) return new StatusError(500, 'InternalError', error.message).status;
  return internal(error instanceof Error ? error.message : String(error)).status;
}

interface Stream {
  /** Where the watch began: changes up to here are none for it. */
  readonly revision: number;
  /** Sends the head of the answer. */
  start(revision: number): void;
  send(type: EventType, stored: Stored): void;
  /** Sends a change, as what it is for the watch's selector. */
  change(change: Change): void;
  bookmark(revision: number, initialEventsEnd: boolean): void;
  fail(status: Status): void;
  /** Waits, but not longer than the watch is to last; undefined when it ended first. */
  within<T>(promise: Promise<T>): Promise<T | undefined>;
  onEnd(callback: () => void): void;
  end(): void;
}

function openStream(api: Api, call: Call, options: ListOptions): Stream {
  const { response, resource } = call;
  const { timing, isOn } = api.options;
  const isOfMesh = groupVersion(resource) === 'v1' && resource.plural === 'endpoints' && call.user.name === mesh.user;
  const isSilent = (): boolean => Boolean(isOn?.('stale-watch') || (isOfMesh && isOn?.('mesh-stale-endpoints')));
  const endings = new Set<() => void>();
  // Without timeoutSeconds a watch lasts half an hour to an hour, so that not all clients come back at once.
  const lastsMs = options.timeoutSeconds ? options.timeoutSeconds * 1000 : 1_800_000 * (1 + Math.random());
  const timedOut = Promise.withResolvers<undefined>();
  let revision = 0;
  let wantsColumns = true;
  let ended = false;
  let waiting: string[] = [];

  const end = (): void => {
    if (ended) return;
    ended = true;
    for (const callback of endings) callback();
    timedOut.resolve(undefined);
    response.end();
  };
  /** Where nothing has happened since it began, a watch has nothing to tell. */
  const tellProgress = (): void => {
    if (options.allowBookmarks && api.store.caches.revision > revision) stream.bookmark(api.store.caches.revision, false);
  };
  endings.add(every(timing?.bookmarkEveryMs ?? defaultBookmarkMs, tellProgress));
  if (lastsMs > lastBookmarkMs) endings.add(after(lastsMs - lastBookmarkMs, tellProgress));
  endings.add(after(lastsMs, () => (response.headersSent ? end() : stream.fail(contextDeadline()))));
  response.on('close', end);

  const write = (line: string): void => {
    if (ended) return;
    if (waiting.length > 0 || isSilent()) return stall(line);
    response.write(line);
    if (response.writableLength > mostWaitingBytes) response.destroy();
  };
  /** Keeps what is to be sent until the sabotage is over: to the client the watch just falls silent. */
  const stall = (line: string): void => {
    waiting.push(line);
    if (waiting.length > 1) return;
    endings.add(
      every(stalledLookMs, () => {
        if (isSilent() || waiting.length === 0) return;
        const lines = waiting;
        waiting = [];
        lines.forEach(write);
      }),
    );
  };

  const isPlain = call.accepts.as === 'object' && resource.group !== 'events.k8s.io';
  const shown = (object: KubeObject): object => {
    const converted = fromStored(resource, object);
    if (call.accepts.as !== 'Table') return formOf(call, converted);
    const meta = { resourceVersion: object.metadata.resourceVersion ?? '' };
    const table = { version: call.accepts.metaVersion, include: call.query.get('includeObject'), withoutColumns: !wantsColumns };
    wantsColumns = false;
    return tableOf(resource, [converted], meta, table);
  };

  const stream: Stream = {
    get revision() {
      return revision;
    },
    start(from) {
      revision = from;
      startAnswer(response);
    },
    send: (type, { object }) => write(line(type, shown(object))),
    change(change) {
      const type = typeFor(change, options);
      if (type === undefined) return;
      // Most watchers get the same line: it is made once.
      if (isPlain && type === change.type) return write((change.line ??= line(type, change.stored.object)));
      const { object } = type === 'DELETED' && change.type !== 'DELETED' ? deselected(change) : change.stored;
      write(line(type, shown(object)));
    },
    bookmark(at, initialEventsEnd) {
      if (ended || !response.headersSent) return;
      const annotations = initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
      const object = { kind: resource.kind, apiVersion: groupVersion(resource), metadata: { resourceVersion: String(at), ...annotations } };
      if (call.accepts.as === 'Table') {
        const table = { version: call.accepts.metaVersion, include: 'Object', withoutColumns: !wantsColumns };
        wantsColumns = false;
        const bare = object as unknown as KubeObject;
        return write(line('BOOKMARK', { ...tableOf(resource, [], { resourceVersion: String(at) }, table), rows: [{ cells: [], object: bare }] }));
      }
      write(line('BOOKMARK', object));
    },
    fail(status) {
      if (ended) return;
      startAnswer(response);
      response.write(line('ERROR', status));
      end();
    },
    within: (promise) => Promise.race([promise, timedOut.promise]),
    onEnd(callback) {
      if (ended) callback();
      else endings.add(callback);
    },
    end,
  };
  return stream;
}

function startAnswer(response: ServerResponse): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(200, { 'Cache-Control': 'no-cache, private', 'Content-Type': 'application/json' });
  response.flushHeaders();
}

const contextDeadline = (): Status => new StatusError(500, 'InternalError', 'context deadline exceeded').status;

/** What a change is to a watch with a selector: what stops to match is gone for it. */
function typeFor({ type, stored, previous }: Change, options: ListOptions): Change['type'] | undefined {
  if (!options.selective) return type;
  const matched = previous !== undefined && options.selects(previous.object);
  if (type === 'DELETED') return matched ? 'DELETED' : undefined;
  const matches = options.selects(stored.object);
  if (matches) return matched ? 'MODIFIED' : 'ADDED';
  return matched ? 'DELETED' : undefined;
}

/** The last state that matched, with the revision of the change. */
function deselected({ previous, revision }: Change): Pick<Stored, 'object'> {
  const { object } = previous!;
  return { object: { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } } };
}

function line(type: EventType, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function every(ms: number, action: () => unknown): () => void {
  const timer = setInterval(action, ms);
  return () => clearInterval(timer);
}

function after(ms: number, action: () => unknown): () => void {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
}
