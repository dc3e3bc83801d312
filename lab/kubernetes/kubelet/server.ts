import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { formatLine, selectLines, type LogSelection } from './container-log.ts';
import type { RunningContainer } from './container/index.ts';
import type { ExecRequest } from './exec-session.ts';
import type { Kubelet } from './index.ts';
import { inWords } from './spec.ts';

export interface KubeletServerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly key: string; readonly cert: string };
  readonly log: (line: string) => void;
}

/** An answer that is no success, in plain words as kubelets answer. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Serves what API servers pass on: logs of containers and programs run in them. */
export async function serveKubelet(kubelet: Kubelet, { host, port, tls, log }: KubeletServerOptions): Promise<{ close(): void }> {
  const server = createServer(tls, (request, response) => {
    try {
      answer(kubelet, request, response);
    } catch (error) {
      if (!(error instanceof Refusal)) log(`${request.url}: ${String(error)}`);
      response.writeHead(error instanceof Refusal ? error.status : 500, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(error instanceof Error ? error.message : String(error));
    }
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgrade(kubelet, request, socket, head).catch((error: unknown) => {
      const [status, text] = error instanceof Refusal ? [error.status, error.message] : [500, String(error)];
      socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`);
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(kubelet: Kubelet, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'https://kubelet');
  const [, kind, namespace, pod, container] = url.pathname.split('/').map(decodeURIComponent);
  if (url.pathname === '/healthz') return void response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
  if (url.pathname === '/pods') {
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: kubelet.pods() }));
  }
  if (kind === 'containerLogs') return sendLog(containerNamed(kubelet, namespace, pod, container), url.searchParams, response);
  throw new Refusal(404, '404 page not found');
}

function containerNamed(kubelet: Kubelet, namespace = '', podName = '', name = ''): { container: RunningContainer; words: string } {
  const pod = kubelet.pod(namespace, podName);
  if (!pod) throw new Refusal(404, `pod "${podName}" not found`);
  const container = pod.container(name);
  if (container) return { container, words: inWords(pod.pod) };
  if (!pod.pod.spec.containers.some((each) => each.name === name)) throw new Refusal(404, `container ${name} not found in pod ${podName}_${namespace}`);
  throw new Refusal(400, `container "${name}" in pod "${podName}" is waiting to start: ContainerCreating`);
}

function sendLog({ container, words }: { container: RunningContainer; words: string }, params: URLSearchParams, response: ServerResponse): void {
  const previous = params.get('previous') === 'true';
  const name = container.spec.name;
  const log = container.log(previous);
  if (!log && previous) throw new Refusal(400, `previous terminated container "${name}" in pod "${words}" not found`);
  if (!log) {
    const reason = container.view.state.waiting?.reason ?? 'ContainerCreating';
    const podName = words.slice(0, words.indexOf('_'));
    throw new Refusal(400, `container "${name}" in pod "${podName}" is waiting to start: ${reason === 'ErrImagePull' || reason === 'ImagePullBackOff' ? `trying and failing to pull image` : reason}`);
  }
  const number = (key: string): number | undefined => (params.get(key) === null ? undefined : Number(params.get(key)));
  const selection: LogSelection = {
    tailLines: number('tailLines'),
    sinceSeconds: number('sinceSeconds'),
    sinceTime: params.get('sinceTime') ?? undefined,
    limitBytes: number('limitBytes'),
    timestamps: params.get('timestamps') === 'true',
  };
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.write(selectLines(log.read(), selection, Date.now()));
  if (params.get('follow') !== 'true') return void response.end();
  response.flushHeaders();
  const stop = log.follow(
    (line) => response.write(formatLine(line, selection.timestamps)),
    () => response.end(),
  );
  response.on('close', stop);
}

const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

async function upgrade(kubelet: Kubelet, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://kubelet');
  const [, kind, namespace, pod, name] = url.pathname.split('/').map(decodeURIComponent);
  if (kind !== 'exec') throw new Refusal(404, '404 page not found');
  const { container } = containerNamed(kubelet, namespace, pod, name);
  const inside = container.inside();
  if (!inside) throw new Refusal(500, `unable to upgrade connection: container not found ("${name ?? ''}")`);
  const params = url.searchParams;
  // Kubelets know the streams by names of their own; API servers that pass a query on as it is use the others.
  const on = (...keys: string[]): boolean => keys.some((key) => ['1', 'true'].includes(params.get(key) ?? ''));
  const wanted: ExecRequest = {
    command: params.getAll('command'),
    stdin: on('input', 'stdin'),
    stdout: on('output', 'stdout'),
    stderr: on('error', 'stderr'),
    tty: on('tty'),
  };
  // Only when it is needed: a kubelet is one of many on this computer.
  const [{ WebSocketServer }, { execSession }] = await Promise.all([import('ws'), import('./exec-session.ts')]);
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => protocols.find((each) => offered.has(each)) ?? false,
  });
  sockets.handleUpgrade(request, socket, head, (webSocket) => execSession(webSocket, inside, wanted));
}
