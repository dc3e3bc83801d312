import { ApiError, ConnectionError, type Client, type Resource, events } from './client/index.ts';
import type { KubeEvent, KubeObject } from './objects.ts';
import { timestamp } from './pod-state.ts';

/** What an event is about. */
export type About = Pick<KubeEvent['involvedObject'], 'kind' | 'name' | 'namespace' | 'uid' | 'apiVersion' | 'resourceVersion' | 'fieldPath'>;

/** Writes Events, as the component that it was made for. Nobody waits for them, and one that gets lost is only logged. */
export interface EventRecorder {
  /** @param about the object and the resource that it is of, since objects in lists don't say their kind */
  record(resource: Resource, about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

/** The same event again within this time raises the count of the first. */
const sameForMs = 600_000;
const remembered = 500;

/** @param component such as `replicaset-controller` */
export function createEventRecorder(client: Client, component: string, log: (line: string) => void): EventRecorder {
  const recent = new Map<string, { event: Promise<KubeEvent | undefined>; count: number; atMs: number }>();
  let sequence = 0;

  const create = async (resource: Resource, about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): Promise<KubeEvent> => {
    const now = timestamp();
    sequence += 1;
    const { name, namespace, uid, resourceVersion } = about.metadata;
    const involvedObject = { kind: resource.kind, ...(namespace ? { namespace } : {}), name, ...(uid ? { uid } : {}), apiVersion: resource.apiVersion, ...(resourceVersion ? { resourceVersion } : {}) };
    return client.create(events, {
      metadata: { name: `${name}.${(BigInt(Date.now()) * 1_000_000n + BigInt(sequence % 1_000_000)).toString(16)}`, namespace: namespace ?? 'default' },
      involvedObject,
      reason,
      message,
      source: { component },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      type,
      eventTime: null,
      reportingComponent: component,
      reportingInstance: '',
    });
  };
  const repeat = async (first: KubeEvent, count: number): Promise<KubeEvent> =>
    client.patch(events, { name: first.metadata.name, namespace: first.metadata.namespace }, 'merge', { count, lastTimestamp: timestamp() });
  const forgiving = async (write: Promise<KubeEvent>): Promise<KubeEvent | undefined> => {
    try {
      return await write;
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof ConnectionError)) throw error;
      log(`event not written: ${error.message}`);
      return undefined;
    }
  };

  return {
    record(resource, about, type, reason, message) {
      const key = [resource.kind, about.metadata.uid ?? about.metadata.name, type, reason, message].join('\n');
      const known = recent.get(key);
      const nowMs = performance.now();
      const count = known && nowMs - known.atMs < sameForMs ? known.count + 1 : 1;
      const write = async (): Promise<KubeEvent | undefined> => {
        const before = count > 1 ? await known!.event : undefined;
        return forgiving(before ? repeat(before, count) : create(resource, about, type, reason, message));
      };
      recent.delete(key);
      recent.set(key, { event: write(), count, atMs: nowMs });
      if (recent.size > remembered) recent.delete(recent.keys().next().value!);
    },
  };
}
