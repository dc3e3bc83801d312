import { request as httpsRequest } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** JSON, read; the text of anything else. */
  // What it is, is what the tests find out.
  readonly body: ReturnType<JSON['parse']>;
}

export interface ApiRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes and text are sent as they are, all else as JSON. */
  readonly body?: unknown;
  /** Given up after this long: status 0. */
  readonly withinMs?: number;
}

/** Sends one request to an API server as it is, without a client's help. */
export function send(server: { readonly url: string; readonly ca: string }, token: string | undefined, wanted: ApiRequest): Promise<ApiAnswer> {
  const { body, path, method = 'GET', withinMs = 90_000 } = wanted;
  const text = body === undefined || body === null ? undefined : typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(text === undefined ? {} : { 'Content-Length': Buffer.byteLength(text) }),
      ...wanted.headers,
    };
    const call = httpsRequest(`${server.url}${path}`, { method, ca: server.ca, agent: false, headers });
    const timer = setTimeout(() => {
      resolve({ status: 0, headers: {}, body: null });
      call.destroy();
    }, withinMs);
    call.on('error', reject);
    call.on('response', (response) => {
      let received = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
      response.on('error', reject);
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: read(received) });
      });
    });
    call.end(text);
  });
}

function read(text: string): ApiAnswer['body'] {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
