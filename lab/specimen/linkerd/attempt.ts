import { request, type IncomingMessage } from 'node:http';
import type { Endpoint } from './endpoint.ts';

/** A request as it is sent to an endpoint. */
export interface Outgoing {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Where its body comes from; undefined when it has none. */
  readonly body: IncomingMessage | undefined;
}

/** Why there is no answer, in the words of metrics. */
export type Failure = 'refused' | 'unreachable' | 'connect_timeout' | 'attempt_timeout' | 'reset' | 'deadline' | 'cancelled';

export type Outcome =
  | { readonly answer: IncomingMessage }
  /** `sent`: the endpoint may have seen some of it. */
  | { readonly failure: Failure; readonly sent: boolean; readonly message: string };

/** How long one attempt may take. */
export interface AttemptTimeouts {
  readonly connectTimeoutMs: number;
  /** From the connection to the head of the answer; 0: as long as the request has. */
  readonly attemptTimeoutMs: number;
}

/** Why the signal ends a request. */
export class Ended extends Error {
  override readonly name = 'Ended';
  readonly failure: 'deadline' | 'cancelled';

  constructor(failure: 'deadline' | 'cancelled') {
    super(failure);
    this.failure = failure;
  }
}

/**
 * Sends a request to one endpoint. Nothing of it is sent, or taken from its client, before there is a connection.
 *
 * @param signal ends it, with an {@link Ended} as its reason; also after the answer has begun
 */
export function attempt(endpoint: Endpoint, { method, path, headers, body }: Outgoing, { connectTimeoutMs, attemptTimeoutMs }: AttemptTimeouts, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const { host, port, pool } = endpoint;
    let sent = false;
    const outgoing = request({ agent: pool, host, port, method, path, headers });
    let timer = setTimeout(() => outgoing.destroy(new AttemptTimeout(`no connection within ${connectTimeoutMs} ms`)), connectTimeoutMs);
    const stop = (): void => void outgoing.destroy(signal.reason as Error);
    const begin = (): void => {
      clearTimeout(timer);
      sent = true;
      if (attemptTimeoutMs > 0) timer = setTimeout(() => outgoing.destroy(new AttemptTimeout(`no answer within ${attemptTimeoutMs} ms`)), attemptTimeoutMs);
      if (body) body.pipe(outgoing);
      else outgoing.end();
    };
    signal.addEventListener('abort', stop, { once: true });
    outgoing.on('socket', (socket) => {
      socket.setNoDelay(true);
      if (socket.connecting) socket.once('connect', begin);
      else begin();
    });
    outgoing.on('response', (answer) => {
      clearTimeout(timer);
      resolve({ answer });
    });
    // After the answer has begun this is said by the answer as well.
    outgoing.on('error', (error) => resolve({ failure: failureOf(error, sent), sent, message: error.message }));
    outgoing.on('close', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    });
    if (signal.aborted) stop();
  });
}

class AttemptTimeout extends Error {
  override readonly name = 'AttemptTimeout';
}

function failureOf(error: Error, sent: boolean): Failure {
  if (error instanceof Ended) return error.failure;
  if (error instanceof AttemptTimeout) return sent ? 'attempt_timeout' : 'connect_timeout';
  if (sent) return 'reset';
  return 'code' in error && error.code === 'ECONNREFUSED' ? 'refused' : 'unreachable';
}
