import type { Group } from '../inventory.ts';

export interface Activity {
  readonly id: string;
  readonly group: string;
  /** `Successful`, `InProgress`, `Failed`, … */
  readonly status: string;
  readonly description: string;
  readonly cause: string;
  readonly statusMessage: string | undefined;
  /** The service's own clock: UTC milliseconds, whole seconds on the real one. */
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
}

export interface AutoScalingClient {
  groups(options?: { names?: readonly string[]; signal?: AbortSignal }): Promise<Omit<Group, 'roles'>[]>;
  /** The newest activities of a group, newest first. */
  activities(group: string, options?: { signal?: AbortSignal }): Promise<Activity[]>;
}
