/**
 * The stand-in for linkerd 1.x: an HTTP proxy that finds services by watching Endpoints, balances, retries, gives up, breaks
 * circuits and tells what it does.
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { keyOf, startInformer, type Client } from '../../kubernetes/client/index.ts';
import { endpoints as endpointsResource, type Endpoints } from '../../kubernetes/workload-objects.ts';
import { createAdminServer } from './admin.ts';
import { configKeys, followConfig } from './config.ts';
import { followDelays, noDelays } from './delay.ts';
import { createDirectory, type Directory } from './directory.ts';
import { createEndpoint, type EndpointOptions } from './endpoint.ts';
import { createMetrics } from './metrics.ts';
import { createProxy, type ProxyOptions } from './proxy.ts';

export interface LinkerdOptions extends Pick<ProxyOptions, 'namespace' | 'budget' | 'totalTimeoutMs' | 'connectTimeoutMs' | 'attemptTimeoutMs'>, EndpointOptions {
  readonly client: Client;
  /** Where its own pods are, and its ConfigMap. */
  readonly ownNamespace: string;
  /** Its own pod, whose annotations it follows; undefined: none. */
  readonly podName?: string | undefined;
  readonly host: string;
  /** 0: any that is free. */
  readonly proxyPort: number;
  readonly adminPort: number;
  readonly log: (line: string) => void;
}

export interface Linkerd {
  readonly proxyPort: number;
  readonly adminPort: number;
  /** Accepts no more, and finishes what is under way. Resolves when that is done, or when its time is over. */
  close(withinMs: number): Promise<void>;
}

/** What the list of endpoints said can't be read. */
export class ParseError extends Error {
  override readonly name = 'ParseError';
}

/**
 * Starts the proxy. Its admin port is open at once; resolves when it takes requests, which is when the first list of endpoints
 * is there.
 *
 * @throws ParseError with the sabotage on, when a service has no endpoints
 */
export async function startLinkerd(options: LinkerdOptions): Promise<Linkerd> {
  const { client, host, log } = options;
  const metrics = createMetrics();
  const known: { directory?: Directory } = {};
  let active = 0;
  const admin = createAdminServer({ metrics, directory: () => known.directory, active: () => active });
  const adminPort = await listen(admin, options.adminPort, host);
  const config = await followConfig(client, options.ownNamespace, log);
  const informer = startInformer<Endpoints>(client, endpointsResource, { log });
  await informer.synced;
  const delays = options.podName === undefined ? noDelays : followDelays(client, options.ownNamespace, options.podName, log);
  const shut = (): void => {
    config.close();
    delays.close();
    informer.close();
    client.close();
  };
  if (config.isOn(configKeys.crashOnEmptyEndpoints)) {
    const empty = [...informer.store.values()].find(({ subsets }) => (subsets ?? []).length === 0);
    if (empty) {
      shut();
      admin.close();
      throw new ParseError(`endpoints ${keyOf(empty)}: can't parse subsets: expected a list with an element, found ${JSON.stringify(empty.subsets ?? null)}`);
    }
  }
  const directory = (known.directory = createDirectory(informer, (service, address) => createEndpoint(address, options, accrualEvents(metrics, service))));
  const proxy = createProxy({ ...options, directory, metrics, isWithoutRetries: () => config.isOn(configKeys.noRetries), delayOf: delays.forRequest });
  proxy.on('request', (_request, response) => {
    active++;
    response.on('close', () => active--);
  });
  const proxyPort = await listen(proxy, options.proxyPort, host);
  log(`listens on ${host}:${proxyPort}, knows ${informer.store.size} services`);
  return {
    proxyPort,
    adminPort,
    async close(withinMs) {
      const closed = new Promise((resolve) => proxy.close(resolve));
      const late = setTimeout(() => proxy.closeAllConnections(), withinMs);
      await closed;
      clearTimeout(late);
      for (const { endpoints } of directory.balancers().values()) for (const endpoint of endpoints) endpoint.close();
      shut();
      admin.close();
      admin.closeAllConnections();
    },
  };
}

const accrualEvents = (metrics: ReturnType<typeof createMetrics>, service: string) => {
  const labels = { rt: 'outgoing', service };
  return {
    removed: () => metrics.count('rt:client:failure_accrual:removals', labels),
    revived: () => metrics.count('rt:client:failure_accrual:revivals', labels),
    probed: () => metrics.count('rt:client:failure_accrual:probes', labels),
  };
};

async function listen(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
