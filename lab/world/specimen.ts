import { configMaps, isNotFound, type Client } from '../kubernetes/client/index.ts';
import { programOf } from '../kubernetes/images/init.ts';
import { linkerd } from '../kubernetes/images/linkerd.ts';
import { specimen as services } from '../kubernetes/images/specimen.ts';
import { bank } from '../kubernetes/names.ts';
import { deployments } from '../kubernetes/workloads.ts';
import type { SabotageRegistry } from '../sabotage.ts';
import { configKeys } from '../specimen/linkerd/config.ts';
import { proxyConfig } from '../specimen/manifests.ts';

/** The programs of the specimen, each as a command that loads it and does nothing. */
export const specimenPrograms = (): string[][] => [linkerd, services].map((image) => [...programOf(image), '--check']);

/** Puts into the cluster what the switches of the specimen ask for. */
export interface SpecimenSabotage {
  /** Resolves when all switches so far are in the cluster, or when the time is over; then they follow as soon as the API lets them. */
  applied(withinMs: number): Promise<void>;
}

/** What of the cluster the switches decide. */
interface Switched {
  readonly data: Readonly<Record<string, string>>;
  readonly replicas: number;
}

const retryMs = 500;

/** Follows the switches that are objects of the cluster: the ConfigMap of the proxies, and the size of the gateway. */
export function followSpecimenSabotage(sabotage: SabotageRegistry, client: Client, log: (line: string) => void): SpecimenSabotage {
  const gateway = { namespace: bank.namespace, name: bank.gateway };
  const wanted = (): Switched => ({
    data: {
      [configKeys.noRetries]: String(sabotage.isOn('mesh-no-retries')),
      [configKeys.crashOnEmptyEndpoints]: String(sabotage.isOn('mesh-crash-on-empty-endpoints')),
    },
    replicas: sabotage.isOn('gateway-single-replica') ? 1 : bank.replicas[bank.gateway],
  });
  // As it is made; a switch may be on before that.
  let now: Switched = { data: proxyConfig.object.data as Record<string, string>, replicas: bank.replicas[bank.gateway] };
  let work: Promise<void> | undefined;

  async function write(): Promise<void> {
    const next = wanted();
    if (JSON.stringify(next.data) !== JSON.stringify(now.data)) {
      const { metadata } = proxyConfig.object;
      try {
        await client.patch(configMaps, metadata, 'merge', { data: next.data });
      } catch (error) {
        if (!isNotFound(error)) throw error;
        await client.create(configMaps, { metadata, data: next.data });
      }
    }
    if (next.replicas !== now.replicas) await client.patch(deployments, gateway, 'merge', { spec: { replicas: next.replicas } });
    now = next;
  }

  async function run(): Promise<void> {
    while (JSON.stringify(wanted()) !== JSON.stringify(now)) {
      try {
        await write();
      } catch (error) {
        log(`sabotage: ${error instanceof Error ? error.message : String(error)}`);
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  const begin = (): void => {
    work ??= run().finally(() => (work = undefined));
  };
  sabotage.onChange(begin);
  begin();
  return { applied: (withinMs) => Promise.race([work, new Promise<void>((resolve) => setTimeout(resolve, withinMs).unref())]).then(() => {}) };
}
