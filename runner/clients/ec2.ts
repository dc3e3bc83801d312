import type { Instance, Volume } from '../inventory.ts';

/** An instance before the environment's roles are known. */
export type Ec2Instance = Omit<Instance, 'roles' | 'group'>;

export interface Ec2Client {
  /** Every instance that is not long gone, or only those of these ids (ids that EC2 has forgotten are left out). */
  instances(options?: { ids?: readonly string[]; signal?: AbortSignal }): Promise<Ec2Instance[]>;
  volumes(options?: { ids?: readonly string[]; signal?: AbortSignal }): Promise<Volume[]>;
  /** TerminateInstances: a crash. */
  terminate(ids: readonly string[], options?: { dryRun?: boolean; signal?: AbortSignal }): Promise<void>;
}
