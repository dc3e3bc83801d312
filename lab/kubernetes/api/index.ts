import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServiceAddresses } from './admission/cluster-ips.ts';
import { createTokens } from './auth/authenticate.ts';
import { createAuthorizer } from './auth/rbac.ts';
import { bootstrap } from './bootstrap.ts';
import type { Api } from './call.ts';
import { createEtcd, defaultEtcdTiming } from './etcd/client.ts';
import { createEtcdCheck } from './health.ts';
import { createRequestListener } from './http/server.ts';
import type { ApiServerOptions } from './options.ts';
import { compactRegularly } from './storage/compaction.ts';
import { followRegistry } from './storage/follow.ts';
import { createStore } from './storage/store.ts';
import { upgrade } from './subresources/connect.ts';

export { openAuditLog } from './audit/log.ts';
export type { ApiServerOptions, ApiServerTiming, StaticUser } from './options.ts';
export type { ClusterCertificates } from './tls.ts';

export interface ApiServer {
  /** `https://host:port`; the port is the real one when 0 was asked for. */
  readonly url: string;
  /** Resolves when the cluster has all that a new one has; waits for etcd as long as it takes. */
  readonly bootstrapped: Promise<void>;
  close(): Promise<void>;
}

const compactEveryMs = 300_000;
const eventTtlSeconds = 3600;
const etcdCheckEveryMs = 1000;

/**
 * Starts an API server in this process. Several of them on one etcd make one cluster; none keeps anything of its own.
 *
 * @returns as soon as it listens: whether etcd answers is told by `/readyz`
 */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { timing, log } = options;
  const trouble = (what: string, error: unknown): void => log?.(what, error);
  const etcd = createEtcd(options.etcd.endpoints, { ...defaultEtcdTiming, ...timing?.etcd });
  const caches = followRegistry(etcd, trouble);
  const store = createStore(etcd, caches, { ttlSeconds: timing?.eventTtlSeconds ?? eventTtlSeconds });
  const api: Api = {
    options,
    etcd,
    etcdAnswers: createEtcdCheck(etcd, timing?.etcdCheckEveryMs ?? etcdCheckEveryMs),
    store,
    tokens: createTokens(options, caches),
    authorizer: createAuthorizer(caches),
    addresses: createServiceAddresses(options.serviceCidr, caches),
  };
  const server = createServer({ key: options.tls.key, cert: options.tls.cert }, createRequestListener(api));
  server.on('upgrade', (request, socket, head) => {
    upgrade(api, request, socket, head).catch((error: unknown) => trouble(`${request.url} failed`, error));
  });
  // Watches and logs last longer than any limit that Node sets.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 120_000;
  server.listen(options.listen.port, options.listen.host);
  await once(server, 'listening');
  const stopCompacting = compactRegularly(etcd, timing?.compactEveryMs ?? compactEveryMs, trouble);
  const setUp = bootstrap(api);
  setUp.done.catch((error: unknown) => trouble('setting the cluster up failed', error));
  return {
    url: `https://${options.listen.host}:${(server.address() as AddressInfo).port}`,
    bootstrapped: setUp.done,
    async close() {
      setUp.stop();
      stopCompacting();
      caches.stop();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      etcd.close();
    },
  };
}
