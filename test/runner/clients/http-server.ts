import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A server on loopback that keeps what was asked. */
export interface TestServer {
  readonly port: number;
  /** `GET /x HTTP/1.1` and the headers, as they came. */
  readonly requests: { readonly line: string; readonly headers: IncomingMessage['headers']; readonly body: string }[];
  readonly connections: Set<Socket>;
  close(): Promise<void>;
}

/** @param tls key and certificate, PEM; plain HTTP when left out */
export async function startServer(answer: RequestListener, tls?: { readonly key: string; readonly cert: string }): Promise<TestServer> {
  const requests: TestServer['requests'] = [];
  const connections = new Set<Socket>();
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      requests.push({ line: `${request.method} ${request.url} HTTP/${request.httpVersion}`, headers: request.headers, body });
      answer(request, response);
    });
  };
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.on('connection', (socket: Socket) => connections.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
