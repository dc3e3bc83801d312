import type { EtcdStatus } from '../inventory.ts';

/** An entry of the member list. */
export interface EtcdListed {
  /** Hexadecimal. */
  readonly id: string;
  readonly name: string;
  readonly learner: boolean;
  readonly clientUrls: readonly string[];
}

/** One member, asked alone: no failover, no retries, no back-off, no circuit breaker. */
export interface EtcdMemberClient {
  /** The endpoint's host name. */
  readonly host: string;
  /** The short name: the first label of its host name, such as `peer-3`. */
  readonly name: string;
  /** @throws when it does not answer before `signal` aborts, or refuses */
  status(signal: AbortSignal): Promise<EtcdStatus & { readonly clusterId: string; readonly memberId: string }>;
  /** Linearizable. */
  members(signal: AbortSignal): Promise<EtcdListed[]>;
  /** One write, acknowledged by a quorum when it resolves. */
  put(key: string, value: string, signal: AbortSignal): Promise<void>;
  /** Deletes every key that starts so. */
  deletePrefix(prefix: string, signal: AbortSignal): Promise<void>;
}

export interface EtcdFleet {
  /** In the order of the environment file's endpoints. */
  readonly members: readonly EtcdMemberClient[];
  /**
   * Waits until each member has been dialled or `timeoutMs` is over, so that the first question doesn't pay for it.
   */
  warm(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}
