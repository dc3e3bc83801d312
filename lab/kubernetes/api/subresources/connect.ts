import { request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { beginTrace, endTrace, type Trace } from '../audit/trace.ts';
import { authorize } from '../auth/authorize.ts';
import { impersonated } from '../auth/impersonate.ts';
import type { Api, Handler } from '../call.ts';
import { badRequest, methodNotAllowed, noSuchResource, StatusError } from '../errors.ts';
import { readRequest } from '../request.ts';
import { connectWithinMs, kubeletRequest, placeOf } from './kubelet.ts';
import { unreachable } from './log.ts';

const connections = new Set(['exec', 'attach', 'portforward']);
/** Headers that a kubelet needs to agree on a WebSocket. */
const handshake = ['upgrade', 'sec-websocket-key', 'sec-websocket-version', 'sec-websocket-protocol', 'sec-websocket-extensions', 'origin'];
/** What the streams are called in the API, and what kubelets call them. */
const streams = { stdin: 'input', stdout: 'output', stderr: 'error' } as const;

/** exec and attach are connections, and this request isn't one. */
export const connectWithoutUpgrade: Handler = async (api, call) => {
  await placeOf(api, call.namespace, call.name!, call.query.get('container'));
  throw badRequest('Upgrade request required');
};

/** Answers a request to turn the connection into another one: a WebSocket is passed through to the kubelet, byte by byte. */
export async function upgrade(api: Api, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const trace = beginTrace(request);
  try {
    await connect(api, request, socket, head, trace);
    socket.on('close', () => endTrace(api, trace, request, 101));
  } catch (error) {
    const { status } = error instanceof StatusError ? error : new StatusError(500, 'InternalError', `Internal error occurred: ${String(error)}`);
    trace.failure = status;
    endTrace(api, trace, request, status.code!);
    refuse(socket, status.code!, 'application/json', `${JSON.stringify(status)}\n`);
  }
}

async function connect(api: Api, request: IncomingMessage, socket: Duplex, head: Buffer, trace: Trace): Promise<void> {
  const info = readRequest(request.method ?? 'GET', request.url ?? '/');
  trace.info = info;
  const user = api.tokens.authenticate(request.headers.authorization ?? tokenInProtocol(request));
  trace.user = impersonated(api, user, request.headers);
  trace.allowed = false;
  authorize(api, trace.user, info);
  trace.allowed = true;
  const { target, query } = info;
  const subresource = target?.subresource ?? '';
  if (target?.plural !== 'pods' || target.name === undefined || !connections.has(subresource)) throw noSuchResource();
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
    throw badRequest(
      `this server speaks WebSocket for ${subresource} and not ${request.headers.upgrade}: leave KUBECTL_REMOTE_COMMAND_WEBSOCKETS unset`,
    );
  }
  if (subresource === 'portforward') throw methodNotAllowed();
  const { container, kubelet } = await placeOf(api, target.namespace, target.name, query.get('container'));
  if (!kubelet) throw badRequest(`pod ${target.name} does not have a host assigned`);
  const path = `/${subresource}/${target.namespace}/${target.name}/${container}?${kubeletQuery(query).toString()}`;
  const options = kubeletRequest(api, kubelet, path);
  const headers: Record<string, string> = { Connection: 'Upgrade', ...(options.headers as Record<string, string>) };
  for (const name of handshake) if (typeof request.headers[name] === 'string') headers[name] = request.headers[name];
  await new Promise<void>((resolve, reject) => {
    const call = httpsRequest({ ...options, method: 'GET', headers });
    const timer = setTimeout(() => call.destroy(new Error('i/o timeout')), connectWithinMs);
    call.on('error', (error) => reject(unreachable(kubelet, path, error)));
    call.on('upgrade', (answer, kubeletSocket, first) => {
      clearTimeout(timer);
      socket.write(headOf(answer));
      if (first.length > 0) socket.write(first);
      if (head.length > 0) kubeletSocket.write(head);
      join(socket, kubeletSocket);
      resolve();
    });
    call.on('response', (answer) => {
      clearTimeout(timer);
      readAll(answer).then((text) => {
        const message = `unable to upgrade connection: ${text}`;
        reject(answer.statusCode === 404 ? noSuchResource() : new StatusError(answer.statusCode === 400 ? 400 : 500, answer.statusCode === 400 ? 'BadRequest' : 'InternalError', message));
      }, reject);
    });
    call.end();
  });
}

/** Browsers can't send a header with a WebSocket, and name the token among the protocols. */
function tokenInProtocol({ headers }: IncomingMessage): string | undefined {
  const token = /base64url\.bearer\.authorization\.k8s\.io\.([\w-]+)/.exec(headers['sec-websocket-protocol'] ?? '')?.[1];
  return token === undefined ? undefined : `Bearer ${Buffer.from(token, 'base64url').toString()}`;
}

function kubeletQuery(query: URLSearchParams): URLSearchParams {
  const found = new URLSearchParams();
  for (const command of query.getAll('command')) found.append('command', command);
  for (const [name, kubeletName] of Object.entries(streams)) if (['true', '1'].includes(query.get(name) ?? '')) found.set(kubeletName, '1');
  if (['true', '1'].includes(query.get('tty') ?? '')) found.set('tty', '1');
  return found;
}

function headOf({ statusCode = 101, rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Each end's bytes go to the other, and with either the other ends too. */
function join(client: Duplex, kubelet: Duplex): void {
  client.pipe(kubelet);
  kubelet.pipe(client);
  for (const [one, other] of [
    [client, kubelet],
    [kubelet, client],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}

async function readAll(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return text.trim();
}

function refuse(socket: Duplex, code: number, contentType: string, body: string): void {
  socket.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}\r\nContent-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}
