import { boundClient, createInformers, standForElection, type Client, type LeaseTiming } from '../client/index.ts';
import { startScheduling, type SchedulerSabotage } from './scheduling.ts';

export type { SchedulerSabotage };

export interface SchedulerTiming {
  /** Pauses of a pod that has found no place, before it is tried again after something has changed; doubled each time. */
  readonly backOff: { readonly minMs: number; readonly maxMs: number };
  readonly election: LeaseTiming;
}

export interface SchedulerOptions {
  readonly client: Client;
  /** Who this is among the masters, such as the machine's name. */
  readonly identity: string;
  readonly isOn: (sabotage: SchedulerSabotage) => boolean;
  readonly timing: SchedulerTiming;
  readonly log?: (line: string) => void;
}

/** Back-offs of both profiles; `aws` has the real scheduler's. */
export const schedulerBackOffs = {
  fast: { minMs: 200, maxMs: 1_000 },
  aws: { minMs: 1_000, maxMs: 10_000 },
} as const;

/** Stands for election as the scheduler, and gives pods their nodes while it leads. */
export async function startScheduler(options: SchedulerOptions): Promise<{ close(): Promise<void> }> {
  const { client, identity, timing, isOn, log = () => {} } = options;
  return standForElection({
    client,
    namespace: 'kube-system',
    name: 'kube-scheduler',
    identity,
    timing: timing.election,
    log,
    async lead() {
      const closing = new AbortController();
      const bound = boundClient(client, closing.signal);
      const informers = createInformers(bound, { log });
      const scheduling = startScheduling({ client: bound, informers, instance: identity, isOn, backOff: timing.backOff, log });
      return {
        async close() {
          closing.abort();
          informers.close();
          await scheduling.close();
        },
      };
    },
  });
}
