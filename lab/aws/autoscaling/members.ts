import type { Cloud } from '../cloud.ts';
import { subnetNamed } from '../ec2/launch.ts';
import { isGoing, terminateInstance } from '../ec2/lifecycle.ts';
import type { Group, GroupMember, Instance, Subnet } from '../state.ts';
import { beginActivity, causeTime, endActivity, takeCause } from './activities.ts';

/** The members that count towards the desired capacity. */
export function standing(group: Group): GroupMember[] {
  return [...group.members.values()].filter((member) => member.lifecycle !== 'Terminating');
}

export function memberOf(
  cloud: Cloud,
  instanceId: string,
): { readonly group: Group; readonly member: GroupMember } | undefined {
  for (const group of cloud.state.groups.values()) {
    const member = group.members.get(instanceId);
    if (member !== undefined) return { group, member };
  }
  return undefined;
}

export const isSuspended = (group: Group, process: Parameters<Group['suspended']['has']>[0]): boolean =>
  group.suspended.has(process);

function subnetOf(cloud: Cloud, group: Group, zone: string): Subnet {
  const subnets = group.subnetIds.map((id) => subnetNamed(cloud, id));
  return subnets.find((subnet) => subnet.zone === zone) ?? subnets[0]!;
}

/** Takes a member out of service and terminates its instance; the member leaves when the instance is gone. */
export function terminateMember(cloud: Cloud, group: Group, member: GroupMember, cause: string): void {
  endActivity(member.launchActivity, 'Cancelled', 'The instance was terminated before it was in service');
  member.lifecycle = 'Terminating';
  member.terminateActivity = beginActivity(cloud, group, {
    description: `Terminating EC2 instance: ${member.instanceId}`,
    cause: takeCause(group, cause),
    subnet: subnetOf(cloud, group, member.zone),
    status: 'InProgress',
  });
  const instance = cloud.state.instances.get(member.instanceId);
  if (instance === undefined || instance.state === 'terminated') removeMember(cloud, group, member);
  else if (!isGoing(instance)) terminateInstance(cloud, instance);
}

function removeMember(cloud: Cloud, group: Group, member: GroupMember): void {
  if (member.terminateActivity !== undefined) endActivity(member.terminateActivity, 'Successful');
  group.members.delete(member.instanceId);
  if (group.deleting && group.members.size === 0) cloud.state.groups.delete(group.name);
}

/** EC2 changed an instance's state: what its group makes of it at once, without waiting for its next look. */
export function followInstance(cloud: Cloud, instance: Instance): void {
  const found = memberOf(cloud, instance.id);
  if (found === undefined) return;
  const { group, member } = found;
  if (member.lifecycle === 'Pending' && instance.state === 'running') {
    member.lifecycle = 'InService';
    member.inServiceAt = new Date();
    group.launchFailures = 0;
    endActivity(member.launchActivity, 'Successful');
  } else if (member.lifecycle === 'Pending' && instance.state !== 'pending') {
    failPending(cloud, group, member, instance);
  } else if (member.lifecycle === 'Terminating' && instance.state === 'terminated') {
    removeMember(cloud, group, member);
  }
}

/** Failed launches are tried again at ever longer intervals, up to this many of the group's periods. */
const longestBackoffPeriods = 8;

/** A launch has failed: the next one waits, the longer the more have failed in a row. */
export function delayLaunches(cloud: Cloud, group: Group): void {
  group.launchFailures++;
  const periods = Math.min(2 ** (group.launchFailures - 1), longestBackoffPeriods);
  group.nextLaunchAt = Date.now() + periods * cloud.timing.groupPeriodMs;
}

function failPending(cloud: Cloud, group: Group, member: GroupMember, instance: Instance): void {
  const reason = instance.stateReason?.message ?? instance.state;
  if (!instance.stateReason?.code.includes('UserInitiated')) delayLaunches(cloud, group);
  endActivity(
    member.launchActivity,
    'Failed',
    `Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: ${reason}`,
  );
  if (instance.state === 'terminated') removeMember(cloud, group, member);
  else
    terminateMember(
      cloud,
      group,
      member,
      `At ${causeTime()} an instance was taken out of service in response to a launch failure.`,
    );
}
