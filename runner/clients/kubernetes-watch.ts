import type { Clock } from '../clock.ts';
import type { Change, WatchedCollection, WatchedObject, WatchScope } from '../cluster-watch.ts';
import { messageOf } from '../errors.ts';
import { isAsNewAs, isNewer, type Snapshot } from './kubernetes-check.ts';
import type { KubernetesConnection, KubernetesRequest } from './kubernetes-connection.ts';
import { inFewWords, KubernetesFailure } from './kubernetes-failure.ts';
import { linesOf } from './kubernetes-lines.ts';
import { listAll, pathOf, queryOf, resources } from './kubernetes-list.ts';

/** The part of the API server that a watch needs. */
export type KubernetesApi = Pick<KubernetesConnection, 'request' | 'stream'>;

export interface WatchInput<T> {
  readonly api: KubernetesApi;
  readonly clock: Clock;
  readonly scope: WatchScope;
  /** Makes an object of the API small. */
  shrink(raw: never): T;
  /** A line for the journal. */
  note(text: string): void;
}

export interface OpenCollection<T extends WatchedObject> extends WatchedCollection<T> {
  close(): Promise<void>;
}

/** What one answer may hold. A collection with more is large: it is never listed a second time unless it must be. */
const pageSize = 500;
const openDeadlineMs = 5_000;
const checkDeadlineMs = 2_000;
const checksAtOnce = 3;
/** The server is asked to end each watch after this; one that doesn't is broken. Before that it sends a bookmark. */
const lastsMs = { small: 10_000, large: 4_000 };
const overdueMs = 2_000;
/**
 * A watch of a large collection that tells nothing is not believed: one stream for this long where bookmarks are known to
 * come, all of them together for longer.
 */
const silentMs = { stream: 3_500, all: 10_000, withoutBookmarks: 60_000 };
/** How long a watch may take to deliver what a list shows: waited for in these steps, then it has stalled. */
const graceMs = [0, 50, 150, 300];
/** A watch that is opened again begins with what it missed; of a large collection nobody can tell when that is over. */
const replayMs = 100;
const tickMs = 50;
const lateMs = 20;
const retry = { firstMs: 20, mostMs: 1_000 };
/** A watch that ended sooner than this was no good: it is opened again with more and more patience. */
const shortMs = 200;
const sayAgainMs = 60_000;

/** Names and versions are all that a check looks at. Servers that don't know it send whole objects. */
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

interface RawList {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly { readonly metadata: { readonly uid: string; readonly resourceVersion: string } }[];
}

interface RawEvent {
  readonly type: string;
  readonly object: { readonly metadata?: { readonly uid: string; readonly resourceVersion: string }; readonly code?: number; readonly message?: string };
}

/** The position has been forgotten by the server, or the watch is not believed any more: the list has to be asked. */
class ListAgain extends Error {}

/**
 * Lists a collection once, in pages, and follows it from there. A watch that ends goes on where it was; one whose place
 * is forgotten (410) begins with the list.
 *
 * Silence of a watch says nothing: it may have stalled. So an independent read confirms what it told, all the time: for
 * small collections by comparing all versions, for large ones by the server's answering and by bookmarks that must come.
 * What is not confirmed is in doubt; what turns out to have been missed makes it list again. The decision file is
 * `docs/decisions/silent-watches.md`.
 *
 * @throws KubernetesFailure when it can't be listed
 */
export async function watchCollection<T extends WatchedObject>(input: WatchInput<T>): Promise<OpenCollection<T>> {
  const watch = new CollectionWatch(input);
  await watch.start();
  return watch;
}

class CollectionWatch<T extends WatchedObject> implements OpenCollection<T> {
  readonly items = new Map<string, T>();
  readonly #input: WatchInput<T>;
  readonly #call: Pick<KubernetesRequest, 'resource' | 'namespace' | 'path'>;
  readonly #selector: Readonly<Record<string, string>>;
  readonly #closed = new AbortController();
  readonly #listeners = new Set<(change: Change<T>) => void>();
  readonly #waiting = new Set<() => void>();
  /** The newest resourceVersion that was told of. */
  #heard = '';
  #listAgain = false;
  /** Ends the stream that is open. */
  #stream: AbortController | undefined;
  #openedMs = 0;
  /** When something was told, a bookmark perhaps. */
  #heardMs = 0;
  #sendsBookmarks = false;
  #broken = false;
  /** The stream that is open has made up for what it missed. */
  #whole = false;
  #why = '';
  /** `items` are known to have been true then. */
  #confirmedMs: number | undefined;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #checking = 0;
  #checkWhy: string | undefined;
  /** How long a change may have been under way, from how long questions take. */
  #lagMs = 50;
  #tickedMs: number;
  /** When this process is known to have looked at its sockets. */
  #presentMs: number;
  #takeBackTick = (): void => {};
  #saidMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;

