import type { IncomingMessage, ServerResponse } from 'node:http';
import type { User } from './auth/user.ts';
import type { Authorizer } from './auth/rbac.ts';
import type { Tokens } from './auth/authenticate.ts';
import type { Etcd } from './etcd/client.ts';
import type { Accepts } from './http/accept.ts';
import type { Answer } from './http/respond.ts';
import type { ApiServerOptions } from './options.ts';
import type { RequestInfo } from './request.ts';
import type { Resource } from './resources.ts';
import type { ServiceAddresses } from './admission/cluster-ips.ts';
import type { Store } from './storage/store.ts';

/** What every request is answered from. */
export interface Api {
  readonly options: ApiServerOptions;
  readonly etcd: Etcd;
  /** Whether etcd answers, or did a moment ago: for checks of health. */
  readonly etcdAnswers: () => Promise<boolean>;
  readonly store: Store;
  readonly tokens: Tokens;
  readonly authorizer: Authorizer;
  readonly addresses: ServiceAddresses;
}

/** One request about a resource, after authentication and authorisation. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly info: RequestInfo;
  readonly query: URLSearchParams;
  readonly user: User;
  readonly resource: Resource;
  /** Undefined for a resource of the cluster, and for all namespaces. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly accepts: Accepts;
  readonly body: Buffer;
  readonly contentType: string;
  /** Goes out as a Warning header. */
  warn(text: string): void;
}

/** Answers a call; null when it was answered by the handler itself, as watches and proxies are. */
export type Handler = (api: Api, call: Call) => Promise<Answer | null>;
