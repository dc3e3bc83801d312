import type { Cloud } from '../cloud.ts';
import type { Action, Actions } from '../protocol/action.ts';
import { validationError } from '../protocol/errors.ts';
import { pageOf } from '../protocol/pages.ts';
import type { XmlObject } from '../protocol/xml.ts';
import type { Activity, Group, GroupMember } from '../state.ts';
import { causeTime } from './activities.ts';
import { memberView } from './describe-groups.ts';
import { memberOf, standing, terminateMember } from './members.ts';

function memberNamed(cloud: Cloud, instanceId: string): { readonly group: Group; readonly member: GroupMember } {
  const found = memberOf(cloud, instanceId);
  if (found === undefined)
    throw validationError(`Instance Id not found - No managed instance found for instance ID: ${instanceId}`);
  return found;
}

const describeAutoScalingInstances: Action = {
  parameters: ['InstanceIds', 'MaxRecords', 'NextToken'],
  run(cloud, params) {
    const ids = params.strings('InstanceIds');
    const rows = [...cloud.state.groups.values()]
      .flatMap((group) => [...group.members.values()].map((member) => ({ group, member })))
      .filter(({ member }) => ids.length === 0 || ids.includes(member.instanceId))
      .sort((a, b) => (a.member.instanceId < b.member.instanceId ? -1 : 1));
    const page = pageOf(
      rows,
      ({ member }) => member.instanceId,
      params.integer('MaxRecords', { min: 1, max: 50 }) ?? 50,
      params.string('NextToken'),
    );
    return {
      AutoScalingInstances: page.items.map(({ group, member }) => ({
        ...memberView(cloud, member),
        // Upper case here, capitalised in DescribeAutoScalingGroups: so it is in AWS.
        HealthStatus: member.health.toUpperCase(),
        AutoScalingGroupName: group.name,
      })),
      NextToken: page.nextToken,
    };
  },
};

const setInstanceHealth: Action = {
  parameters: ['InstanceId', 'HealthStatus', 'ShouldRespectGracePeriod'],
  run(cloud, params) {
    const { group, member } = memberNamed(cloud, params.required('InstanceId'));
    const status = params.required('HealthStatus');
    if (status !== 'Healthy' && status !== 'Unhealthy')
      throw validationError(
        `Value '${status}' at 'healthStatus' failed to satisfy constraint: it must be Healthy or Unhealthy`,
      );
    const graceEndsAt = (member.inServiceAt?.getTime() ?? Infinity) + group.healthCheckGracePeriodSeconds * 1000;
    const inGrace = group.healthCheckGracePeriodSeconds > 0 && Date.now() < graceEndsAt;
    if (status === 'Unhealthy' && inGrace && (params.boolean('ShouldRespectGracePeriod') ?? true)) return {};
    member.health = status;
    member.unhealthyBy = status === 'Unhealthy' ? 'user' : undefined;
    return {};
  },
};

const terminateInstanceInAutoScalingGroup: Action = {
  parameters: ['InstanceId', 'ShouldDecrementDesiredCapacity'],
  run(cloud, params) {
    const { group, member } = memberNamed(cloud, params.required('InstanceId'));
    params.required('ShouldDecrementDesiredCapacity');
    const decrement = params.boolean('ShouldDecrementDesiredCapacity') ?? false;
    if (decrement && group.desired - 1 < group.min) {
      throw validationError(
        `Currently, desiredSize equals minSize (${group.min}). Terminating instance without replacement will violate ` +
          "group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
      );
    }
    if (member.lifecycle === 'Terminating')
      throw validationError(`Instance ${member.instanceId} is already being terminated`);
    const have = standing(group).length;
    if (decrement) group.desired--;
    const shrinking = decrement ? `, shrinking the capacity from ${have} to ${have - 1}` : '';
    terminateMember(
      cloud,
      group,
      member,
      `At ${causeTime()} instance ${member.instanceId} was taken out of service in response to a user request${shrinking}.`,
    );
    return { Activity: activityView(group, member.terminateActivity!) };
  },
};

const describeScalingActivities: Action = {
  parameters: ['AutoScalingGroupName', 'ActivityIds', 'IncludeDeletedGroups', 'MaxRecords', 'NextToken'],
  run(cloud, params) {
    const name = params.string('AutoScalingGroupName');
    const ids = params.strings('ActivityIds');
    if (name !== undefined && !cloud.state.groups.has(name))
      throw validationError('AutoScalingGroup name not found - null');
    const groups = name === undefined ? [...cloud.state.groups.values()] : [cloud.state.groups.get(name)!];
    const rows = groups
      .flatMap((group) => group.activities.map((activity) => ({ group, activity })))
      .filter(({ activity }) => ids.length === 0 || ids.includes(activity.id))
      .sort((a, b) => b.activity.sequence - a.activity.sequence);
    const page = pageOf(
      rows,
      ({ activity }) => -activity.sequence,
      params.integer('MaxRecords', { min: 1, max: 100 }) ?? 100,
      params.string('NextToken'),
    );
    return {
      Activities: page.items.map(({ group, activity }) => activityView(group, activity)),
      NextToken: page.nextToken,
    };
  },
};

/** AWS gives end times to the second; here it is milliseconds, as an activity may be shorter than a second. */
function activityView(group: Group, activity: Activity): XmlObject {
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: group.name,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: activity.startedAt,
    EndTime: activity.endedAt,
    StatusCode: activity.status,
    StatusMessage: activity.statusMessage,
    Progress: activity.progress,
    Details: activity.details,
    AutoScalingGroupARN: group.arn,
  };
}

export const groupInstanceActions: Actions = {
  DescribeAutoScalingInstances: describeAutoScalingInstances,
  SetInstanceHealth: setInstanceHealth,
  TerminateInstanceInAutoScalingGroup: terminateInstanceInAutoScalingGroup,
  DescribeScalingActivities: describeScalingActivities,
};
