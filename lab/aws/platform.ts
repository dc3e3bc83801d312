import { randomBytes } from 'node:crypto';
import { groupActions } from './autoscaling/groups.ts';
import type { Cloud } from './cloud.ts';
import { launchTemplateActions } from './ec2/launch-templates.ts';
import { securityGroupActions } from './ec2/security-groups.ts';
import { addVolume } from './ec2/volumes.ts';
import type { Action } from './protocol/action.ts';
import { Params } from './protocol/params.ts';
import type { XmlObject } from './protocol/xml.ts';

/** A volume of the platform, found by its name afterwards. */
export interface PlatformVolume {
  readonly name: string;
  readonly zone: string;
  readonly sizeGib?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A security group that lets some ports in from one network, and everything out. */
export interface PlatformSecurityGroup {
  readonly name: string;
  readonly description: string;
  readonly cidr: string;
  readonly ports: { readonly from: number; readonly to: number };
}

/** A group of a fixed size (one, when not given) in some zones, with a launch template of its own. */
export interface PlatformGroup {
  readonly name: string;
  readonly zones: readonly string[];
  /** Its minimum, maximum and desired capacity. */
  readonly size?: number;
  /** A shell script, not encoded. */
  readonly userData: string;
  /** Given to the group and to its instances. */
  readonly tags: Readonly<Record<string, string>>;
  readonly instanceType?: string;
  /** The VPC's default group, when not given. */
  readonly securityGroupIds?: readonly string[];
  readonly healthCheckGracePeriodSeconds?: number;
}

const imageId = `ami-0${randomBytes(8).toString('hex')}`;

/** Makes the volume and resolves with its id when it is `available`. Rejects when the hypervisor couldn't make it. */
export async function createPlatformVolume(cloud: Cloud, wanted: PlatformVolume): Promise<string> {
  const { volume, made } = addVolume(cloud, {
    zone: wanted.zone,
    sizeGib: wanted.sizeGib ?? 10,
    volumeType: 'gp3',
    encrypted: false,
    tags: new Map(Object.entries({ Name: wanted.name, ...wanted.tags })),
  });
  await made;
  if (volume.state !== 'available')
    throw new Error(`the volume ${wanted.name} (${volume.id}) is "${volume.state}", not "available"`);
  return volume.id;
}

/** Makes the security group. @returns its id */
export async function createPlatformSecurityGroup(cloud: Cloud, wanted: PlatformSecurityGroup): Promise<string> {
  const { groupId } = await runAction(cloud, securityGroupActions.CreateSecurityGroup!, 'ec2', {
    GroupName: wanted.name,
    GroupDescription: wanted.description,
    VpcId: cloud.state.vpc.id,
  });
  const permissions = [
    { IpProtocol: 'tcp', FromPort: wanted.ports.from, ToPort: wanted.ports.to },
    { IpProtocol: 'icmp', FromPort: -1, ToPort: -1 },
  ].flatMap((permission, index) => [
    ...Object.entries(permission).map(([key, value]) => [`IpPermissions.${index + 1}.${key}`, String(value)]),
    [`IpPermissions.${index + 1}.IpRanges.1.CidrIp`, wanted.cidr],
  ]);
  const form = { GroupId: String(groupId), ...(Object.fromEntries(permissions) as Record<string, string>) };
  await runAction(cloud, securityGroupActions.AuthorizeSecurityGroupIngress!, 'ec2', form);
  return String(groupId);
}

/** Makes the group and its launch template, which has the same name. The group begins to launch at once. */
export function createPlatformGroup(cloud: Cloud, wanted: PlatformGroup): void {
  const subnets = wanted.zones.map((zone) => {
    const subnet = [...cloud.state.subnets.values()].find((each) => each.zone === zone);
    if (subnet === undefined)
      throw new Error(`the group ${wanted.name} can't be in the zone "${zone}": the lab has no subnet there`);
    return subnet.id;
  });
  const known = [...cloud.state.launchTemplates.values()].some((template) => template.name === wanted.name);
  if (!known) {
    run(cloud, launchTemplateActions.CreateLaunchTemplate!, 'ec2', {
      LaunchTemplateName: wanted.name,
      'LaunchTemplateData.ImageId': imageId,
      'LaunchTemplateData.InstanceType': wanted.instanceType ?? 't3.medium',
      'LaunchTemplateData.UserData': Buffer.from(wanted.userData).toString('base64'),
      ...Object.fromEntries(
        (wanted.securityGroupIds ?? []).map((id, index) => [`LaunchTemplateData.SecurityGroupId.${index + 1}`, id]),
      ),
    });
  }
  const size = String(wanted.size ?? 1);
  const tags = Object.entries({ Name: wanted.name, ...wanted.tags }).flatMap(([key, value], index) => [
    [`Tags.${index + 1}.Key`, key],
    [`Tags.${index + 1}.Value`, value],
    [`Tags.${index + 1}.PropagateAtLaunch`, 'true'],
  ]);
  run(cloud, groupActions.CreateAutoScalingGroup!, 'query', {
    AutoScalingGroupName: wanted.name,
    'LaunchTemplate.LaunchTemplateName': wanted.name,
    'LaunchTemplate.Version': '$Default',
    MinSize: size,
    MaxSize: size,
    DesiredCapacity: size,
    VPCZoneIdentifier: subnets.join(','),
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: String(wanted.healthCheckGracePeriodSeconds ?? 300),
    ...(Object.fromEntries(tags) as Record<string, string>),
  });
}

/** Through the same code as a call over the wire, so that the platform holds nothing that the API couldn't have made. */
function runAction(
  cloud: Cloud,
  action: Action,
  protocol: 'ec2' | 'query',
  form: Record<string, string>,
): XmlObject | Promise<XmlObject> {
  const caller = { arn: `arn:aws:iam::${cloud.accountId}:user/lab`, userId: 'lab' };
  return action.run(cloud, Params.parse(protocol, new URLSearchParams(form)), caller);
}

function run(cloud: Cloud, action: Action, protocol: 'ec2' | 'query', form: Record<string, string>): void {
  const result = runAction(cloud, action, protocol, form);
  if (result instanceof Promise) throw new Error('an action of the set-up must not be asynchronous');
}
