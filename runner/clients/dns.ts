export interface DnsClient {
  /** The IPv4 addresses of a name; empty when it has none. Never from a cache of ours. */
  addresses(name: string, signal?: AbortSignal): Promise<string[]>;
}
