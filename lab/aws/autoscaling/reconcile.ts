import type { Cloud } from '../cloud.ts';
import type { Group, GroupMember } from '../state.ts';
import { causeTime } from './activities.ts';
import { launchMember } from './launching.ts';
import { isSuspended, standing, terminateMember } from './members.ts';

/**
 * One look of a group at what it has. The unhealthy are terminated first; what is missing is launched at the next look,
 * so a group of one is empty for a while, as in AWS.
 */
export function reconcile(cloud: Cloud, group: Group): void {
  if (!isSuspended(group, 'HealthCheck')) for (const member of standing(group)) checkHealth(cloud, member);
  const replaced = replaceUnhealthy(cloud, group);
  if (group.deleting || replaced) return;
  const have = standing(group).length;
  if (have < group.desired) launchMissing(cloud, group, group.desired - have);
  else if (have > group.desired) shrink(cloud, group, have - group.desired);
}

/** Not `running` is unhealthy, in the grace period as well: that only covers status checks. */
function checkHealth(cloud: Cloud, member: GroupMember): void {
  if (member.lifecycle !== 'InService' || member.health === 'Unhealthy') return;
  if (cloud.state.instances.get(member.instanceId)?.state === 'running') return;
  member.health = 'Unhealthy';
  member.unhealthyBy = 'ec2';
}

function replaceUnhealthy(cloud: Cloud, group: Group): boolean {
  if (isSuspended(group, 'ReplaceUnhealthy') || isSuspended(group, 'Terminate')) return false;
  const unhealthy = standing(group).filter((member) => member.health === 'Unhealthy');
  for (const member of unhealthy) {
    const cause =
      member.unhealthyBy === 'user'
        ? `At ${causeTime()} an instance was taken out of service in response to a user health-check.`
        : `At ${causeTime()} an instance was taken out of service in response to an EC2 health check ` +
          'indicating it has been terminated or stopped.';
    terminateMember(cloud, group, member, cause);
  }
  return unhealthy.length > 0;
}

function launchMissing(cloud: Cloud, group: Group, missing: number): void {
  if (isSuspended(group, 'Launch') || Date.now() < group.nextLaunchAt) return;
  const failures = group.launchFailures;
  for (let launched = 0; launched < missing && group.launchFailures === failures; launched++)
    launchMember(cloud, group);
}

function shrink(cloud: Cloud, group: Group, surplus: number): void {
  if (isSuspended(group, 'Terminate')) return;
  for (let taken = 0; taken < surplus; taken++) {
    const have = standing(group).length;
    const member = chooseForScaleIn(group);
    if (member === undefined) return;
    const now = causeTime();
    terminateMember(
      cloud,
      group,
      member,
      `At ${now} an instance was taken out of service in response to a difference between desired and actual capacity, ` +
        `shrinking the capacity from ${have} to ${have - 1}.  At ${now} instance ${member.instanceId} was selected for termination.`,
    );
  }
}

/** The oldest member of the fullest zone; those protected from scale-in stay. */
function chooseForScaleIn(group: Group): GroupMember | undefined {
  const members = standing(group);
  const load = (zone: string): number => members.filter((member) => member.zone === zone).length;
  const fullest = Math.max(...members.map((member) => load(member.zone)));
  const open = members.filter((member) => !member.protectedFromScaleIn);
  return open.find((member) => load(member.zone) === fullest) ?? open[0];
}
