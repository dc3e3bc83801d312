import type { LeaseTiming } from '../client/index.ts';
import { filePaths } from './files.ts';

/**
 * The flags of the three programs. They all exist, and mean the same, from Kubernetes 1.26 on, by its reference; what is left to
 * its default is left out.
 */

export interface ApiServerFacts {
  /** The 33 of Kubernetes 1.33. */
  readonly minor: number;
  /** Client URLs of etcd's members, without TLS. */
  readonly etcd: readonly string[];
  /** The machine's own address. */
  readonly address: string;
  readonly port: number;
  readonly serviceCidr: string;
  readonly defaultTolerationSeconds: number;
}

export function apiServerFlags({ minor, etcd, address, port, serviceCidr, defaultTolerationSeconds }: ApiServerFacts): string[] {
  return flags({
    'etcd-servers': etcd.join(','),
    'advertise-address': address,
    'bind-address': '0.0.0.0',
    'secure-port': port,
    'tls-cert-file': filePaths.serverCertificate,
    'tls-private-key-file': filePaths.serverKey,
    // Nobody has a certificate of it; without one the other two programs miss the ConfigMap that it is published in.
    'client-ca-file': filePaths.ca,
    'token-auth-file': filePaths.tokens,
    // Not Node: all kubelets of the lab share one user, as the names of nodes aren't known before their instances are.
    'authorization-mode': 'RBAC',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': filePaths.serviceAccountPublicKey,
    'service-account-signing-key-file': filePaths.serviceAccountKey,
    'service-cluster-ip-range': serviceCidr,
    'allow-privileged': true,
    // The VPC's DNS doesn't know the names of nodes.
    'kubelet-preferred-address-types': 'InternalIP',
    'default-not-ready-toleration-seconds': defaultTolerationSeconds,
    'default-unreachable-toleration-seconds': defaultTolerationSeconds,
    ...(translates(minor) ? { 'feature-gates': 'TranslateStreamCloseWebsocketRequests=false' } : {}),
  });
}

/**
 * Whether an API server makes SPDY of the WebSocket of an exec, as kubelets of old want it, when it isn't told otherwise. The
 * lab's kubelets take the WebSocket as it is, and know no SPDY. The gate is not known before 1.29, and may be locked after 1.35.
 */
const translates = (minor: number): boolean => minor >= 30 && minor <= 35;

export interface ControllerManagerFacts {
  readonly monitorGraceMs: number;
  readonly monitorPeriodMs: number;
  readonly evictionSpacingMs: number;
  readonly election: LeaseTiming;
}

export function controllerManagerFlags({ monitorGraceMs, monitorPeriodMs, evictionSpacingMs, election }: ControllerManagerFacts): string[] {
  return flags({
    ...clientFlags(filePaths.controllerManager, election),
    'service-account-private-key-file': filePaths.serviceAccountKey,
    'root-ca-file': filePaths.ca,
    'node-monitor-grace-period': duration(monitorGraceMs),
    'node-monitor-period': duration(monitorPeriodMs),
    // Nodes a second.
    'node-eviction-rate': 1000 / evictionSpacingMs,
  });
}

export function schedulerFlags(election: LeaseTiming): string[] {
  return flags(clientFlags(filePaths.scheduler, election));
}

function clientFlags(kubeconfig: string, { leaseMs, renewDeadlineMs, retryMs }: LeaseTiming): Record<string, string | boolean> {
  return {
    kubeconfig,
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    'bind-address': '127.0.0.1',
    'leader-elect': true,
    'leader-elect-lease-duration': duration(leaseMs),
    'leader-elect-renew-deadline': duration(renewDeadlineMs),
    'leader-elect-retry-period': duration(retryMs),
  };
}

/** As Go reads durations. */
const duration = (ms: number): string => `${ms}ms`;

function flags(values: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}
