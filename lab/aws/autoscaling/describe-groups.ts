import type { Cloud } from '../cloud.ts';
import type { Action } from '../protocol/action.ts';
import { validationError } from '../protocol/errors.ts';
import { pageOf } from '../protocol/pages.ts';
import type { Params } from '../protocol/params.ts';
import type { XmlObject } from '../protocol/xml.ts';
import type { Group, GroupMember } from '../state.ts';
import { groupTagViews } from './group-tags.ts';

const serviceRole = 'aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling';

export const describeAutoScalingGroups: Action = {
  parameters: ['AutoScalingGroupNames', 'Filters', 'MaxRecords', 'NextToken', 'IncludeInstances'],
  run(cloud, params) {
    const names = params.strings('AutoScalingGroupNames');
    const matches = groupFilter(params);
    const groups = [...cloud.state.groups.values()]
      .filter((group) => (names.length === 0 || names.includes(group.name)) && matches(group))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const page = pageOf(
      groups,
      (group) => group.name,
      params.integer('MaxRecords', { min: 1, max: 100 }) ?? 50,
      params.string('NextToken'),
    );
    return { AutoScalingGroups: page.items.map((group) => groupView(cloud, group)), NextToken: page.nextToken };
  },
};

/** Here values are compared as they are: Auto Scaling's filters know no wildcards. */
function groupFilter(params: Params): (group: Group) => boolean {
  const tests = params.list('Filters').map((filter) => {
    const name = filter.required('Name');
    const values = filter.strings('Values');
    const of = tagValues(name);
    return (group: Group) => of(group).some((value) => values.includes(value));
  });
  return (group) => tests.every((test) => test(group));
}

function tagValues(name: string): (group: Group) => string[] {
  if (name === 'tag-key') return (group) => [...group.tags.keys()];
  if (name === 'tag-value') return (group) => [...group.tags.values()].map((tag) => tag.value);
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return (group) => (group.tags.has(key) ? [group.tags.get(key)!.value] : []);
  }
  throw validationError(`Filter type ${name} is not correct. Allowed Filter types are: tag-key tag-value tag:<key>`);
}

function groupView(cloud: Cloud, group: Group): XmlObject {
  const zones = [...new Set(group.subnetIds.map((id) => cloud.state.subnets.get(id)!.zone))].sort();
  const { id: LaunchTemplateId, name: LaunchTemplateName, version: Version } = group.launchTemplate;
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    LaunchTemplate: { LaunchTemplateId, LaunchTemplateName, Version },
    MinSize: group.min,
    MaxSize: group.max,
    DesiredCapacity: group.desired,
    DefaultCooldown: group.defaultCooldownSeconds,
    AvailabilityZones: zones,
    LoadBalancerNames: [],
    TargetGroupARNs: [],
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: group.healthCheckGracePeriodSeconds,
    Instances: [...group.members.values()].map((member) => memberView(cloud, member)),
    CreatedTime: group.createdAt,
    SuspendedProcesses: [...group.suspended].map(([ProcessName, SuspensionReason]) => ({
      ProcessName,
      SuspensionReason,
    })),
    VPCZoneIdentifier: group.subnetIds.join(','),
    EnabledMetrics: [],
    Status: group.deleting ? 'Delete in progress' : undefined,
    Tags: groupTagViews(group),
    TerminationPolicies: group.terminationPolicies,
    NewInstancesProtectedFromScaleIn: group.newInstancesProtected,
    ServiceLinkedRoleARN: `arn:aws:iam::${cloud.accountId}:role/${serviceRole}`,
    TrafficSources: [],
  };
}

/** A member as it stands in its group. */
export function memberView(cloud: Cloud, member: GroupMember): XmlObject {
  const { id: LaunchTemplateId, name: LaunchTemplateName, version: Version } = member.launchTemplate;
  return {
    InstanceId: member.instanceId,
    InstanceType: cloud.state.instances.get(member.instanceId)?.instanceType,
    AvailabilityZone: member.zone,
    LifecycleState: member.lifecycle,
    HealthStatus: member.health,
    LaunchTemplate: { LaunchTemplateId, LaunchTemplateName, Version },
    ProtectedFromScaleIn: member.protectedFromScaleIn,
  };
}
