import type { Hypervisor, Timing } from '../hypervisor.ts';
import type { SabotageSwitches } from './sabotage.ts';
import type { AclEntry, Instance, State } from './state.ts';
import type { Timers } from './timers.ts';

/** Everything that an action or a transition works with; one object a lab. */
export interface Cloud {
  readonly region: string;
  readonly accountId: string;
  readonly timing: Timing;
  readonly slowLaunchExtraMs: number;
  readonly terminatedVisibleMs: number;
  readonly hypervisor: Hypervisor;
  readonly sabotage: SabotageSwitches;
  readonly state: State;
  readonly timers: Timers;
  /** What packets go by in place of the state, after sabotage: subnets' rules and instances' groups, by their ids. */
  readonly held: {
    readonly borders: Map<string, readonly AclEntry[]>;
    readonly groups: Map<string, readonly string[]>;
  };
  /** When things were made that describes may not know yet; ids to milliseconds since the epoch. */
  readonly madeAt: Map<string, number>;
  /** Grows with everything that is made, so that lists have an order that pages can hold on to. */
  nextSequence(): number;
  /** Called at each change of an instance's state: the groups and the DNS follow it. */
  instanceChanged(instance: Instance): void;
  /** Something went wrong below that no caller waits for. */
  trouble(what: string, error: unknown): void;
}

/** Who signed a call. The lab has no IAM: the access key is the user's name. */
export interface Caller {
  readonly arn: string;
  readonly userId: string;
}

/** Work that no caller waits for; its failure is reported, never left unhandled. */
export function background(cloud: Cloud, what: string, work: () => Promise<void>): void {
  work().catch((error: unknown) => cloud.trouble(`${what} failed`, error));
}
