import { runWhileLeading, type Client, type LeaseTiming, type Running } from '../client/index.ts';
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
export async function startScheduler({ client, identity, timing, isOn, log }: SchedulerOptions): Promise<Running> {
  return runWhileLeading({ client, name: 'kube-scheduler', identity, timing: timing.election, ...(log ? { log } : {}) }, (term) =>
    startScheduling({ ...term, instance: identity, isOn, backOff: timing.backOff }),
  );
}
