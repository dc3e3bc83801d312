import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { realClock } from '../../runner/clock.ts';
import { KubernetesFailure } from '../../runner/clients/kubernetes-failure.ts';
import { openKubernetes } from '../../runner/clients/kubernetes-connection.ts';
import { createMask } from '../../runner/mask.ts';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';

interface Proxy {
  readonly url: string;
  /** Where it was asked to lead to. */
  readonly destinations: string[];
  close(): Promise<void>;
}

/** Leads what `CONNECT` asks for to where it says (RFC 9110, 9.3.6). */
async function startHttpProxy(): Promise<Proxy> {
  const destinations: string[] = [];
  const server = createHttpServer().on('connect', ({ url = '' }, near: Socket) => {
    destinations.push(url);
    const [host = '', port] = url.split(':');
    const far = join(near, host, Number(port));
    far.once('connect', () => near.write('HTTP/1.1 200 Connection established\r\n\r\n'));
  });
  return listening(server, 'http', destinations);
}

/** SOCKS 5 without a password, by address (RFC 1928): greeting, request, two answers. */
async function startSocksProxy(): Promise<Proxy> {
  const destinations: string[] = [];
  const server = createServer((near) => {
    near.once('data', () => {
      near.write(Buffer.from([5, 0]));
      near.once('data', (request) => {
        const host = request[3] === 1 ? [...request.subarray(4, 8)].join('.') : request.subarray(5, 5 + request[4]!).toString();
        const port = request.readUInt16BE(request.length - 2);
        destinations.push(`${host}:${port}`);
        const far = join(near, host, port);
        far.once('connect', () => near.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])));
      });
    });
  });
  return listening(server, 'socks5', destinations);
}

function join(near: Socket, host: string, port: number): Socket {
  const far = connect(port, host);
  for (const [one, other] of [[near, far], [far, near]] as const) one.on('error', () => other.destroy());
  far.once('connect', () => near.pipe(far).pipe(near));
  return far;
}

async function listening(server: Server, scheme: string, destinations: string[]): Promise<Proxy> {
  const open = new Set<Socket>();
  server.on('connection', (socket) => open.add(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    destinations,
    async close() {
      for (const socket of open) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}

describe('an API server behind a proxy that the kubeconfig names', function () {
  this.timeout(60_000);
  let server: LocalApiServer;
  before(async () => {
    server = await startLocalApiServer();
  });
  after(() => server.close());

  for (const [name, start] of [['an HTTP proxy', startHttpProxy], ['a SOCKS proxy', startSocksProxy]] as const) {
    it(`is asked through ${name}, and so are commands in containers`, async () => {
      const proxy = await start();
      const { clusters: [cluster], ...rest } = JSON.parse(await readFile(server.kubeconfig, 'utf8')) as { clusters: [{ cluster: object }] };
      const kubeconfig = `${server.kubeconfig}-${new URL(proxy.url).port}`;
      await writeFile(kubeconfig, JSON.stringify({ ...rest, clusters: [{ ...cluster, cluster: { ...cluster.cluster, 'proxy-url': proxy.url } }] }));
      const connection = await openKubernetes({ kubeconfig, context: 'local' }, { userAgent: 'firedrill/test', clock: realClock, mask: createMask(), changed: () => {} });
      const { host } = new URL(server.url);
      try {
        const { items } = await connection.request<{ items: unknown[] }>({ verb: 'list', resource: 'namespaces', path: '/api/v1/namespaces' });
        assert.ok(items.length > 0);
        const asked = proxy.destinations.length;
        assert.ok(asked > 0);
        await assert.rejects(
          connection.exec({ namespace: 'default', pod: 'nobody', container: 'app', command: ['true'] }),
          (error) => error instanceof KubernetesFailure && error.status === 404,
        );
        assert.ok(proxy.destinations.length > asked);
        assert.deepEqual([...new Set(proxy.destinations)], [host]);
      } finally {
        await connection.close();
        await proxy.close();
      }
    });
  }
});
