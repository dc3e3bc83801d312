import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { wallPage, wallPolicy } from '../../reports/wall/page.ts';
import { wallScript } from '../../reports/wall/script.ts';
import { wallStyle } from '../../reports/wall/style.ts';
import { ExpectedError, messageOf } from '../../runner/errors.ts';

export type WallEvent = 'now' | 'picture';

/** The live page, served on this machine's loopback alone. */
export interface WallServer {
  readonly port: number;
  /** Sends the newest state to all who watch. One who is slow gets it when it can take it, and nothing of what was between. */
  send(event: WallEvent, data: string): void;
  close(): Promise<void>;
}

export interface WallServerOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** Whoever knows it may stop the run. */
  readonly token: string;
  /** Asks the run to stop; returns what the one who asked is told. */
  stop(): string;
}

const mostWatchers = 200;
/** How soon a browser that lost its connection comes again, in milliseconds. */
const retryMs = 1_000;

interface Watcher {
  readonly response: ServerResponse;
  /** What it has not got, as it was still busy with what came before. */
  readonly stale: Set<WallEvent>;
}

/** @throws ExpectedError when the port can't be had */
export async function serveWall({ port, token, stop }: WallServerOptions): Promise<WallServer> {
  const newest = new Map<WallEvent, string>();
  const watchers = new Set<Watcher>();

  const give = (watcher: Watcher, event: WallEvent): void => {
    const data = newest.get(event);
    if (data === undefined) return;
    // Never more than one message waits in this process for a watcher.
    if (watcher.response.writableNeedDrain) watcher.stale.add(event);
    else watcher.response.write(`event: ${event}\ndata: ${data}\n\n`);
  };
  const watch = (response: ServerResponse): void => {
    if (watchers.size >= mostWatchers) return answer(response, 503, 'too many are watching');
    const watcher: Watcher = { response, stale: new Set() };
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
    response.write(`retry: ${retryMs}\n\n`);
    response.on('drain', () => {
      const missed = [...watcher.stale];
      watcher.stale.clear();
      for (const event of missed) give(watcher, event);
    });
    response.on('close', () => watchers.delete(watcher));
    response.on('error', () => watchers.delete(watcher));
    watchers.add(watcher);
    for (const event of newest.keys()) give(watcher, event);
  };

  const server = createServer((request, response) => {
    request.resume();
    const why = whyRefused(request, (server.address() as AddressInfo).port);
    if (why !== undefined) return answer(response, 403, why);
    const { method = '', url = '' } = request;
    if (url === '/stop') {
      if (method !== 'POST') return answer(response, 405, 'to stop a run, POST with the token');
      if (!isToken(request.headers['x-firedrill-token'], token)) return answer(response, 401, 'not asked: that is not the token, which firedrill watch has printed on its terminal');
      return answer(response, 202, stop());
    }
    if (method !== 'GET') return answer(response, 405, 'this can only be read');
    if (url === '/events') return watch(response);
    const file = files[url];
    return file ? answer(response, 200, file.text, file.type) : answer(response, 404, 'there is nothing here');
  });
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new ExpectedError(`--serve ${port}: ${messageOf(error)}; give another port, or 0 for any`);
  }
  return {
    port: (server.address() as AddressInfo).port,
    send(event, data) {
      newest.set(event, data);
      for (const watcher of watchers) give(watcher, event);
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const files: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  '/': { type: 'text/html', text: wallPage() },
  '/wall.css': { type: 'text/css', text: wallStyle },
  '/wall.js': { type: 'text/javascript', text: wallScript },
};

const headers = {
  'content-security-policy': wallPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response.writeHead(status, { ...headers, 'content-type': `${type}; charset=utf-8` }).end(text);
}

/**
 * A name that was made to point at this machine (DNS rebinding) comes with a Host of its own; a page of somebody else's that
 * sends a request here comes with its Origin.
 */
function whyRefused({ headers: { host, origin, 'sec-fetch-site': site } }: IncomingMessage, port: number): string | undefined {
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (host === undefined || !own.includes(host)) return 'this page is at 127.0.0.1 or localhost, and goes by no other name';
  if (origin !== undefined && origin !== `http://${host}`) return 'another page may not ask here';
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'another page may not ask here';
  return undefined;
}

/** In a time that says nothing of how much of it was right. */
function isToken(given: string | string[] | undefined, token: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return typeof given === 'string' && timingSafeEqual(hash(given), hash(token));
}
