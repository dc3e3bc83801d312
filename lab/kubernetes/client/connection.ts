import { Agent, request as httpsRequest } from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { ApiError, ConnectionError, type Status } from './api-error.ts';

export interface ConnectionOptions {
  /** Such as `https://10.200.1.30:6443`. */
  readonly server: string;
  readonly token: string;
  /** The certificate authority of the server, PEM. */
  readonly ca: string;
  /** What the server's log says who asked. */
  readonly userAgent?: string;
  /** How long an answer may take; 10 s unless told. Streams have no such limit. */
  readonly timeoutMs?: number;
}

export interface Call {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly timeoutMs?: number;
}

/** HTTPS to one API server: a bearer token, connections that are kept, JSON both ways. */
export interface Connection {
  /**
   * One request and its answer.
   *
   * @throws ApiError when the server says no, ConnectionError when there is no answer
   */
  call(call: Call): Promise<unknown>;
  /**
   * A request whose answer never ends. Gives the answer once its head has come.
   *
   * @throws as `call`
   */
  stream(path: string, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
}

const usualTimeoutMs = 10_000;

/** A peer that died without a word is found out by TCP itself: asked after this silence, given up 10 s later. */
const tcpKeepAliveMs = 5_000;

export function openConnection(options: ConnectionOptions): Connection {
  const { server, token, ca, userAgent = 'firedrill-lab', timeoutMs: patienceMs = usualTimeoutMs } = options;
  const agent = new Agent({ ca, keepAlive: true, keepAliveMsecs: tcpKeepAliveMs, maxFreeSockets: 4 });

  const send = ({ method, path, body, contentType }: Call): { outgoing: ClientRequest; what: string } => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const outgoing = httpsRequest(new URL(path, server), {
      method,
      agent,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        'user-agent': userAgent,
        ...(text === undefined ? {} : { 'content-type': contentType ?? 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
    });
    outgoing.on('socket', (socket) => socket.setKeepAlive(true, tcpKeepAliveMs).setNoDelay(true));
    outgoing.end(text);
    return { outgoing, what: `${method} ${path.split('?')[0]}` };
  };

  const once = (call: Call): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const { outgoing, what } = send(call);
      const timeoutMs = call.timeoutMs ?? patienceMs;
      const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(
          outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET'
            ? new StaleConnection(what, { cause: error })
            : new ConnectionError(`${what}: ${error.message}`, { cause: error }),
        );
      };
      outgoing.on('error', fail);
      outgoing.on('response', (response) => {
        response.on('error', fail);
        readJson(response).then((parsed) => {
          clearTimeout(timer);
          const code = response.statusCode ?? 0;
          if (code >= 200 && code < 300) resolve(parsed);
          else reject(new ApiError(what, code, statusOf(parsed)));
        }, fail);
      });
    });

  return {
    async call(call) {
      try {
        return await once(call);
      } catch (error) {
        // The server closed the kept connection just as it was taken again. What must not be done twice is left to the caller.
        if (error instanceof StaleConnection && call.method !== 'POST') return once(call);
        throw error;
      }
    },
    stream: (path, signal) =>
      new Promise((resolve, reject) => {
        const { outgoing, what } = send({ method: 'GET', path });
        const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${patienceMs} ms`)), patienceMs);
        const abort = (): void => void outgoing.destroy(new Error('closed'));
        signal.addEventListener('abort', abort, { once: true });
        outgoing.on('close', () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
        });
        outgoing.on('error', (error) => reject(new ConnectionError(`${what}: ${error.message}`, { cause: error })));
        outgoing.on('response', (response) => {
          clearTimeout(timer);
          const code = response.statusCode ?? 0;
          if (code === 200) return resolve(response);
          readJson(response).then((parsed) => reject(new ApiError(what, code, statusOf(parsed))), reject);
        });
        if (signal.aborted) abort();
      }),
    close: () => agent.destroy(),
  };
}

class StaleConnection extends ConnectionError {}

async function readJson(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { message: text.trim().slice(0, 200) };
  }
}

function statusOf(parsed: unknown): Status {
  return typeof parsed === 'object' && parsed !== null ? parsed : {};
}
