import type { KubeObject } from '../objects.ts';
import type { Client } from './client.ts';
import { startInformer, type Informer, type InformerOptions } from './informer.ts';
import type { Resource } from './resources.ts';

/** One informer a resource, shared by all who ask: the server is watched once, and the objects are in memory once. */
export interface Informers {
  of<T extends KubeObject>(resource: Resource<T>): Informer<T>;
  /** Waits until the first lists of all that were asked for so far are there. */
  synced(): Promise<void>;
  close(): void;
}

/** @param options apply to every informer; a selection would hide objects from all who share it, so there is none */
export function createInformers(client: Client, options: Pick<InformerOptions, 'backOff' | 'watchSeconds' | 'log'> = {}): Informers {
  const started = new Map<string, { synced: Promise<void>; close(): void }>();
  return {
    of<T extends KubeObject>(resource: Resource<T>): Informer<T> {
      const key = `${resource.apiVersion}/${resource.plural}`;
      const known = started.get(key);
      if (known) return known as Informer<T>;
      const informer = startInformer(client, resource, options);
      started.set(key, informer);
      return informer;
    },
    async synced() {
      await Promise.all([...started.values()].map((informer) => informer.synced));
    },
    close() {
      for (const informer of started.values()) informer.close();
      started.clear();
    },
  };
}
