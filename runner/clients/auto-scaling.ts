import type { Activity as SdkActivity, AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { Group } from '../inventory.ts';
import { awsConfig, calling, hookInto, type AwsEnvironment, type AwsHooks } from './aws.ts';

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
  /** Every group, or only those of these names (names that don't exist are left out). */
  groups(options?: { names?: readonly string[]; signal?: AbortSignal }): Promise<Omit<Group, 'roles'>[]>;
  /** The newest activities of all groups together, newest first. One request. */
  activities(options?: { signal?: AbortSignal }): Promise<Activity[]>;
  suspend(group: string, processes: readonly string[], signal?: AbortSignal): Promise<void>;
  resume(group: string, processes: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Sets tags on several groups at once; launches don't inherit them. */
  tag(groups: readonly string[], tags: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void>;
  untag(groups: readonly string[], tags: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void>;
  setLaunchTemplate(group: string, template: { id: string; version: string }, signal?: AbortSignal): Promise<void>;
  /** TerminateInstanceInAutoScalingGroup: the orderly way, which the group knows of at once. Its size stays as it is. */
  terminate(instance: string, signal?: AbortSignal): Promise<void>;
  close(): void;
}

/** The service's own limit. */
const pageSize = 100;

/** Loads the SDK: only when Auto Scaling is needed. */
export async function connectAutoScaling(aws: AwsEnvironment, hooks: AwsHooks): Promise<AutoScalingClient> {
  const sdk = await import('@aws-sdk/client-auto-scaling');
  const client = new sdk.AutoScalingClient(awsConfig(aws, hooks));
  hookInto(client, hooks, 'autoscaling');
  const call = <T>(action: string, signal: AbortSignal | undefined, work: (options: { abortSignal?: AbortSignal }) => Promise<T>) =>
    calling(aws, action, signal, work(signal ? { abortSignal: signal } : {}));
  return {
    async groups({ names, signal } = {}) {
      if (names?.length === 0) return [];
      const collect = async (): Promise<Omit<Group, 'roles'>[]> => {
        const found: Omit<Group, 'roles'>[] = [];
        const input = names ? { AutoScalingGroupNames: [...names] } : {};
        for await (const page of sdk.paginateDescribeAutoScalingGroups({ client, pageSize }, input, { abortSignal: signal })) {
          found.push(...(page.AutoScalingGroups ?? []).map(toGroup));
        }
        return found;
      };
      return calling(aws, 'DescribeAutoScalingGroups', signal, collect());
    },
    async activities({ signal } = {}) {
      const command = new sdk.DescribeScalingActivitiesCommand({ MaxRecords: pageSize });
      const answer = await calling(aws, 'DescribeScalingActivities', signal, client.send(command, { abortSignal: signal }));
      return (answer.Activities ?? []).map(toActivity);
    },
    suspend: (group, processes, signal) =>
      call('SuspendProcesses', signal, async (options) => {
        await client.send(new sdk.SuspendProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: [...processes] }), options);
      }),
    resume: (group, processes, signal) =>
      call('ResumeProcesses', signal, async (options) => {
        await client.send(new sdk.ResumeProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: [...processes] }), options);
      }),
    tag: (groups, tags, signal) =>
      call('CreateOrUpdateTags', signal, async (options) => {
        await client.send(new sdk.CreateOrUpdateTagsCommand({ Tags: groupTags(groups, tags) }), options);
      }),
    untag: (groups, tags, signal) =>
      call('DeleteTags', signal, async (options) => {
        await client.send(new sdk.DeleteTagsCommand({ Tags: groupTags(groups, tags) }), options);
      }),
    setLaunchTemplate: (group, { id, version }, signal) =>
      call('UpdateAutoScalingGroup', signal, async (options) => {
        const LaunchTemplate = { LaunchTemplateId: id, Version: version };
        await client.send(new sdk.UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, LaunchTemplate }), options);
      }),
    terminate: (instance, signal) =>
      call('TerminateInstanceInAutoScalingGroup', signal, async (options) => {
        const input = { InstanceId: instance, ShouldDecrementDesiredCapacity: false };
        await client.send(new sdk.TerminateInstanceInAutoScalingGroupCommand(input), options);
      }),
    close: () => client.destroy(),
  };
}

function groupTags(groups: readonly string[], tags: Readonly<Record<string, string>>) {
  return groups.flatMap((group) =>
    Object.entries(tags).map(([Key, Value]) => ({
      ResourceId: group,
      ResourceType: 'auto-scaling-group',
      Key,
      Value,
      PropagateAtLaunch: false,
    })),
  );
}

function toGroup(group: AutoScalingGroup): Omit<Group, 'roles'> {
  return {
    name: group.AutoScalingGroupName ?? '',
    ...(group.AutoScalingGroupARN === undefined ? {} : { arn: group.AutoScalingGroupARN }),
    min: group.MinSize ?? 0,
    max: group.MaxSize ?? 0,
    desired: group.DesiredCapacity ?? 0,
    zones: group.AvailabilityZones ?? [],
    tags: Object.fromEntries((group.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
    members: (group.Instances ?? []).map((member) => ({
      instanceId: member.InstanceId ?? '',
      zone: member.AvailabilityZone ?? '',
      lifecycle: member.LifecycleState ?? 'unknown',
      healthy: member.HealthStatus === 'Healthy',
    })),
    suspended: (group.SuspendedProcesses ?? []).map((process) => process.ProcessName ?? ''),
    ...templateOf(group),
  };
}

function templateOf({ LaunchTemplate }: AutoScalingGroup): Pick<Group, 'launchTemplate'> {
  const { LaunchTemplateId: id, Version: version = '$Default' } = LaunchTemplate ?? {};
  return id === undefined ? {} : { launchTemplate: { id, version } };
}

function toActivity(activity: SdkActivity): Activity {
  return {
    id: activity.ActivityId ?? '',
    group: activity.AutoScalingGroupName ?? '',
    status: activity.StatusCode ?? 'unknown',
    description: activity.Description ?? '',
    cause: activity.Cause ?? '',
    statusMessage: activity.StatusMessage,
    startedAtMs: activity.StartTime?.getTime() ?? 0,
    endedAtMs: activity.EndTime?.getTime(),
  };
}
