import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Hypervisor, Timing } from '../hypervisor.ts';
import { followInstance } from './autoscaling/members.ts';
import { createCallLog, type Call } from './calls.ts';
import type { Cloud } from './cloud.ts';
import { createTrail } from './cloudtrail/trail.ts';
import { machineExited } from './ec2/lifecycle.ts';
import { networkFollows } from './ec2/enforcement.ts';
import { createNetwork } from './ec2/vpc.ts';
import {
  createPlatformGroup,
  createPlatformSecurityGroup,
  createPlatformVolume,
  type PlatformGroup,
  type PlatformSecurityGroup,
  type PlatformVolume,
} from './platform.ts';
import { normalForm } from './normal-form.ts';
import { missing, restore, takeBaseline, type Baseline } from './reset.ts';
import type { SabotageSwitches } from './sabotage.ts';
import { createHandler } from './server.ts';
import { snapshot, type Json } from './snapshot.ts';
import type { Instance, InstanceState } from './state.ts';
import { statusOf, type AwsStatus } from './status.ts';
import { createTimers } from './timers.ts';
import { slowLaunchExtraMs, terminatedVisibleMs } from './timing.ts';

export { sabotageAmounts, sabotages, type Sabotage, type SabotageAmount, type SabotageSwitches } from './sabotage.ts';
export { profiles } from './timing.ts';
export type { AwsStatus, Call, Json, PlatformGroup, PlatformSecurityGroup, PlatformVolume };

/** An instance at a change of its state. */
export interface InstanceChange {
  readonly instanceId: string;
  readonly name: string | undefined;
  readonly address: string;
  readonly zone: string;
  readonly state: InstanceState;
  readonly tags: Readonly<Record<string, string>>;
}

export interface AwsOptions {
  readonly hypervisor: Hypervisor;
  readonly timing: Timing;
  readonly region: string;
  readonly accountId: string;
  readonly sabotage: SabotageSwitches;
  /** The DNS follows this: called at each change of an instance's state, `pending` included. */
  readonly onInstanceChange?: (change: InstanceChange) => void;
  /** A failure below that no caller waits for, such as a volume that couldn't be detached. */
  readonly onTrouble?: (what: string, error: unknown) => void;
  /** What `slow-replacement` adds to a group's launch; 30 s when not given. */
  readonly slowLaunchExtraMs?: number;
  /** Where CloudTrail's records of calls that changed something go, one a line; nowhere when not given. */
  readonly trailFile?: string;
  /** How long a terminated instance can still be described; an hour when not given. */
  readonly terminatedVisibleMs?: number;
}

export interface Aws {
  /** Answers EC2, Auto Scaling, STS and CloudTrail calls, all on one address. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Makes a volume; resolves with its id when it is available. */
  createVolume(volume: PlatformVolume): Promise<string>;
  /** Makes a security group; resolves with its id. */
  createSecurityGroup(group: PlatformSecurityGroup): Promise<string>;
  /** Makes a group and its launch template. */
  createGroup(group: PlatformGroup): void;
  /** Remembers the present as what the platform is like when whole; call it when all is set up. */
  markWhole(): void;
  /**
   * Gives the network's rules, sizes, tags, launch templates and suspended processes back as they were at {@link markWhole},
   * forgets what is over, and leaves the rest to the groups. Does nothing before `markWhole`.
   */
  reset(): void;
  /** What differs from a whole platform, in words; empty when whole. */
  missing(): string[];
  status(): AwsStatus;
  /** The whole state as JSON with its keys in order. */
  snapshot(): Json;
  /** The same without all that is different after an instance was replaced: see `normalForm`. */
  normalForm(): Json;
  /** The last calls, oldest first. */
  calls(): Call[];
  /** How many calls there were, by `service:Action`. */
  callCounts(): Record<string, number>;
  /** Stops all that was going to happen. Machines that run are not touched. */
  close(): void;
}

/** An AWS with one region, one VPC and three zones, empty otherwise. */
export function createAws(options: AwsOptions): Aws {
  const { hypervisor, region } = options;
  let sequence = 0;
  const cloud: Cloud = {
    region,
    accountId: options.accountId,
    timing: options.timing,
    slowLaunchExtraMs: options.slowLaunchExtraMs ?? slowLaunchExtraMs,
    terminatedVisibleMs: options.terminatedVisibleMs ?? terminatedVisibleMs,
    hypervisor,
    sabotage: options.sabotage,
    state: {
      ...createNetwork(region),
      instances: new Map(),
      volumes: new Map(),
      launchTemplates: new Map(),
      groups: new Map(),
    },
    held: { borders: new Map(), groups: new Map() },
    madeAt: new Map(),
    timers: createTimers((error) => cloud.trouble('a transition failed', error)),
    nextSequence: () => ++sequence,
    instanceChanged(instance) {
      followInstance(cloud, instance);
      try {
        options.onInstanceChange?.(changeOf(instance));
      } catch (error) {
        cloud.trouble(`a listener failed on ${instance.id} becoming ${instance.state}`, error);
      }
    },
    trouble: options.onTrouble ?? ((what, error) => process.emitWarning(`${what}: ${String(error)}`)),
  };
  hypervisor.onExit((exit) => machineExited(cloud, exit.instanceId));
  networkFollows(cloud);
  const calls = createCallLog();
  let whole: Baseline | undefined;

  return {
    handle: createHandler(cloud, calls, createTrail(cloud, options.trailFile)),
    createVolume: (volume) => createPlatformVolume(cloud, volume),
    createSecurityGroup: (group) => createPlatformSecurityGroup(cloud, group),
    createGroup: (group) => createPlatformGroup(cloud, group),
    markWhole: () => void (whole = takeBaseline(cloud)),
    reset: () => whole && restore(cloud, whole),
    missing: () => (whole ? missing(cloud, whole) : []),
    status: () => statusOf(cloud),
    snapshot: () => snapshot(cloud),
    normalForm: () => normalForm(cloud),
    calls: () => calls.list(),
    callCounts: () => calls.counts(),
    close: () => cloud.timers.close(),
  };
}

function changeOf(instance: Instance): InstanceChange {
  const { id: instanceId, address, zone, state, tags } = instance;
  return { instanceId, name: tags.get('Name'), address, zone, state, tags: Object.fromEntries(tags) };
}
