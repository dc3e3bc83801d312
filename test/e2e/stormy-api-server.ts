import { request as httpsRequest } from 'node:https';
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createClusterCertificates } from '../../lab/kubernetes/api/tls.ts';
import type { LocalApiServer } from './local-api-server.ts';

/** What the way to an API server does to a request in its stead; false when it lets it pass. */
export type Weather = (response: ServerResponse, request: IncomingMessage) => Promise<boolean> | boolean;

export const weathers = {
  throttled(response) {
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: 'too many requests, please try again later', reason: 'TooManyRequests', code: 429 };
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '1' }).end(JSON.stringify(status));
    return true;
  },
  async slow() {
    await wait(2_500);
    return false;
  },
  gone(response) {
    response.destroy();
    return true;
  },
  'wrong answers'(response) {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Back soon</body></html>');
    return true;
  },
} as const satisfies Record<string, Weather>;

/** The same API server, on the way to which there is weather. */
export interface StormyApiServer {
  readonly url: string;
  readonly ca: string;
  /** How many requests had this weather. */
  readonly met: number;
  /** From now on, for requests that are meant. */
  change(weather: Weather | undefined, isMeant?: (request: IncomingMessage) => boolean): void;
  close(): Promise<void>;
}

export async function startStormyApiServer(behind: Pick<LocalApiServer, 'url' | 'ca'>): Promise<StormyApiServer> {
  const { ca, cert, key } = await createClusterCertificates(['127.0.0.1']);
  let weather: Weather | undefined;
  let isMeant = (_request: IncomingMessage): boolean => true;
  let met = 0;
  const server = createServer({ cert, key }, (request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca,
    get met() {
      return met;
    },
    change(next, meant = () => true) {
      weather = next;
      isMeant = meant;
      met = 0;
    },
    async close() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (weather && isMeant(request)) {
      met += 1;
      if (await weather(response, request)) return void request.resume();
    }
    const { method, url, headers } = request;
    const onward = httpsRequest(`${behind.url}${url}`, { method, headers, ca: behind.ca }, (answered) => {
      response.writeHead(answered.statusCode!, answered.headers);
      // A watch's head goes on its way before there is anything to tell.
      response.flushHeaders();
      answered.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }
}
