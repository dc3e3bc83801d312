import { KubernetesFailure } from '../../runner/clients/kubernetes-failure.ts';
import type { KubernetesRequest } from '../../runner/clients/kubernetes-connection.ts';
import type { KubernetesApi } from '../../runner/clients/kubernetes-watch.ts';
import type { Clock } from '../../runner/clock.ts';

export interface RawObject {
  metadata: { uid: string; name: string; namespace?: string; resourceVersion: string } & Record<string, unknown>;
  [key: string]: unknown;
}

interface Event {
  readonly type: string;
  readonly revision: number;
  readonly resource: string;
  readonly object: unknown;
}

interface OpenStream {
  readonly request: KubernetesRequest;
  send(line: object): void;
  end(error?: Error): void;
}

/** An API server in memory that lists and watches as the real one does, and fails as a test tells it to. */
export class FakeKubernetesApi implements KubernetesApi {
  readonly requests: KubernetesRequest[] = [];
  readonly streams = new Set<OpenStream>();
  /** How long a request takes, in milliseconds. */
  tookMs = 4;
  /** Streams stay open and say nothing; lists are right. */
  stalled = false;
  /** The server does not keep its promise to end a watch. */
  endless = false;
  bookmarks = true;
  /** How far its clock is ahead of the harness's, in milliseconds. */
  aheadMs = 0;
  /** Requests fail with this while it is set; those under way stay. */
  down: Error | undefined;
  readonly #clock: Clock;
  readonly #objects = new Map<string, { resource: string; object: RawObject }>();
  readonly #events: Event[] = [];
  #revision = 100;
  #forgottenUpTo = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  clockAheadMs(): number {
    return this.aheadMs;
  }

  lists(resource?: string): KubernetesRequest[] {
    return this.requests.filter((one) => one.verb === 'list' && (resource === undefined || one.resource === resource));
  }

  /** Creates or changes an object. */
  put(resource: string, object: { metadata: { name: string; namespace?: string; uid?: string } & Record<string, unknown> } & Record<string, unknown>): void {
    const uid = object.metadata.uid ?? `uid-${object.metadata.name}`;
    this.#revision += 1;
    const stored: RawObject = { ...object, metadata: { namespace: 'shop', ...object.metadata, uid, resourceVersion: String(this.#revision) } };
    const type = this.#objects.has(uid) ? 'MODIFIED' : 'ADDED';
    this.#objects.set(uid, { resource, object: stored });
    this.#publish({ type, resource, revision: this.#revision, object: stored });
  }

  remove(uid: string): void {
    const gone = this.#objects.get(uid);
    if (!gone) throw new Error(`there is no ${uid}`);
    this.#objects.delete(uid);
    this.#revision += 1;
    const object = { ...gone.object, metadata: { ...gone.object.metadata, resourceVersion: String(this.#revision) } };
    this.#publish({ type: 'DELETED', resource: gone.resource, revision: this.#revision, object });
  }

  /** Positions up to now are forgotten. */
  compact(): void {
    this.#forgottenUpTo = this.#revision;
  }

  /** Ends all streams, cleanly or not. */
  endStreams(error?: Error): void {
    for (const stream of this.streams) stream.end(error);
  }

  #publish(event: Event): void {
    this.#events.push(event);
    if (this.stalled) return;
    for (const stream of this.streams) if (stream.request.resource === event.resource) stream.send(event);
  }

  async request<T>(request: KubernetesRequest, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<T> {
    this.requests.push(request);
    await this.#clock.sleep(this.tookMs, signal);
    if (this.down) throw this.down;
    const all = [...this.#objects.values()].filter(({ resource, object }) => resource === request.resource && (request.namespace === undefined || object.metadata.namespace === request.namespace));
    const from = Number(request.query?.['continue'] ?? 0);
    const limit = Number(request.query?.['limit'] ?? all.length);
    const more = from + limit < all.length;
    return {
      metadata: { resourceVersion: String(this.#revision), ...(more ? { continue: String(from + limit) } : {}) },
      items: all.slice(from, from + limit).map(({ object }) => object),
    } as T;
  }

  async stream(request: KubernetesRequest, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<AsyncIterable<Uint8Array>> {
    this.requests.push(request);
    await this.#clock.sleep(this.tookMs, signal);
    if (this.down) throw this.down;
    const from = Number(request.query?.['resourceVersion']);
    const queue: Uint8Array[] = [];
    let ended = false;
    let error: Error | undefined;
    let ring = (): void => {};
    const stream: OpenStream = {
      request,
      send(line) {
        queue.push(Buffer.from(`${JSON.stringify(line)}\n`));
        ring();
      },
      end: (why) => {
        ended = true;
        error = why;
        this.streams.delete(stream);
        ring();
      },
    };
    signal?.addEventListener('abort', () => stream.end(signal.reason as Error), { once: true });
    this.streams.add(stream);
    if (from < this.#forgottenUpTo) {
      stream.send({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: `too old resource version: ${from}` } });
      stream.end();
    } else if (!this.stalled) {
      for (const event of this.#events) if (event.revision > from && event.resource === request.resource) stream.send(event);
    }
    const lastsMs = Number(request.query?.['timeoutSeconds'] ?? 1_800) * 1_000;
    const nowMs = this.#clock.now();
    this.#clock.schedule(nowMs + lastsMs - 2_000, () => {
      if (!this.stalled && this.bookmarks && this.streams.has(stream)) stream.send({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(this.#revision) } } });
    });
    this.#clock.schedule(nowMs + lastsMs, () => {
      if (!this.endless) stream.end();
    });
    return (async function* () {
      for (;;) {
        const next = queue.shift();
        if (next) yield next;
        else if (ended && error) throw error;
        else if (ended) return;
        else await new Promise<void>((resolve) => (ring = resolve));
      }
    })();
  }
}

/** As the client says it when nobody answers. */
export function refused(): KubernetesFailure {
  return new KubernetesFailure("list pods: https://api can't be reached (ECONNREFUSED)", { status: 0, reason: '', exitCode: 4 });
}

export interface PodSays {
  readonly uid?: string;
  readonly ready?: boolean;
  readonly node?: string | undefined;
  readonly started?: boolean;
  readonly phase?: string;
  readonly terminating?: boolean;
  readonly owner?: string;
  readonly labels?: Record<string, string>;
  readonly namespace?: string;
}

/** A pod of Deployment `web`, ready on `node-1` unless said otherwise. */
export function rawPod(name: string, { uid = `uid-${name}`, ready = true, node = 'node-1', started = ready, phase = 'Running', terminating, owner, labels, namespace }: PodSays = {}) {
  const hash = '7cd44c8fd8';
  return {
    metadata: {
      name,
      uid,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { app: 'web', 'pod-template-hash': hash, ...labels },
      ownerReferences: [{ controller: true, kind: owner?.split('/')[0] ?? 'ReplicaSet', name: owner?.split('/')[1] ?? `web-${hash}`, uid: 'owner' }],
      ...(terminating ? { deletionTimestamp: '2026-11-23T01:42:37Z' } : {}),
    },
    spec: { ...(node === '' ? {} : { nodeName: node }), containers: [{ name: 'app' }] },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'app', restartCount: 0, state: started ? { running: {} } : { waiting: {} } }],
    },
  };
}