  constructor(input: WatchInput<T>) {
    const { collection: resource, namespace } = input.scope;
    this.#input = input;
    this.#call = { resource, namespace, path: pathOf(resources[resource], namespace) };
    this.#selector = queryOf(input.scope);
    this.#tickedMs = this.#presentMs = input.clock.now();
  }

  async start(): Promise<void> {
    await this.#list();
    this.#tick();
    this.#running = this.#run();
  }

  doubt(): string | undefined {
    const { resource } = this.#call;
    if (!this.#stream) return `the watch of ${resource} is interrupted${this.#why && `: ${this.#why}`}`;
    if (!this.#whole) return `the watch of ${resource} has not caught up`;
    if (this.#input.clock.now() - this.#confirmedMs! <= 2.5 * this.#checkEveryMs()) return undefined;
    return `the watch of ${resource} is silent, and the list does not answer${this.#checkWhy === undefined ? '' : `: ${this.#checkWhy}`}`;
  }

  async settled(signal: AbortSignal): Promise<void> {
    while (this.doubt() !== undefined) {
      signal.throwIfAborted();
      this.#closed.signal.throwIfAborted();
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      const abort = (): void => resolve();
      signal.addEventListener('abort', abort, { once: true });
      await promise;
      this.#waiting.delete(resolve);
      signal.removeEventListener('abort', abort);
    }
  }

  onChange(listener: (change: Change<T>) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error('the run ended'));
    this.#takeBackTick();
    this.#wake();
    await this.#running;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
  }

  #isLarge(): boolean {
    return this.items.size > pageSize;
  }

  #checkEveryMs(): number {
    return this.#isLarge() ? 1_000 : 1_000 + 2 * this.items.size;
  }

  async #run(): Promise<void> {
    const { clock } = this.#input;
    let failures = 0;
    while (!this.#closed.signal.aborted) {
      const startMs = clock.now();
      try {
        if (this.#listAgain) await this.#list();
        await this.#follow();
        this.#why = 'the server ended it';
        failures = clock.now() - startMs < shortMs ? failures + 1 : 0;
      } catch (error) {
        if (error instanceof ListAgain || isExpired(error)) this.#listAgain = true;
        this.#why = inFewWords(error);
        this.#broken = true;
        failures += 1;
      }
      await this.#nap(failures === 0 ? 0 : Math.min(retry.mostMs, retry.firstMs * 2 ** (failures - 1)));
    }
  }

  /** @returns false when all has ended meanwhile */
  async #nap(durationMs: number): Promise<boolean> {
    try {
      await this.#input.clock.sleep(durationMs, this.#closed.signal);
    } catch (error) {
      if (!this.#closed.signal.aborted) throw error;
    }
    return !this.#closed.signal.aborted;
  }

  /** All pages. What differs from what was known is told as changes. */
  async #list(): Promise<void> {
    const { api, clock, scope, shrink } = this.#input;
    const askedMs = clock.now();
    const { collection } = scope;
    const listed = await listAll(api, resources[collection], scope, shrink, { signal: this.#closed.signal });
    const found = new Map(listed.items.map((item) => [item.uid, item]));
    const first = this.#confirmedMs === undefined;
    const notYetMs = this.#confirmedMs ?? askedMs;
    const seenMs = clock.now();
    this.#heard = listed.resourceVersion;
    this.#heardMs = seenMs;
    this.#confirmedMs = askedMs;
    this.#listAgain = false;
    for (const before of [...this.items.values()]) {
      if (found.has(before.uid)) continue;
      this.items.delete(before.uid);
      this.#tell({ before, after: undefined, notYetMs, seenMs, live: false });
    }
    for (const after of found.values()) {
      const before = this.items.get(after.uid);
      this.items.set(after.uid, after);
      if (!first && before?.version !== after.version) this.#tell({ before, after, notYetMs, seenMs, live: false });
    }
  }

  /** One stream, from its opening to its end. */
  async #follow(): Promise<void> {
    const { api, clock } = this.#input;
    const stream = new AbortController();
    const query = {
      ...this.#selector,
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: this.#heard,
      timeoutSeconds: (this.#isLarge() ? lastsMs.large : lastsMs.small) / 1_000,
    };
    const signal = AbortSignal.any([stream.signal, this.#closed.signal]);
    const bytes = await api.stream({ ...this.#call, verb: 'watch', query }, { signal, deadlineMs: openDeadlineMs });
    this.#stream = stream;
    this.#openedMs = clock.now();
    // While nothing could be opened, nothing could be heard.
    if (this.#broken) this.#heardMs = this.#openedMs;
    this.#broken = false;
    this.#check();
    try {
      for await (const line of linesOf(bytes)) this.#hear(JSON.parse(line) as RawEvent);
    } finally {
      this.#stream = undefined;
      this.#whole = false;
    }
  }

  #hear({ type, object }: RawEvent): void {
    const { clock, shrink } = this.#input;
    if (type === 'ERROR') {
      if (object.code === 410) throw new ListAgain('the position is too old');
      throw new Error(object.message ?? 'the server reports an error');
    }
    const seenMs = clock.now();
    this.#heardMs = seenMs;
    const { resourceVersion, uid } = object.metadata!;
    if (isNewer(resourceVersion, this.#heard)) this.#heard = resourceVersion;
    if (type === 'BOOKMARK') {
      this.#sendsBookmarks = true;
      return;
    }
    const before = this.items.get(uid);
    const notYetMs = this.#notYetMs(seenMs);
    if (type === 'DELETED') {
      this.items.delete(uid);
      if (before) this.#tell({ before, after: undefined, notYetMs, seenMs, live: this.#whole });
      return;
    }
    const after = shrink(object as never);
    if (before && !isNewer(after.version, before.version)) return;
    this.items.set(uid, after);
    this.#tell({ before, after, notYetMs, seenMs, live: this.#whole });
  }

  /** As far back as a change that arrives now can have happened. */
  #notYetMs(seenMs: number): number {
    const confirmedMs = this.#confirmedMs!;
    if (!this.#whole) return Math.min(confirmedMs, seenMs);
    return Math.max(confirmedMs, Math.min(seenMs - this.#lagMs, this.#presentMs));
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        // One that fails must not end the watch for the others, and must not fail unheard.
        this.#input.note(`a change of ${this.#call.resource} could not be taken in: ${messageOf(error)}`);
      }
    }
  }

  #tick(): void {
    const { clock } = this.#input;
    const nowMs = clock.now();
    // After a standstill timers run before sockets are read: what is read now came while nobody looked.
    this.#presentMs = nowMs - this.#tickedMs > tickMs + lateMs ? this.#tickedMs : nowMs;
    this.#tickedMs = nowMs;
    const large = this.#isLarge();
    if (this.#stream && nowMs - this.#openedMs > (large ? lastsMs.large : lastsMs.small) + overdueMs) {
      this.#stream.abort(new Error('the server did not end it in time'));
    } else if (this.#stream && large && this.#isSilent(nowMs)) this.#distrust();
    if (nowMs - this.#checkedMs >= this.#checkEveryMs()) this.#check();
    this.#takeBackTick = clock.schedule(nowMs + tickMs, () => this.#tick());
  }

  #isSilent(nowMs: number): boolean {
    if (!this.#sendsBookmarks) return nowMs - this.#heardMs > silentMs.withoutBookmarks;
    return nowMs - this.#heardMs > silentMs.all || nowMs - Math.max(this.#heardMs, this.#openedMs) > silentMs.stream;
  }

  #check(): void {
    if (this.#checking >= checksAtOnce || this.#closed.signal.aborted) return;
    this.#checkedMs = this.#input.clock.now();
    this.#checking += 1;
    this.#compare().then(
      () => {
        this.#checking -= 1;
        this.#checkWhy = undefined;
        this.#wake();
      },
      (error: unknown) => {
        this.#checking -= 1;
        this.#checkWhy = inFewWords(error);
      },
    );
  }

  /** Asks the list, beside the watch, and waits until the watch has told all that the list shows. */
  async #compare(): Promise<void> {
    const { api, clock } = this.#input;
    const askedMs = clock.now();
    const stream = this.#stream;
    const large = this.#isLarge();
    const list = await api.request<RawList>(
      { ...this.#call, verb: 'list', query: { ...this.#selector, limit: large ? 1 : pageSize }, accept: metadataOnly },
      { signal: this.#closed.signal, deadlineMs: checkDeadlineMs },
    );
    this.#lagMs = clock.now() - askedMs;
    const snapshot: Snapshot = {
      version: list.metadata.resourceVersion,
      objects: list.items.map(({ metadata }) => ({ uid: metadata.uid, version: metadata.resourceVersion })),
      complete: !list.metadata.continue,
    };
    if (large && !this.#whole && !(await this.#nap(replayMs))) return;
    for (const napMs of graceMs) {
      if (napMs > 0 && !(await this.#nap(napMs))) return;
      if (!isAsNewAs(snapshot, this.items, this.#heard)) continue;
      this.#confirmedMs = Math.max(this.#confirmedMs!, askedMs);
      if (stream && stream === this.#stream) this.#whole = true;
      return;
    }
    if (stream && stream === this.#stream) this.#distrust();
  }

  #distrust(): void {
    const { clock, note, scope } = this.#input;
    const nowMs = clock.now();
    if (nowMs - this.#saidMs > sayAgainMs) {
      this.#saidMs = nowMs;
      const where = scope.namespace === undefined ? '' : ` in namespace ${scope.namespace}`;
      note(`the watch of ${scope.collection}${where} had stalled: it was open, and did not tell what the list shows; the list is asked again`);
    }
    this.#whole = false;
    this.#stream?.abort(new ListAgain('it had stalled'));
  }
}

function isExpired(error: unknown): boolean {
  return error instanceof KubernetesFailure && error.status === 410;
}
