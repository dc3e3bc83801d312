import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Endpoints } from '../../../lab/kubernetes/workload-objects.ts';
import { configName } from '../../../lab/specimen/linkerd/config.ts';
import { usualFailureAccrual } from '../../../lab/specimen/linkerd/failure-accrual.ts';
import { startLinkerd, type Linkerd, type LinkerdOptions } from '../../../lab/specimen/linkerd/linkerd.ts';
import { usualRetryBudget } from '../../../lab/specimen/linkerd/retry-budget.ts';
import { startSmallApiServer, type SmallApiServer } from './small-api-server.ts';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A real server that stands for a pod. */
export interface Pod {
  readonly address: string;
  /** Requests that it has got. */
  requests: number;
  readonly server: Server;
}

/** A proxy on loopback, a Kubernetes API that it watches, and servers on loopback that it sends to. */
export class MeshUnderTest {
  readonly api: SmallApiServer;
  readonly #pods: Pod[] = [];
  #linkerd: Linkerd | undefined;

  constructor(api: SmallApiServer) {
    this.api = api;
  }

  static async begin(): Promise<MeshUnderTest> {
    return new MeshUnderTest(await startSmallApiServer());
  }

  get linkerd(): Linkerd {
    if (!this.#linkerd) throw new Error('the proxy has not been started');
    return this.#linkerd;
  }

  async start(options: Partial<LinkerdOptions> = {}): Promise<Linkerd> {
    this.#linkerd = await startLinkerd({
      client: this.api.client(),
      ownNamespace: 'mesh',
      namespace: 'bank',
      host: '127.0.0.1',
      proxyPort: 0,
      adminPort: 0,
      budget: usualRetryBudget,
      accrual: { ...usualFailureAccrual, backOff: { minMs: 100, maxMs: 1_000 } },
      totalTimeoutMs: 5_000,
      connectTimeoutMs: 300,
      attemptTimeoutMs: 0,
      mostIdle: 64,
      idleMs: 30_000,
      log: () => {},
      ...options,
    });
    return this.#linkerd;
  }

  async pod(answer: RequestListener): Promise<Pod> {
    const server = createServer((incoming, response) => {
      pod.requests += 1;
      answer(incoming, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const pod: Pod = { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests: 0, server };
    this.#pods.push(pod);
    return pod;
  }

  /** Makes the Endpoints of a service say that these are its pods. */
  serve(service: string, ...addresses: readonly string[]): Endpoints {
    const subsets = addresses.map((address) => ({ addresses: [{ ip: address.split(':')[0]! }], ports: [{ name: 'http', port: Number(address.split(':')[1]) }] }));
    const [name = '', namespace = 'bank'] = service.split('.');
    const object = { metadata: { name, namespace }, ...(addresses.length > 0 ? { subsets } : {}) };
    this.api.put(object);
    return object;
  }

  /** Writes what the proxies are told to do wrong. */
  configure(data: Record<string, string>): void {
    this.api.put({ metadata: { name: configName, namespace: 'mesh' }, data });
  }

  ask(url: string, options: { method?: string; headers?: Record<string, string>; body?: string; port?: number } = {}): Promise<Answered> {
    const { method = 'GET', headers = {}, body, port = this.linkerd.proxyPort } = options;
    return new Promise((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port, path: url, method, agent: false, headers: { host: url.split('/')[2] || 'nobody', ...headers } }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
        answer.on('error', reject);
      });
      call.on('error', reject);
      call.end(body);
    });
  }

  admin(path: string): Promise<Answered> {
    return this.ask(path, { port: this.linkerd.adminPort });
  }

  /** The sum of a metric over all its labels that match. */
  async metric(name: string, labels = ''): Promise<number> {
    const { text } = await this.admin('/admin/metrics/prometheus');
    const lines = text.split('\n').filter((line) => line.replace(/[{ ].*/, '') === name && line.includes(labels));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  async end(): Promise<void> {
    await this.#linkerd?.close(100);
    for (const { server } of this.#pods) {
      server.closeAllConnections();
      server.close();
    }
    this.api.close();
  }
}

export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited 10 s for: ${what}`);
    await wait(10);
  }
}

/** An address at which nobody listens. */
export async function deadAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
}
