import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NoAnswer } from './mesh.ts';
import { refused, type Answer, type Asked, type Service } from './service.ts';

export interface ServeOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Who answers is told to whoever asks. */
  readonly pod: string;
  readonly version: string;
  readonly log: (line: string) => void;
}

export interface Served {
  readonly port: number;
  /**
   * Says that it isn't ready, goes on serving while that gets about, then takes no more and finishes what is under way.
   *
   * @param drainMs how long that takes to get about
   */
  end(drainMs: number): Promise<void>;
}

const mostBodyBytes = 65_536;
/** What is still under way after this time is cut off. */
const finishMs = 2_000;

/** Serves a service over HTTP, with `/healthz` beside it. */
export async function serve(service: Service, { host, port, pod, version, log }: ServeOptions): Promise<Served> {
  let draining = false;

  async function answerTo(incoming: IncomingMessage): Promise<Answer> {
    const body = await bodyOf(incoming);
    if (body === undefined) return refused(413, `a body has at most ${mostBodyBytes} bytes`);
    const { method = 'GET', url: path = '/', headers } = incoming;
    if (path === '/healthz') return draining ? refused(503, 'it ends') : { status: 200, body: { ready: true } };
    const segments = segmentsOf(path);
    if (!segments) return refused(400, `the path ${path} can't be read`);
    try {
      return await service({ method, path, segments, headers, body });
    } catch (error) {
      if (error instanceof NoAnswer) return refused(502, error.message);
      throw error;
    }
  }

  function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(`${JSON.stringify(body)}\n`);
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-served-by': pod,
      'x-version': version,
      ...headers,
      'content-length': bytes.length,
      ...(draining ? { connection: 'close' } : {}),
    });
    response.end(bytes);
  }

  // Longer than linkerd keeps a connection that waits: who closes first must not be the one who is sent something.
  const server = createServer({ keepAliveTimeout: 120_000 }, (incoming, response) => {
    answerTo(incoming).then(
      (answer) => send(response, answer),
      (error: unknown) => {
        log(error instanceof Error ? (error.stack ?? error.message) : String(error));
        if (!response.headersSent) send(response, refused(500, 'it failed'));
      },
    );
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async end(drainMs) {
      draining = true;
      await new Promise((resolve) => setTimeout(resolve, drainMs));
      const closed = once(server, 'close');
      server.close();
      const late = setTimeout(() => server.closeAllConnections(), finishMs);
      await closed;
      clearTimeout(late);
    },
  };
}

/** @returns undefined when it is too long */
async function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= mostBodyBytes) chunks.push(chunk);
  }
  return sizeBytes > mostBodyBytes ? undefined : Buffer.concat(chunks);
}

/** @returns undefined for a path that isn't well formed */
function segmentsOf(path: string): Asked['segments'] | undefined {
  try {
    return path.split('?')[0]!.split('/').filter(Boolean).map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
