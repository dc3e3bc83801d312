import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { attempt, Ended, type AttemptTimeouts, type Outgoing, type Outcome } from './attempt.ts';
import type { Balancer } from './balancer.ts';
import { deadlineHeader, deadlineOf } from './deadline.ts';
import { logicalName, targetOf, type Target } from './destination.ts';
import type { Directory } from './directory.ts';
import type { Endpoint } from './endpoint.ts';
import { headersForNextHop } from './headers.ts';
import type { Metrics } from './metrics.ts';
import { createRetryBudget, type RetryBudget, type RetryBudgetOptions } from './retry-budget.ts';
import { traceHeaders } from './trace.ts';

export interface ProxyOptions extends AttemptTimeouts {
  readonly directory: Directory;
  readonly metrics: Metrics;
  /** Where services are that are named without a namespace. */
  readonly namespace: string;
  readonly budget: RetryBudgetOptions;
  /** What a request has from its arrival to the end of its answer, when its deadline isn't earlier. */
  readonly totalTimeoutMs: number;
  /** Whether the sabotage is on that takes retries away. */
  readonly isWithoutRetries: () => boolean;
  /** How long a request for a service is held back before it is sent, in milliseconds. */
  readonly delayOf: (service: string) => number;
}

/** What may be sent twice: as with linkerd's `io.l5d.http.retryableRead5XX`. */
const reads = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
/** However much budget there is. */
const mostAttempts = 6;
const rt = 'outgoing';

/** The proxy's server: it takes requests of services of this node and sends each to an endpoint of the service that it names. */
export function createProxy(options: ProxyOptions): Server {
  const budgets = new Map<string, RetryBudget>();
  const budgetOf = (service: string): RetryBudget => {
    const budget = budgets.get(service) ?? createRetryBudget(options.budget);
    budgets.set(service, budget);
    return budget;
  };

  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (incoming, response) => {
    options.metrics.count('rt:server:requests', { rt });
    if (!server.listening) response.setHeader('connection', 'close');
    const target = targetOf(incoming.url ?? '', incoming.headers.host, options.namespace);
    if (!target) return refuse(response, 400, `no service is named by ${JSON.stringify(incoming.headers.host ?? incoming.url)}`);
    const balancer = options.directory.balancerOf(target.destination);
    if (balancer.endpoints.length === 0) {
      options.metrics.count('rt:server:no_hosts', { rt });
      return refuse(response, 502, `No hosts are available for ${logicalName(target.destination)}`);
    }
    const service = `${target.destination.service}.${target.destination.namespace}`;
    route({ incoming, response, target, balancer, service, budget: budgetOf(service), options }).catch((error: unknown) => response.destroy(error as Error));
  });
  return server;
}

interface Routing {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: Target;
  readonly balancer: Balancer;
  /** Its name in metrics. */
  readonly service: string;
  readonly budget: RetryBudget;
  readonly options: ProxyOptions;
}

/** Sends a request until it has an answer that its client may have, and gives that to the client. */
async function route(routing: Routing): Promise<void> {
  const { incoming, response, target, balancer, service, budget, options } = routing;
  const { metrics } = options;
  const startedMs = performance.now();
  const { leftMs, header } = deadlineOf(firstOf(incoming.headers[deadlineHeader]), Date.now(), options.totalTimeoutMs);
  const ending = new AbortController();
  const deadline = setTimeout(() => ending.abort(new Ended('deadline')), leftMs);
  response.on('close', () => {
    clearTimeout(deadline);
    if (!response.writableFinished) ending.abort(new Ended('cancelled'));
    metrics.observe('rt:service:request_latency_ms', performance.now() - startedMs, { rt, service });
  });
  metrics.count('rt:service:requests', { rt, service });
  budget.deposit(startedMs);
  const delayMs = options.delayOf(service);
  if (delayMs > 0) await Promise.race([wait(delayMs), once(ending.signal, 'abort')]);

  const outgoing = outgoingOf(incoming, target, header);
  const mayRepeat = reads.has(outgoing.method) && outgoing.body === undefined;
  const tried = new Set<Endpoint>();
  for (let attempts = 1; ; attempts++) {
    const endpoint = balancer.pick(tried, performance.now());
    if (!endpoint) return refuse(response, 502, `No hosts are available for ${logicalName(target.destination)}`);
    tried.add(endpoint);
    const outcome = await ask(endpoint, outgoing, options, ending.signal);
    const isSafe = 'failure' in outcome ? !outcome.sent || mayRepeat : mayRepeat;
    const isGood = 'answer' in outcome && outcome.answer.statusCode! < 500;
    if (!isGood && isSafe && !ending.signal.aborted && attempts < mostAttempts && maySpend(routing)) {
      metrics.count('rt:service:retries:total', { rt, service });
      if ('answer' in outcome) outcome.answer.resume();
      endpoint.load--;
      continue;
    }
    whenClosed(response, () => endpoint.load--);
    if ('answer' in outcome) return pass(outcome.answer, routing, endpoint);
    metrics.count('rt:service:failures', { rt, service, exception: outcome.failure });
    if (outcome.failure === 'cancelled') return;
    if (outcome.failure === 'deadline' || outcome.failure === 'attempt_timeout') return refuse(response, 504, `${logicalName(target.destination)} did not answer in time`);
    return refuse(response, 502, `${logicalName(target.destination)} at ${endpoint.address}: ${outcome.message}`, !outcome.sent);
  }
}

