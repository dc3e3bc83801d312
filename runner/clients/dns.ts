import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { messageOf } from '../errors.ts';

export interface DnsClient {
  /**
   * The IPv4 addresses of a name, sorted; empty when it has none. Never from a cache of ours.
   *
   * @throws when the name server doesn't answer, or the signal aborts
   */
  addresses(name: string, signal?: AbortSignal): Promise<string[]>;
}

/** How long the name server may take, in milliseconds. There is no second try. */
const timeoutMs = 500;

/**
 * Asks the environment's name server, or those of the system when it names none. A name that no server knows is then
 * looked for in the system's own way too (`/etc/hosts` and the like).
 */
export function connectDns(server: string | undefined): DnsClient {
  return {
    async addresses(name, signal) {
      signal?.throwIfAborted();
      if (isIP(name)) return [name];
      // One resolver a question: cancelling one must not cancel the others.
      const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
      if (server !== undefined) resolver.setServers([server]);
      const cancel = (): void => resolver.cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      try {
        return (await resolver.resolve4(name)).sort();
      } catch (error) {
        signal?.throwIfAborted();
        // Not after a timeout: the system's way would wait for the same servers, and hold a thread that files need.
        if (server === undefined && (isNoAddress(error) || isNoServer(error))) return await systemAddresses(name);
        if (isNoAddress(error)) return [];
        throw new Error(`${name}: ${messageOf(error)}`, { cause: error });
      } finally {
        signal?.removeEventListener('abort', cancel);
      }
    },
  };
}

async function systemAddresses(name: string): Promise<string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address).sort();
  } catch (error) {
    if (isNoAddress(error)) return [];
    throw new Error(`${name}: ${messageOf(error)}`, { cause: error });
  }
}

function isNoAddress(error: unknown): boolean {
  return ['ENOTFOUND', 'ENODATA'].includes(codeOf(error));
}

function isNoServer(error: unknown): boolean {
  return codeOf(error) === 'ECONNREFUSED';
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
