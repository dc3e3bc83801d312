import { randomUUID } from 'node:crypto';
import type { Cloud } from '../cloud.ts';
import { launchFrom, subnetNamed } from '../ec2/launch.ts';
import { templateNamed, templateVersion } from '../ec2/launch-template-lookup.ts';
import { AwsError } from '../protocol/errors.ts';
import type { Group, LaunchData, Subnet, Tags } from '../state.ts';
import { beginActivity, causeTime, endActivity, takeCause } from './activities.ts';
import { delayLaunches, standing } from './members.ts';

/** Launches one instance towards the desired capacity, or records why it couldn't be. */
export function launchMember(cloud: Cloud, group: Group): void {
  const have = standing(group).length;
  const subnet = emptiestSubnet(cloud, group);
  const cause = takeCause(
    group,
    `At ${causeTime()} an instance was started in response to a difference between desired and actual capacity, ` +
      `increasing the capacity from ${have} to ${have + 1}.`,
  );
  const activity = beginActivity(cloud, group, {
    description: 'Launching a new EC2 instance',
    cause,
    subnet,
    status: 'PreInService',
  });
  try {
    const { data, version } = launchDataOf(cloud, group);
    if (cloud.sabotage.isOn('no-replacement')) throw noCapacity(data, subnet);
    const extraLaunchMs = cloud.sabotage.isOn('slow-replacement') ? cloud.slowLaunchExtraMs : 0;
    const [instance] = launchFrom(cloud, data, {
      subnet,
      count: 1,
      tags: launchTags(group, version),
      clientToken: randomUUID(),
      extraLaunchMs,
    });
    activity.description = `Launching a new EC2 instance: ${instance!.id}`;
    group.members.set(instance!.id, {
      instanceId: instance!.id,
      zone: subnet.zone,
      launchTemplate: { ...group.launchTemplate },
      launchActivity: activity,
      lifecycle: 'Pending',
      health: 'Healthy',
      unhealthyBy: undefined,
      inServiceAt: undefined,
      terminateActivity: undefined,
      protectedFromScaleIn: group.newInstancesProtected,
    });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const reason = reasonOf(error);
    activity.description = `Launching a new EC2 instance.  Status Reason: ${reason}`;
    endActivity(activity, 'Failed', reason);
    delayLaunches(cloud, group);
  }
}

/** An error of EC2 as it stands in the activity of a group. */
function reasonOf({ code, message }: AwsError): string {
  const ending = 'Launching EC2 instance failed.';
  const words = code === 'SpotMaxPriceTooLow' ? `Could not launch Spot Instances. ${code} - ${message}` : message;
  if (words.endsWith(ending)) return words;
  return `${words.replace(/\.?$/, '.')} ${ending}`;
}

function launchDataOf(cloud: Cloud, group: Group): { readonly data: LaunchData; readonly version: number } {
  const template = templateNamed(cloud, group.launchTemplate.id, undefined);
  const { data, number } = templateVersion(template, group.launchTemplate.version);
  return { data, version: number };
}

/** Among the group's subnets the one with the fewest members in its zone: the group stays balanced. */
function emptiestSubnet(cloud: Cloud, group: Group): Subnet {
  const members = standing(group);
  const subnets = group.subnetIds.map((id) => subnetNamed(cloud, id));
  const load = (subnet: Subnet): number => members.filter((member) => member.zone === subnet.zone).length;
  return subnets.reduce((best, subnet) => (load(subnet) < load(best) ? subnet : best));
}

function launchTags(group: Group, version: number): Tags {
  const tags: Tags = new Map([
    ['aws:autoscaling:groupName', group.name],
    ['aws:ec2launchtemplate:id', group.launchTemplate.id],
    ['aws:ec2launchtemplate:version', String(version)],
  ]);
  for (const [key, { value, propagateAtLaunch }] of group.tags) if (propagateAtLaunch) tags.set(key, value);
  return tags;
}

function noCapacity(data: LaunchData, subnet: Subnet): AwsError {
  const type = data.instanceType ?? 'm1.small';
  return new AwsError(
    'InsufficientInstanceCapacity',
    `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${subnet.zone}). ` +
      'Our system will be working on provisioning additional capacity. Launching EC2 instance failed.',
    500,
  );
}
