import type { Client, Resource } from './client/index.ts';
import { createEventWriter } from './event-writer.ts';
import type { KubeEvent, KubeObject } from './objects.ts';
import { timestamp } from './pod-state.ts';

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
  const writer = createEventWriter(client, log);

  const create = (resource: Resource, about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): Promise<KubeEvent | undefined> => {
    const now = timestamp();
    return writer.create(resource, about, {
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

  return {
    record(resource, about, type, reason, message) {
      const key = [resource.kind, about.metadata.uid ?? about.metadata.name, type, reason, message].join('\n');
      const known = recent.get(key);
      const nowMs = performance.now();
      const count = known && nowMs - known.atMs < sameForMs ? known.count + 1 : 1;
      const write = async (): Promise<KubeEvent | undefined> => {
        const before = count > 1 ? await known!.event : undefined;
        return before ? writer.change(before, { count, lastTimestamp: timestamp() }) : create(resource, about, type, reason, message);
      };
      recent.delete(key);
      recent.set(key, { event: write(), count, atMs: nowMs });
      if (recent.size > remembered) recent.delete(recent.keys().next().value!);
    },
  };
}
