import type { RequestContext, ResponseContext } from '@kubernetes/client-node';
import type { Change } from '../changes.ts';
import { withDeadline, type Clock } from '../clock.ts';
import { clockAhead } from './kubernetes-clock.ts';
import { auditHeader, isChange, toldOf, type AuditId } from './kubernetes-change.ts';
import { loadKubeconfig, type KubernetesEnvironment } from './kubernetes-config.ts';
import { refusal, silence, wrongAnswer, type KubernetesCall } from './kubernetes-failure.ts';
import { readItems, type ItemsOptions } from './kubernetes-items.ts';
import { loadKubernetesLibrary } from './kubernetes-library.ts';
import type { Mask } from '../mask.ts';

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>;

export interface KubernetesRequest extends KubernetesCall {
  /** `GET` when left out. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root: `/api/v1/namespaces/shop/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** Sent as JSON. */
  readonly body?: object;
  /** Of the body; `application/json` when left out, and a patch must say which kind it is. */
  readonly contentType?: string;
  /** The form of the answer; plain JSON when left out. */
  readonly accept?: string;
  /** A probe's question that happens to be a write. There are many: it isn't told of as a change. */
  readonly isProbing?: true;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** In place of the usual one; milliseconds. */
  readonly deadlineMs?: number;
}

export interface RequestOptions extends CallOptions, ItemsOptions {
  /** Gets each of a list's items while it arrives; the answer may leave those out then. */
  readonly eachItem?: (item: unknown) => void;
}

/** The API server, one request at a time: no retries, no hidden waiting. */
export interface KubernetesConnection {
  readonly environment: KubernetesEnvironment;
  /** The API server's URL. */
  readonly server: string;
  /**
   * Makes one request and reads its JSON.
   *
   * @throws KubernetesFailure for a refusal, a broken connection, no answer in time; the signal's reason
   */
  request<T>(request: KubernetesRequest, options?: RequestOptions): Promise<T>;
  /**
   * The same for an answer that goes on, as a watch does: resolves with its bytes once the server has said yes. The
   * deadline is for that; afterwards only the signal ends it.
   */
  stream(request: KubernetesRequest, options?: CallOptions): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Runs a command in a container.
   *
   * @returns its exit code, and what it said
   * @throws KubernetesFailure when it could not be run at all
   */
  exec(target: ExecTarget, options?: CallOptions): Promise<ExecResult>;
  /** How far the API server's clock is ahead of this machine's, by its newest answer: milliseconds, 0 when that can't be told. */
  clockAheadMs(): number;
  close(): Promise<void>;
}

export interface ExecTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
}

export interface ExecResult {
  /** Undefined when the runtime could not start the command (its program is not in the image). */
  readonly exitCode: number | undefined;
  /** Standard output, standard error, and what the runtime said. */
  readonly output: string;
}

export interface KubernetesOptions {
  readonly userAgent: string;
  readonly clock: Clock;
  /** Hides the credentials that come up from what is said of them. */
  readonly mask: Mask;
  /** Told of each call that changes something, once its outcome is known. */
  changed(change: Change): void;
}

/** How long one call may take, in milliseconds, where nothing else is said. */
const usualDeadlineMs = 10_000;

/**
 * Loads the library and the kubeconfig. Requests go through the library's own authentication and transport, as raw JSON:
 * its typed calls drop query parameters beside a body, ignore signals, and turn ten thousand pods into classes.
 */
