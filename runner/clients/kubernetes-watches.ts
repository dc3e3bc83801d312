import type { ClusterWatch, CollectionName, WatchedCollection, WatchedObject, WatchedObjects, WatchScope } from '../cluster-watch.ts';
import type { Clock } from '../clock.ts';
import { skewInWords } from './kubernetes-clock.ts';
import type { KubernetesConnection } from './kubernetes-connection.ts';
import { listAll, resources } from './kubernetes-list.ts';
import { watchCollection, type OpenCollection } from './kubernetes-watch.ts';
import { shrinkers } from './kubernetes-watched.ts';

export interface WatchesInput {
  /** Connects when it is first needed. */
  api(): Promise<Pick<KubernetesConnection, 'request' | 'stream' | 'clockAheadMs'>>;
  readonly clock: Clock;
  /** A line for the journal. */
  note(text: string): void;
}

/** The watches of a run: one for each scope, however many ask for it. */
export function watchCluster({ api, clock, note }: WatchesInput): ClusterWatch {
  const opened = new Map<string, Promise<OpenCollection<WatchedObject>>>();
  let toldSkew = false;
  const begin = async (scope: WatchScope): Promise<OpenCollection<WatchedObject>> => {
    const connected = await api();
    const collection = await watchCollection<WatchedObject>({ api: connected, clock, scope, shrink: shrinkers[scope.collection], note });
    const skew = skewInWords(connected.clockAheadMs());
    // What the API dates (creation, transitions) is never reckoned with; a reader who compares it has to know.
    if (skew !== undefined && !toldSkew) note(`Kubernetes: ${skew}; all times of this run are this machine's`);
    toldSkew ||= skew !== undefined;
    return collection;
  };
  return {
    open<C extends CollectionName>(scope: WatchScope<C>) {
      const key = JSON.stringify([scope.collection, scope.namespace, scope.labelSelector]);
      const shared = opened.get(key) ?? begin(scope);
      opened.set(key, shared);
      return shared as Promise<WatchedCollection<WatchedObject>> as Promise<WatchedCollection<WatchedObjects[C]>>;
    },
    async list<C extends CollectionName>(scope: WatchScope<C>) {
      return (await listAll(await api(), resources[scope.collection], scope, shrinkers[scope.collection])).items;
    },
    async close() {
      // One that could not be opened has told whoever asked for it.
      const collections = await Promise.allSettled(opened.values());
      await Promise.all(collections.flatMap((one) => (one.status === 'fulfilled' ? [one.value.close()] : [])));
    },
  };
}
