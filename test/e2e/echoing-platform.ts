import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** A platform that refuses whatever it is asked, and says aloud what it was told: the worst that could happen to a secret. */
export interface EchoingPlatform {
  /** AWS, the Kubernetes API and what hands out credentials to containers, in one. */
  readonly http: string;
  /** etcd, which takes any password and then refuses. */
  readonly etcd: string;
  /** Says this as well from now on, in each of the ways in which platforms write. */
  repeats(secret: string, token?: string): void;
  close(): Promise<void>;
}

/** Where a container gets its credentials from. */
export const credentialsPath = '/credentials';

export async function startEchoingPlatform(): Promise<EchoingPlatform> {
  let secret = '';
  let token = '';
  const said = (): string => [secret, token].map((text) => `${text} ${encodeURIComponent(text)} ${JSON.stringify(text)} ${Buffer.from(text).toString('base64')}`).join(' ');
  const http = createServer((request, response) => {
    const answer = answerTo(request, { said: said(), token });
    response.writeHead(answer.status, { 'content-type': answer.type, 'x-amzn-requestid': 'echo' }).end(answer.body);
  });
  const etcd = createHttp2Server();
  etcd.on('stream', (stream, headers) => {
    const authenticates = String(headers[':path']).endsWith('/Authenticate');
    const message = encodeURIComponent(`refused ${String(headers.authorization ?? headers.token ?? '')} ${said()}`);
    const head = { ':status': 200, 'content-type': 'application/grpc' };
    if (!authenticates) return stream.respond({ ...head, 'grpc-status': '7', 'grpc-message': message }, { endStream: true });
    stream.respond(head, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    return stream.end(authenticated(token || 'a-token-that-nobody-knows'));
  });
  const ports = await Promise.all(
    [http, etcd].map(async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    }),
  );
  return {
    http: `http://127.0.0.1:${ports[0]}`,
    etcd: `http://127.0.0.1:${ports[1]}`,
    repeats(next, nextToken = '') {
      secret = next;
      token = nextToken;
    },
    async close() {
      http.closeAllConnections();
      http.close();
      etcd.close();
    },
  };
}

function answerTo({ url = '', headers }: IncomingMessage, { said, token }: { said: string; token: string }): { status: number; type: string; body: string } {
  const all = `${said} ${JSON.stringify(headers)}`;
  if (url.startsWith(credentialsPath)) {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    return { status: 200, type: 'application/json', body: JSON.stringify({ AccessKeyId: 'AKIACONTAINER', SecretAccessKey: 'a-key-of-the-container', Token: token, Expiration: soon }) };
  }
  if (/^\/(api|apis|version|openapi)\b/.test(url)) {
    const status = { apiVersion: 'v1', kind: 'Status', status: 'Failure', code: 403, reason: 'Forbidden', message: `refused: ${all}` };
    return { status: 403, type: 'application/json', body: JSON.stringify(status) };
  }
  const text = all.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  return { status: 403, type: 'text/xml', body: `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>refused: ${text}</Message></Error><RequestId>echo</RequestId></ErrorResponse>` };
}

/** An AuthenticateResponse (field 2: the token) as gRPC frames it. */
function authenticated(token: string): Buffer {
  const text = Buffer.from(token);
  const message = Buffer.concat([Buffer.from([0x12, text.length]), text]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
