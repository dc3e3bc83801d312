import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';

/** One path of the control API: gets the question's parameters, gives what is sent back as JSON. */
export type ControlRoute = (params: URLSearchParams) => unknown;
/** A path that writes lines as they come: looks at the question, then gives what writes, until it returns or the asker is gone. */
export type ControlStream = (params: URLSearchParams) => (write: (text: string) => void, gone: AbortSignal) => Promise<void>;

export interface ControlApi {
  readonly routes: Readonly<Record<string, ControlRoute>>;
  readonly streams: Readonly<Record<string, ControlStream>>;
}

/** A failure that the asker caused: sent back with its code and words. */
export class ControlError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Serves the lab's control API on a socket in its folder, so that file permissions say who may use it. */
export async function serveControl(socket: string, api: ControlApi): Promise<void> {
  const server = createServer((request, response) => {
    answer(request, response, api).catch((error: unknown) => {
      const code = error instanceof ControlError ? error.code : 'defect';
      if (!response.headersSent) response.writeHead(error instanceof ControlError ? 400 : 500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ code, message: error instanceof Error ? error.message : String(error) }));
    });
  });
  server.listen(socket);
  await once(server, 'listening');
}

async function answer(request: IncomingMessage, response: ServerResponse, api: ControlApi): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://lab');
  const stream = api.streams[url.pathname];
  if (stream) {
    const run = stream(url.searchParams);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    response.flushHeaders();
    await run((text) => response.write(text), gone.signal);
    response.end();
    return;
  }
  const route = api.routes[url.pathname];
  if (!route) throw new ControlError('unknown-path', `the lab has no ${url.pathname}`);
  const body = JSON.stringify((await route(url.searchParams)) ?? {});
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}