export async function openKubernetes(environment: KubernetesEnvironment, { userAgent, clock, mask, changed }: KubernetesOptions): Promise<KubernetesConnection> {
  const library = await loadKubernetesLibrary();
  const config = await loadKubeconfig(environment, library, mask);
  const transport = new library.IsomorphicFetchHttpLibrary();
  const { server } = config.getCurrentCluster()!;
  const closed = new AbortController();
  let dispatcher: Dispatcher | undefined;
  let aheadMs = 0;

  /** The library makes a new pool of connections for each request, so that none is ever used twice: the first is kept. */
  const authenticate = async (context: RequestContext): Promise<void> => {
    await config.applySecurityAuthentication(context);
    dispatcher ??= context.getDispatcher();
    if (dispatcher) context.setDispatcher(dispatcher);
  };

  const send = async ({ method = 'GET', path, query = {}, body, contentType = 'application/json', accept: form = 'application/json' }: KubernetesRequest, signal: AbortSignal, audit?: AuditId): Promise<ResponseContext> => {
    const url = new URL(`${server}${path}`);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
    const context = new library.RequestContext(url.href, library.HttpMethod[method]);
    context.setHeaderParam('Accept', form);
    context.setHeaderParam('User-Agent', userAgent);
    if (audit) context.setHeaderParam(auditHeader, audit.id);
    if (body !== undefined) {
      context.setHeaderParam('Content-Type', contentType);
      context.setBody(JSON.stringify(body));
    }
    await authenticate(context);
    context.setSignal(signal);
    const askedMs = clock.wall();
    const response = await transport.send(context).toPromise();
    aheadMs = clockAhead(response.headers['date'], askedMs, clock.wall());
    if (audit) audit.id = response.headers[auditHeader.toLowerCase()] ?? audit.id;
    return response;
  };

  const calling = async <T>(call: KubernetesCall, { signal, deadlineMs = usualDeadlineMs }: CallOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    let answer: T;
    try {
      answer = await withDeadline(clock, deadlineMs, 'Kubernetes', work, signal);
    } catch (error) {
      signal?.throwIfAborted();
      closed.signal.throwIfAborted();
      throw error instanceof Error && 'exitCode' in error ? error : silence(error, call, server);
    }
    return answer;
  };

  const accept = async (response: ResponseContext, call: KubernetesCall): Promise<ResponseContext> => {
    if (response.httpStatusCode < 300) return response;
    // Masked before it is cut: half a token is a secret as well.
    throw refusal(response.httpStatusCode, mask.text(await response.body.text()), call, environment.context, aheadMs);
  };

  return {
    environment,
    server,
    request: <T>(request: KubernetesRequest, { eachItem, head, unread, ...options }: RequestOptions = {}) => {
      const make = (audit?: AuditId): Promise<T> =>
        calling(request, options, async (signal) => {
          const response = await accept(await send(request, signal, audit), request);
          const body = eachItem && response.body.stream();
          const answer = body ? await readItems(body, eachItem, { head, unread }) : parsed(await response.body.text(), request, server);
          // All that the API says has a kind.
          if (typeof (answer as { kind?: unknown } | null)?.kind !== 'string') throw wrongAnswer('it has no kind', request, server);
          return answer as T;
        });
      return isChange(request) ? toldOf(request, { clock, changed }, make) : make();
    },
    async stream(request, options = {}) {
      // The body lives on after the deadline for the head is over, so it has a signal of its own.
      const ended = new AbortController();
      const signal = AbortSignal.any([ended.signal, closed.signal, ...(options.signal ? [options.signal] : [])]);
      try {
        const response = await calling(request, options, async () => accept(await send(request, signal), request));
        return bytesOf(response, request, server, signal);
      } catch (error) {
        ended.abort(error);
        throw error;
      }
    },
    exec: (target, options = {}) => {
      const call = { verb: 'create', resource: 'pods/exec', namespace: target.namespace, name: target.pod };
      return toldOf(call, { clock, changed }, (audit) =>
        calling(call, options, async (signal) => {
          const { runInContainer } = await import('./kubernetes-exec.ts');
          // The answer comes from the kubelet, which knows nothing of the id.
          const headers = { 'User-Agent': userAgent, [auditHeader]: audit.id };
          return runInContainer(config, { ...target, call, context: environment.context, headers, mask }, signal);
        }),
      );
    },
    clockAheadMs: () => aheadMs,
    async close() {
      closed.abort(new Error('the connection to Kubernetes is closed'));
      await dispatcher?.destroy();
    },
  };
}

/** Node's own error would quote the text around. */
function parsed(text: string, call: KubernetesCall, server: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) throw wrongAnswer('it is no JSON', call, server);
    throw error;
  }
}

async function* bytesOf(response: ResponseContext, call: KubernetesCall, server: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const body = response.body.stream();
  if (!body) return;
  try {
    yield* body;
  } catch (error) {
    signal.throwIfAborted();
    throw silence(error, call, server);
  }
}
