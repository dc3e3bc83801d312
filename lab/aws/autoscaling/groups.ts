import { randomUUID } from 'node:crypto';
import type { Cloud } from '../cloud.ts';
import { checkImage } from '../ec2/launch.ts';
import { templateNamed, templateVersion } from '../ec2/launch-template-lookup.ts';
import type { Action, Actions } from '../protocol/action.ts';
import { AwsError, validationError } from '../protocol/errors.ts';
import type { Params } from '../protocol/params.ts';
import type { Group, LaunchTemplateChoice } from '../state.ts';
import { causeTime } from './activities.ts';
import { describeAutoScalingGroups } from './describe-groups.ts';
import { readGroupTags } from './group-tags.ts';
import { standing, terminateMember } from './members.ts';
import { reconcile } from './reconcile.ts';

const settingsParameters = [
  'AutoScalingGroupName',
  'LaunchTemplate',
  'MinSize',
  'MaxSize',
  'DesiredCapacity',
  'DefaultCooldown',
  'AvailabilityZones',
  'VPCZoneIdentifier',
  'HealthCheckType',
  'HealthCheckGracePeriod',
  'TerminationPolicies',
  'NewInstancesProtectedFromScaleIn',
] as const;

/** Throws the `ValidationError` that Auto Scaling answers for a name that no group has. */
export function groupNamed(cloud: Cloud, params: Params): Group {
  const name = params.required('AutoScalingGroupName');
  const group = cloud.state.groups.get(name);
  if (group === undefined) throw validationError(`AutoScalingGroup name not found - null`);
  return group;
}

const createAutoScalingGroup: Action = {
  parameters: [...settingsParameters, 'Tags'],
  run(cloud, params) {
    const name = params.required('AutoScalingGroupName');
    if (cloud.state.groups.has(name)) {
      throw new AwsError(
        'AlreadyExists',
        'AutoScalingGroup by this name already exists - A group with the name ' + name + ' already exists',
      );
    }
    if (!params.has('LaunchTemplate')) {
      throw validationError(
        'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
      );
    }
    const min = params.requiredInteger('MinSize', { min: 0, max: 10_000 });
    const max = params.requiredInteger('MaxSize', { min: 0, max: 10_000 });
    const desired = params.integer('DesiredCapacity') ?? min;
    checkSizes(min, max, desired);
    const subnetIds = readSubnets(cloud, params);
    if (subnetIds === undefined) throw validationError('At least one Availability Zone or VPC Subnet is required.');
    const group: Group = {
      name,
      arn: `arn:aws:autoscaling:${cloud.region}:${cloud.accountId}:autoScalingGroup:${randomUUID()}:autoScalingGroupName/${name}`,
      createdAt: new Date(),
      members: new Map(),
      activities: [],
      tags: new Map(
        readGroupTags(params).map(({ key, value, propagateAtLaunch }) => [key, { value, propagateAtLaunch }]),
      ),
      suspended: new Map(),
      min,
      max,
      desired,
      subnetIds,
      launchTemplate: readTemplate(cloud, params),
      healthCheckType: params.string('HealthCheckType') ?? 'EC2',
      healthCheckGracePeriodSeconds: params.integer('HealthCheckGracePeriod', { min: 0 }) ?? 0,
      defaultCooldownSeconds: params.integer('DefaultCooldown', { min: 0 }) ?? 300,
      newInstancesProtected: params.boolean('NewInstancesProtectedFromScaleIn') ?? false,
      terminationPolicies: params.has('TerminationPolicies') ? params.strings('TerminationPolicies') : ['Default'],
      deleting: false,
      pendingCauses:
        desired === 0
          ? []
          : [
              `At ${causeTime()} a user request created an AutoScalingGroup changing the desired capacity from 0 to ${desired}.`,
            ],
      launchFailures: 0,
      nextLaunchAt: 0,
    };
    cloud.state.groups.set(name, group);
    watch(cloud, group);
    return {};
  },
};

/** The group looks at once, then at its period, until it is gone. */
function watch(cloud: Cloud, group: Group): void {
  cloud.timers.after(0, () => reconcile(cloud, group));
  const stop = cloud.timers.every(cloud.timing.groupPeriodMs, () => {
    if (cloud.state.groups.get(group.name) === group) reconcile(cloud, group);
    else stop();
  });
}

