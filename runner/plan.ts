import type { FaultPlan } from './fault.ts';

/** What a drill would hit, and why that is safe. Plain data. */
export interface Plan {
  readonly faults: readonly PlannedFault[];
  readonly blastRadius: BlastRadius;
  readonly quorum: QuorumSum | null;
  /** The zone chosen for each `any`, by parameter. */
  readonly zones: Readonly<Record<string, string>>;
}

export interface PlannedFault extends FaultPlan {
  readonly id: string;
  readonly kind: string;
  /** When it starts, in words: `0s`, `1s`, `after zone`. */
  readonly when: string;
}

export interface BlastRadius {
  readonly instances: number;
  /** Zones in which nothing of the roles that are hit stays. */
  readonly zonesLost: readonly string[];
  /** Members down at the worst moment, those that were down before included. */
  readonly etcdMembersDown: number;
}

/** The quorum gate's sum: `voters - down - taken` must be at least `needed`. */
export interface QuorumSum {
  readonly voters: number;
  readonly down: number;
  readonly taken: number;
  readonly needed: number;
  readonly holds: boolean;
}
