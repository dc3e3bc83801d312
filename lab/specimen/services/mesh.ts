import { Agent, request, type IncomingHttpHeaders } from 'node:http';

export interface MeshAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface MeshCall {
  readonly method?: string;
  readonly path: string;
  /** Those of the request that it is made for: what says whose it is goes on. */
  readonly context: IncomingHttpHeaders;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
}

/** The way to the other services: through the linkerd of the own node, and no other. */
export interface Mesh {
  /** @throws NoAnswer when linkerd can't be reached, or breaks off */
  call(service: string, call: MeshCall): Promise<MeshAnswer>;
  close(): void;
}

/** The service, or the way to it, did not answer. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** What has to go from hop to hop: deadline and trace. */
const isContext = (name: string): boolean => name.startsWith('l5d-ctx-') || name.startsWith('x-b3-') || name === 'traceparent' || name === 'tracestate';

/** Longer than linkerd takes to give up: its answer says more. */
const timeoutMs = 12_000;

/** @param proxy the address and port of linkerd */
export function createMesh(proxy: { readonly host: string; readonly port: number }): Mesh {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 32, timeout: 30_000, scheduling: 'lifo' });
  return {
    call: (service, { method = 'GET', path, context, headers = {}, body }) =>
      new Promise((resolve, reject) => {
        const fail = (error: Error): void => reject(new NoAnswer(`${service}: ${error.message}`, { cause: error }));
        const passed = Object.entries(context).flatMap(([name, value]) => (isContext(name) && typeof value === 'string' ? [[name, value] as const] : []));
        const length = body === undefined || body.length === 0 ? {} : { 'content-length': String(body.length) };
        const outgoing = request(
          { agent, ...proxy, method, path: `http://${service}${path}`, signal: AbortSignal.timeout(timeoutMs), headers: { host: service, ...Object.fromEntries(passed), ...headers, ...length } },
          (answer) => {
            const chunks: Buffer[] = [];
            answer.on('data', (chunk: Buffer) => chunks.push(chunk));
            answer.on('end', () => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(chunks) }));
            answer.on('error', fail);
          },
        );
        outgoing.on('error', fail);
        outgoing.end(body);
      }),
    close: () => agent.destroy(),
  };
}
