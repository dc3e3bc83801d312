import { addressesOf } from './linkerd/directory.ts';
import type { Client } from '../kubernetes/client/index.ts';
import { endpoints, type Endpoints } from '../kubernetes/workload-objects.ts';

/** For an answer of a proxy that works, from a pod on the same computer. */
const answerWithinMs = 2_000;

/** Where a proxy sends requests: addresses by service, as its metrics name them (`accounts.bank`, `accounts.bank:http`). */
type View = ReadonlyMap<string, readonly string[]>;

/**
 * Looks at whether each proxy sends requests to the addresses that the services have now, and to no others. Pods can be ready
 * before the proxies have heard of it.
 *
 * @param proxies the addresses and ports of their admin servers
 * @returns what differs, in one line; null when nothing does
 */
export async function meshTrouble(client: Client, proxies: readonly string[]): Promise<string | null> {
  const { items } = await client.list(endpoints);
  const views = await Promise.all(proxies.map(async (proxy) => [proxy, await viewOf(proxy)] as const));
  for (const [proxy, view] of views) {
    if (!view) return `the linkerd at ${proxy} does not answer`;
    for (const [service, addresses] of view) {
      if (sorted(addresses) !== sorted(currentOf(service, items))) return `the linkerd at ${proxy} does not know yet where ${service} is`;
    }
  }
  return null;
}

/** @returns undefined when it doesn't answer */
async function viewOf(proxy: string): Promise<View | undefined> {
  try {
    const response = await fetch(`http://${proxy}/admin/metrics/prometheus`, { signal: AbortSignal.timeout(answerWithinMs) });
    return parseView(await response.text());
  } catch (error) {
    if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError')) return undefined;
    throw error;
  }
}

/** @param metrics in Prometheus' text format */
export function parseView(metrics: string): View {
  const view = new Map<string, string[]>();
  for (const [, service] of metrics.matchAll(/^rt:client:loadbalancer:size\{.*?service="([^"]+)"/gm)) view.set(service!, []);
  for (const [, service, endpoint] of metrics.matchAll(/^rt:client:pending\{.*?service="([^"]+)",endpoint="([^"]+)"/gm)) view.get(service!)?.push(endpoint!);
  return view;
}

function currentOf(name: string, all: readonly Endpoints[]): readonly string[] {
  const [host = '', port] = name.split(':');
  const dot = host.lastIndexOf('.');
  const found = all.find(({ metadata }) => metadata.name === host.slice(0, dot) && metadata.namespace === host.slice(dot + 1));
  return found ? addressesOf(found, port) : [];
}

const sorted = (addresses: readonly string[]): string => addresses.toSorted().join(' ');