const updateAutoScalingGroup: Action = {
  parameters: settingsParameters,
  run(cloud, params) {
    const group = groupNamed(cloud, params);
    const min = params.integer('MinSize', { min: 0 }) ?? group.min;
    const max = params.integer('MaxSize', { min: 0 }) ?? group.max;
    const desired = params.integer('DesiredCapacity') ?? Math.min(Math.max(group.desired, min), max);
    checkSizes(min, max, desired);
    const subnetIds = readSubnets(cloud, params) ?? group.subnetIds;
    const launchTemplate = params.has('LaunchTemplate') ? readTemplate(cloud, params) : group.launchTemplate;
    if (desired !== group.desired) {
      group.pendingCauses.push(
        `At ${causeTime()} a user request update of AutoScalingGroup constraints to min: ${min}, max: ${max}, ` +
          `desired: ${desired} changing the desired capacity from ${group.desired} to ${desired}.`,
      );
    }
    Object.assign(group, {
      min,
      max,
      desired,
      subnetIds,
      launchTemplate,
      healthCheckType: params.string('HealthCheckType') ?? group.healthCheckType,
      healthCheckGracePeriodSeconds:
        params.integer('HealthCheckGracePeriod', { min: 0 }) ?? group.healthCheckGracePeriodSeconds,
      defaultCooldownSeconds: params.integer('DefaultCooldown', { min: 0 }) ?? group.defaultCooldownSeconds,
      newInstancesProtected: params.boolean('NewInstancesProtectedFromScaleIn') ?? group.newInstancesProtected,
      terminationPolicies: params.has('TerminationPolicies')
        ? params.strings('TerminationPolicies')
        : group.terminationPolicies,
    });
    return {};
  },
};

function checkSizes(min: number, max: number, desired: number): void {
  if (min > max) throw validationError(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  if (desired < min)
    throw validationError(
      `Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`,
    );
  if (desired > max)
    throw validationError(
      `Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`,
    );
}

function readSubnets(cloud: Cloud, params: Params): string[] | undefined {
  const all = [...cloud.state.subnets.values()];
  const zones = params.strings('AvailabilityZones');
  const unknownZone = zones.find((zone) => !all.some((subnet) => subnet.zone === zone));
  if (unknownZone !== undefined) throw validationError(`Invalid availability zone: [${unknownZone}]`);
  const ids = (params.string('VPCZoneIdentifier') ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  const unknown = ids.find((id) => !cloud.state.subnets.has(id));
  if (unknown !== undefined) throw validationError(`The subnet ID '${unknown}' does not exist`);
  if (ids.length > 0) return ids;
  return zones.length > 0 ? all.filter((subnet) => zones.includes(subnet.zone)).map((subnet) => subnet.id) : undefined;
}

/** What EC2 says about the template stands in a `ValidationError` here. */
function readTemplate(cloud: Cloud, params: Params): LaunchTemplateChoice {
  const choice = params.child('LaunchTemplate');
  try {
    const template = templateNamed(cloud, choice.string('LaunchTemplateId'), choice.string('LaunchTemplateName'));
    const version = choice.string('Version') ?? '$Default';
    const { imageId } = templateVersion(template, version).data;
    if (imageId !== undefined) checkFullyFormed(imageId);
    return { id: template.id, name: template.name, version };
  } catch (error) {
    if (error instanceof AwsError) throw validationError(error.message);
    throw error;
  }
}

/** A group looks at its template when it is given one, not when the template changes later under `$Latest` or `$Default`. */
function checkFullyFormed(imageId: string): void {
  try {
    checkImage(imageId);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw validationError(`You must use a valid fully-formed launch template. ${error.message}`);
  }
}

const deleteAutoScalingGroup: Action = {
  parameters: ['AutoScalingGroupName', 'ForceDelete'],
  run(cloud, params) {
    const group = groupNamed(cloud, params);
    if (group.members.size > 0 && params.boolean('ForceDelete') !== true) {
      throw new AwsError(
        'ResourceInUse',
        'You cannot delete an AutoScalingGroup while there are instances or pending lifecycle actions still in the group.',
      );
    }
    group.deleting = true;
    group.pendingCauses = [];
    for (const member of standing(group)) {
      terminateMember(cloud, group, member, `At ${causeTime()} a user request force deleted the AutoScalingGroup.`);
    }
    if (group.members.size === 0) cloud.state.groups.delete(group.name);
    return {};
  },
};

const setDesiredCapacity: Action = {
  parameters: ['AutoScalingGroupName', 'DesiredCapacity', 'HonorCooldown'],
  run(cloud, params) {
    const group = groupNamed(cloud, params);
    const desired = params.requiredInteger('DesiredCapacity');
    if (desired > group.max)
      throw validationError(
        `New SetDesiredCapacity value ${desired} is above max value ${group.max} for the AutoScalingGroup.`,
      );
    if (desired < group.min)
      throw validationError(
        `New SetDesiredCapacity value ${desired} is below min value ${group.min} for the AutoScalingGroup.`,
      );
    if (desired !== group.desired) {
      group.pendingCauses.push(
        `At ${causeTime()} a user request explicitly set group desired capacity changing the desired capacity ` +
          `from ${group.desired} to ${desired}.`,
      );
      group.desired = desired;
    }
    return {};
  },
};

export const groupActions: Actions = {
  CreateAutoScalingGroup: createAutoScalingGroup,
  UpdateAutoScalingGroup: updateAutoScalingGroup,
  DeleteAutoScalingGroup: deleteAutoScalingGroup,
  SetDesiredCapacity: setDesiredCapacity,
  DescribeAutoScalingGroups: describeAutoScalingGroups,
};
