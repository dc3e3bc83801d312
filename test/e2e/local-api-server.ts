import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiServer, type ApiServer, type ApiServerOptions } from '../../lab/kubernetes/api/index.ts';
import { createClusterCertificates } from '../../lab/kubernetes/api/tls.ts';
import { startLocalEtcd, type LocalEtcd } from './local-etcd.ts';

/** An API server on loopback over an etcd of its own. */
export interface LocalApiServer {
  readonly url: string;
  readonly etcd: LocalEtcd;
  /** Of `system:masters`. */
  readonly adminToken: string;
  readonly ca: string;
  /** A kubeconfig for the administrator, context `local`. */
  readonly kubeconfig: string;
  /** A second server over the same etcd, as another master has one. */
  startAnother(overrides?: Partial<ApiServerOptions>): Promise<ApiServer>;
  close(): Promise<void>;
}

const adminToken = 'admin-token';

/**
 * Starts etcd and an API server over it, and waits until the cluster has what a new one has.
 *
 * @param overrides options of the server that differ, such as its timing or a sabotage
 */
export async function startLocalApiServer(overrides: Partial<ApiServerOptions> = {}, members = 1): Promise<LocalApiServer> {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-api-'));
  const etcd = await startLocalEtcd(members);
  const tls = await createClusterCertificates(['127.0.0.1', 'localhost', 'kubernetes.default.svc']);
  const options: ApiServerOptions = {
    etcd: { endpoints: etcd.endpoints },
    listen: { host: '127.0.0.1', port: 0 },
    tls,
    serviceCidr: '10.96.0.0/16',
    serviceAccountSecret: 'for tests',
    users: [{ token: adminToken, name: 'admin', groups: ['system:masters'] }],
    log: (what, error) => console.error(what, error ?? ''),
    ...overrides,
  };
  const servers: ApiServer[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
    await etcd.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const server = await startApiServer(options);
    servers.push(server);
    await server.bootstrapped;
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, kubeconfigOf(server.url, tls.ca));
    return {
      url: server.url,
      etcd,
      adminToken,
      ca: tls.ca,
      kubeconfig,
      async startAnother(more = {}) {
        const another = await startApiServer({ ...options, ...more });
        servers.push(another);
        return another;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function kubeconfigOf(server: string, ca: string): string {
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'local', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
      users: [{ name: 'admin', user: { token: adminToken } }],
      contexts: [{ name: 'local', context: { cluster: 'local', user: 'admin', namespace: 'default' } }],
      'current-context': 'local',
    },
    null,
    2,
  )}\n`;
}