function maySpend({ budget, service, options }: Routing): boolean {
  if (options.isWithoutRetries()) return false;
  if (budget.withdraw(performance.now())) return true;
  options.metrics.count('rt:service:retries:budget_exhausted', { rt, service });
  return false;
}

/** Asks an endpoint once. Its load stays counted. What the answer says of it is told to its circuit breaker. */
async function ask(endpoint: Endpoint, outgoing: Outgoing, options: ProxyOptions, signal: AbortSignal): Promise<Outcome> {
  const { metrics } = options;
  const { accrual, address } = endpoint;
  accrual.begin(performance.now());
  endpoint.load++;
  const outcome = await attempt(endpoint, outgoing, options, signal);
  if ('answer' in outcome) {
    const { statusCode = 0 } = outcome.answer;
    metrics.count('rt:client:status', { rt, endpoint: address, status: String(statusCode) });
    if (statusCode < 500) accrual.succeeded();
    else accrual.failed(performance.now());
    return outcome;
  }
  metrics.count('rt:client:failures', { rt, endpoint: address, exception: outcome.failure });
  if (outcome.failure === 'cancelled') accrual.abandoned();
  else accrual.failed(performance.now());
  return outcome;
}

/** Gives an answer to the client. One that breaks off breaks the client's connection: half an answer must not look whole. */
function pass(answer: IncomingMessage, { response, service, options: { metrics } }: Routing, { accrual }: Endpoint): void {
  const { statusCode = 502, statusMessage = '' } = answer;
  metrics.count(statusCode < 500 ? 'rt:service:success' : 'rt:service:failures', { rt, service, ...(statusCode < 500 ? {} : { exception: 'status_5xx' }) });
  response.writeHead(statusCode, statusMessage, headersForNextHop(answer.rawHeaders, answer.headers));
  pipeline(answer, response, (error) => {
    // When the client has gone, nothing is said of the endpoint.
    if (!error || !answer.errored) return;
    metrics.count('rt:service:failures', { rt, service, exception: 'broken_off' });
    accrual.failed(performance.now());
  });
}

function outgoingOf(incoming: IncomingMessage, { authority, path, destination }: Target, deadline: string): Outgoing {
  const { headers, rawHeaders, method = 'GET' } = incoming;
  const isChunked = headers['transfer-encoding'] !== undefined;
  const hasBody = isChunked || Number(headers['content-length'] ?? 0) > 0;
  const added = {
    host: authority,
    [deadlineHeader]: deadline,
    ...traceHeaders(headers),
    'l5d-dst-service': logicalName(destination),
    via: `${headers.via === undefined ? '' : `${headers.via}, `}1.1 linkerd`,
    ...(isChunked ? { 'transfer-encoding': 'chunked' } : {}),
  };
  const kept = headersForNextHop(rawHeaders, headers, Object.keys(added));
  return { method, path, headers: [...kept, ...Object.entries(added).flat()], body: hasBody ? incoming : undefined };
}

/** An answer of the proxy's own, which says so in `l5d-err`. */
function refuse(response: ServerResponse, status: number, why: string, retryable = false): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const text = `${why}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain',
    'content-length': Buffer.byteLength(text),
    'l5d-err': encodeURIComponent(why),
    ...(retryable ? { 'l5d-retryable': 'true' } : {}),
  });
  response.end(text);
}

/** Also when that has been already. */
function whenClosed(response: ServerResponse, action: () => void): void {
  if (response.closed) action();
  else response.once('close', action);
}

const firstOf = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
