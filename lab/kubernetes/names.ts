/** What the lab's Kubernetes is called, where it stands, and how fast its clocks go. */
import type { Timing } from '../hypervisor.ts';
import { region } from '../names.ts';

export const clusterDomain = `k8s.${region}.i.lab.example.com`;

/** The one address of the API: a load balancer before the masters. */
export const apiHost = `api.${clusterDomain}`;
export const apiAddress = '10.200.0.20';
export const apiPort = 6443;
export const apiUrl = `https://${apiHost}:${apiPort}`;

/**
 * Where a kubelet serves logs (`/containerLogs/<namespace>/<pod>/<container>`) and exec (`/exec/…`, WebSocket
 * v5.channel.k8s.io and v4), over HTTPS with a certificate that is nobody's: callers don't check it, and need no token.
 */
export const kubeletPort = 10_250;

/** ClusterIPs are allocated from here and routed nowhere. */
export const serviceCidr = '172.20.0.0/16';

/** Auto Scaling Groups, and the `Name` tags of their instances. */
export const masterGroup = `master.${clusterDomain}`;
export const workerGroup = `worker.${clusterDomain}`;
export const masterCount = 3;
export const workerCount = 6;
export const masterType = 'm4.large';
/** One interface of this type has up to 30 addresses: 29 pods. */
export const workerType = 'm4.4xlarge';

export const leaseNamespace = 'kube-node-lease';

/** The users of the cluster's own parts. Their tokens are made anew for each lab. */
export const users = {
  /** What the kubeconfig of `lab exec` and of drills holds. */
  admin: { name: 'lab-admin', groups: ['system:masters'] },
  controllers: { name: 'system:kube-controller-manager', groups: ['system:masters'] },
  scheduler: { name: 'system:kube-scheduler', groups: ['system:masters'] },
  /** All kubelets share one token: names of nodes aren't known before their instances are. */
  kubelet: { name: 'system:node:worker', groups: ['system:nodes', 'system:masters'] },
  /** The API server itself, as the client of kubelets. */
  apiServer: { name: 'kube-apiserver', groups: ['system:masters'] },
} as const;
export type ClusterUser = keyof typeof users;

/** How long things take in the cluster. */
export interface ClusterTiming {
  /** A kubelet renews its Lease this often. */
  readonly leaseRenewMs: number;
  readonly leaseDurationSeconds: number;
  /** A kubelet writes the status of its Node this often when nothing changes. */
  readonly nodeStatusMs: number;
  /** Without a sign of life for this long a Node's conditions are Unknown. */
  readonly monitorGraceMs: number;
  readonly monitorPeriodMs: number;
  /** How long pods stay on a Node that is not ready or unreachable, when they don't say so themselves. */
  readonly defaultTolerationSeconds: number;
  /** The first pause before a container that ended is started again; it doubles up to {@link longestBackoffMs}. */
  readonly backoffMs: number;
  readonly longestBackoffMs: number;
  /** An address of a pod that is gone isn't given to another one for this long. */
  readonly addressCooldownMs: number;
}

export const clusterTimings: Readonly<Record<Timing['name'], ClusterTiming>> = {
  fast: {
    leaseRenewMs: 1_000,
    leaseDurationSeconds: 4,
    nodeStatusMs: 2_000,
    monitorGraceMs: 4_000,
    monitorPeriodMs: 500,
    defaultTolerationSeconds: 3,
    backoffMs: 10_000,
    longestBackoffMs: 300_000,
    addressCooldownMs: 5_000,
  },
  aws: {
    leaseRenewMs: 10_000,
    leaseDurationSeconds: 40,
    nodeStatusMs: 10_000,
    monitorGraceMs: 50_000,
    monitorPeriodMs: 5_000,
    defaultTolerationSeconds: 300,
    backoffMs: 10_000,
    longestBackoffMs: 300_000,
    addressCooldownMs: 30_000,
  },
};

/** The proxies of the specimen. */
export const mesh = { namespace: 'mesh', proxy: 'linkerd', user: 'system:serviceaccount:mesh:linkerd', proxyPort: 4140, adminPort: 9990 } as const;

/** The services of the specimen. */
export const bank = {
  namespace: 'bank',
  port: 8080,
  gateway: 'api-gateway',
  replicas: { 'api-gateway': 3, accounts: 3, cards: 2, pots: 2, feed: 2, payments: 3 },
} as const;

/** The specimen workloads that a cluster begins with. */
export const shop = {
  namespace: 'shop',
  web: { name: 'web', replicas: 6, minAvailable: 4, image: 'lab/web', port: 8080 },
  agent: { name: 'agent', image: 'lab/web', port: 8081 },
} as const;
