import type { AuditLog } from './audit/log.ts';
import type { EtcdTiming } from './etcd/client.ts';

/** Somebody who may use the server, by a token that doesn't change. */
export interface StaticUser {
  readonly token: string;
  readonly name: string;
  /** `system:masters` may do everything. */
  readonly groups?: readonly string[];
}

/** Times of the API server; what is left out is as in the real one. */
export interface ApiServerTiming {
  readonly etcd?: Partial<EtcdTiming>;
  /** How often etcd is asked at most whether it answers, when the server's health is asked for; a second. */
  readonly etcdCheckEveryMs?: number;
  /** How often old revisions are thrown away; 5 minutes. */
  readonly compactEveryMs?: number;
  /** How often a watch that asked for bookmarks gets one; a minute. */
  readonly bookmarkEveryMs?: number;
  /** How long Events are kept; an hour. */
  readonly eventTtlSeconds?: number;
  /** `tolerationSeconds` that a Pod gets for a node that is not ready or not reachable; 300. */
  readonly defaultTolerationSeconds?: number;
}

export interface ApiServerOptions {
  /** `http://host:port` of each member. */
  readonly etcd: { readonly endpoints: readonly string[] };
  readonly listen: { readonly host: string; readonly port: number };
  /** As PEM: the server's key and certificate, and the authority that Pods are told to trust. */
  readonly tls: { readonly key: string; readonly cert: string; readonly ca?: string };
  /** Where Services get their addresses from, such as `10.96.0.0/16`. */
  readonly serviceCidr: string;
  readonly users: readonly StaticUser[];
  /** What tokens of service accounts are signed with: the same on all servers of a cluster. */
  readonly serviceAccountSecret: string;
  /** The token that kubelets know the server by, for logs and exec; none when not given. */
  readonly kubeletToken?: string;
  /** Addresses under which the server can be reached, for the endpoints of the service `kubernetes`. */
  readonly advertise?: readonly string[];
  /** Where it is written down who has changed what; nowhere when not given. */
  readonly audit?: AuditLog;
  /** Switches that make the server wrong in one known way. */
  readonly isOn?: (sabotage: 'stale-watch' | 'mesh-stale-endpoints' | 'audit-lost') => boolean;
  readonly timing?: ApiServerTiming;
  readonly log?: (what: string, error?: unknown) => void;
}
