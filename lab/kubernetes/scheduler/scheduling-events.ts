import { pods, type Client } from '../client/index.ts';
import { createEventWriter } from '../event-writer.ts';
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
  const writer = createEventWriter(client, log);

  const create = (pod: Pod, type: 'Normal' | 'Warning', reason: string, action: string, note: string): Promise<KubeEvent | undefined> =>
    writer.create(pods, pod, {
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

  return {
    scheduled(pod, node) {
      failures.delete(pod.metadata.uid!);
      const { namespace, name } = pod.metadata;
      create(pod, 'Normal', 'Scheduled', 'Binding', `Successfully assigned ${namespace}/${name} to ${node}`).catch((error: unknown) => log(String(error)));
    },
    failed(pod, why) {
      const uid = pod.metadata.uid!;
      const before = failures.get(uid);
      const count = before?.why === why ? before.count + 1 : 1;
      const write = async (): Promise<KubeEvent | undefined> => {
        const first = count > 1 ? await before!.event : undefined;
        if (!first) return create(pod, 'Warning', 'FailedScheduling', 'Scheduling', why);
        await writer.change(first, { series: { count, lastObservedTime: microTime() } });
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
