import { ApiError, ConnectionError, events, type Client } from '../client/index.ts';
import type { KubeEvent, Pod } from '../objects.ts';

const component = 'default-scheduler';

/** Writes the scheduler's Events, which are of the newer kind: with a time of their own, and a series when they come again. */
export interface SchedulingEvents {
  scheduled(pod: Pod, node: string): void;
  failed(pod: Pod, why: string): void;
}

/** @param instance which scheduler it was, such as its machine's name */
export function createSchedulingEvents(client: Client, instance: string, log: (line: string) => void): SchedulingEvents {
  /** The last failure of each pod, by uid. */
  const failures = new Map<string, { why: string; count: number; event: Promise<KubeEvent | undefined> }>();
  let sequence = 0;

  const attempt = async (write: Promise<KubeEvent>): Promise<KubeEvent | undefined> => {
    try {
      return await write;
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof ConnectionError)) throw error;
      log(`event not written: ${error.message}`);
      return undefined;
    }
  };
  const create = (pod: Pod, type: 'Normal' | 'Warning', reason: string, action: string, note: string): Promise<KubeEvent> => {
    const { name, namespace, uid, resourceVersion } = pod.metadata;
    sequence += 1;
    return client.create(events, {
      metadata: { name: `${name}.${(BigInt(Date.now()) * 1_000_000n + BigInt(sequence % 1_000_000)).toString(16)}`, namespace: namespace ?? 'default' },
      involvedObject: { kind: 'Pod', ...(namespace ? { namespace } : {}), name, ...(uid ? { uid } : {}), apiVersion: 'v1', ...(resourceVersion ? { resourceVersion } : {}) },
      reason,
      message: note,
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      type,
      eventTime: microTime(),
      action,
      reportingComponent: component,
      reportingInstance: `${component}-${instance}`,
    });
  };
  const repeat = (event: KubeEvent, count: number): Promise<KubeEvent> =>
    client.patch(events, event.metadata, 'merge', { series: { count, lastObservedTime: microTime() } });

  return {
    scheduled(pod, node) {
      failures.delete(pod.metadata.uid!);
      const { namespace, name } = pod.metadata;
      attempt(create(pod, 'Normal', 'Scheduled', 'Binding', `Successfully assigned ${namespace}/${name} to ${node}`)).catch((error: unknown) => log(String(error)));
    },
    failed(pod, why) {
      const uid = pod.metadata.uid!;
      const before = failures.get(uid);
      const count = before?.why === why ? before.count + 1 : 1;
      const write = async (): Promise<KubeEvent | undefined> => {
        const first = count > 1 ? await before!.event : undefined;
        if (!first) return attempt(create(pod, 'Warning', 'FailedScheduling', 'Scheduling', why));
        await attempt(repeat(first, count));
        return first;
      };
      const event = write();
      event.catch((error: unknown) => log(String(error)));
      failures.set(uid, { why, count, event });
      if (failures.size > 1000) failures.delete(failures.keys().next().value!);
    },
  };
}

function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
