import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change } from '../../../runner/changes.ts';
import { realClock } from '../../../runner/clock.ts';
import { createMask } from '../../../runner/mask.ts';
import { openKubernetes, type KubernetesConnection } from '../../../runner/clients/kubernetes-connection.ts';

export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly agent: string;
  readonly token: string;
  readonly contentType: string;
  /** The id that it is to have in the audit log. */
  readonly auditId: string;
  // Whatever was sent.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** A status and a body that is JSON, or a text as it is; `undefined` for no answer at all; or whatever the function does. */
export type Said = { readonly status: number; readonly body: unknown } | undefined | ((response: ServerResponse) => void);

export interface KubernetesServer {
  readonly url: string;
  readonly kubeconfig: string;
  readonly asked: Asked[];
  readonly connections: { count: number };
  close(): Promise<void>;
}

/** An HTTP server that answers as it is told, with a kubeconfig that leads to it. */
export async function startKubernetesServer(answer: (asked: Asked) => Said | Promise<Said>): Promise<KubernetesServer> {
  const asked: Asked[] = [];
  const connections = { count: 0 };
  const server = createServer((request, response) => {
    read(request)
      .then(async (one) => {
        asked.push(one);
        const said = await answer(one);
        if (said === undefined) return;
        if (typeof said === 'function') return said(response);
        const isText = typeof said.body === 'string';
        response.writeHead(said.status, { 'content-type': isText ? 'text/plain' : 'application/json' }).end(isText ? said.body : JSON.stringify({ kind: 'Any', ...(said.body as object) }));
      })
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.on('upgrade', (request: IncomingMessage, socket) => {
    read(request)
      .then(async (one) => {
        asked.push(one);
        const said = await answer(one);
        if (said !== undefined && typeof said !== 'function') socket.end(`HTTP/1.1 ${said.status} Refused\r\nConnection: close\r\n\r\n`);
      })
      .catch((error: unknown) => socket.destroy(error as Error));
  });
  server.on('connection', () => (connections.count += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-kubeconfig-'));
  const kubeconfig = join(folder, 'config');
  await writeFile(kubeconfig, kubeconfigFor(url));
  return {
    url,
    kubeconfig,
    asked,
    connections,
    async close() {
      server.closeAllConnections();
      await once(server.close(), 'close');
      await rm(folder, { recursive: true });
    },
  };
}

export function kubeconfigFor(url: string): string {
  return `apiVersion: v1
kind: Config
current-context: other
clusters: [{ name: c, cluster: { server: '${url}', insecure-skip-tls-verify: true } }]
users: [{ name: u, user: { token: secret-token } }, { name: other, user: { token: other-token } }]
contexts:
  - { name: lab, context: { cluster: c, user: u } }
  - { name: other, context: { cluster: c, user: other } }
  - { name: nowhere, context: { cluster: missing, user: u } }
`;
}

export function connectTo(kubeconfig: string, context = 'lab', changed: (change: Change) => void = () => {}): Promise<KubernetesConnection> {
  return openKubernetes({ kubeconfig, context }, { userAgent: 'firedrill/1.2.3 run/r1', clock: realClock, mask: createMask(), changed });
}

/** A Status as the API server writes it. */
export function failure(code: number, reason: string, message: string, details: object = {}): Said {
  return { status: code, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code } };
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    agent: request.headers['user-agent'] ?? '',
    token: request.headers.authorization ?? '',
    contentType: request.headers['content-type'] ?? '',
    auditId: String(request.headers['audit-id'] ?? ''),
    body: text === '' ? undefined : JSON.parse(text),
  };
}
