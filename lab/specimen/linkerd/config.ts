import { configMaps, startInformer, type Client } from '../../kubernetes/client/index.ts';
import type { ConfigMap } from '../../kubernetes/objects.ts';

/** Where the proxies read how they are to behave, and whose keys are `true` or `false`. */
export const configName = 'linkerd-config';

/** Ways in which the proxy can be made wrong. */
export const configKeys = {
  /** It never sends a request twice. */
  noRetries: 'no-retries',
  /** It doesn't start while a service has no endpoints: the bug of October 2017. */
  crashOnEmptyEndpoints: 'crash-on-empty-endpoints',
} as const;

export interface Config {
  isOn(key: (typeof configKeys)[keyof typeof configKeys]): boolean;
  close(): void;
}

/** Follows the ConfigMap of this namespace. Resolves when it has been read; one that isn't there has all switches off. */
export async function followConfig(client: Client, namespace: string, log: (line: string) => void): Promise<Config> {
  const informer = startInformer<ConfigMap>(client, configMaps, { namespace, fieldSelector: `metadata.name=${configName}`, log });
  await informer.synced;
  return { isOn: (key) => informer.store.get(`${namespace}/${configName}`)?.data?.[key] === 'true', close: informer.close };
}
