import { createHash } from 'node:crypto';
import type { Cloud } from '../cloud.ts';
import { checkId } from '../ids.ts';
import type { Action, Actions } from '../protocol/action.ts';
import { AwsError } from '../protocol/errors.ts';
import { ec2Filter, type FilterTable } from '../protocol/filters.ts';
import { pageOf } from '../protocol/pages.ts';
import type { XmlObject } from '../protocol/xml.ts';
import type { Instance } from '../state.ts';
import { addressesOf } from './addresses.ts';
import { holdGroups, networkChanged } from './enforcement.ts';
import { checkGroups } from './security-group-lookup.ts';

/** Interfaces are described by the instance that each belongs to: here none is without one. */
const interfacesOf = (cloud: Cloud): Instance[] =>
  [...cloud.state.instances.values()].filter((instance) => instance.state !== 'terminated');

/** @throws `InvalidNetworkInterfaceID.Malformed` and `.NotFound` */
export function interfaceNamed(cloud: Cloud, id: string): Instance {
  checkId('eni', id);
  const instance = interfacesOf(cloud).find((each) => each.interfaceId === id);
  if (instance !== undefined) return instance;
  throw new AwsError('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`);
}

/**
 * Gives an instance other security groups. Resolves when new connections are judged by them.
 *
 * @throws `InvalidGroup.NotFound`, and `InvalidParameterCombination` when there would be none
 */
export async function changeGroups(cloud: Cloud, instance: Instance, groupIds: readonly string[]): Promise<void> {
  if (groupIds.length === 0) {
    throw new AwsError('InvalidParameterCombination', 'You must specify at least one security group');
  }
  const groups = checkGroups(cloud, groupIds);
  const age = (ids: readonly string[]): number =>
    Math.max(...ids.map((id) => cloud.state.securityGroups.get(id)?.sequence ?? 0));
  // Going back is going to groups that are older than those in place.
  const isBack = age(groups) < age(instance.securityGroupIds);
  if (isBack && cloud.sabotage.isOn('groups-stay')) holdGroups(cloud, instance);
  instance.securityGroupIds = groups;
  await networkChanged(cloud);
}

const modifyNetworkInterfaceAttribute: Action = {
  parameters: ['NetworkInterfaceId', 'SecurityGroupId'],
  async run(cloud, params) {
    const instance = interfaceNamed(cloud, params.required('NetworkInterfaceId'));
    await changeGroups(cloud, instance, params.strings('SecurityGroupId'));
    return { return: true };
  },
};

function filtersOf(cloud: Cloud): FilterTable<Instance> {
  return {
    'addresses.private-ip-address': addressesOf,
    'attachment.attachment-id': (instance) => [instance.interfaceAttachmentId],
    'attachment.instance-id': (instance) => [instance.id],
    'attachment.status': () => ['attached'],
    'availability-zone': (instance) => [instance.zone],
    'group-id': (instance) => instance.securityGroupIds,
    'group-name': (instance) => instance.securityGroupIds.map((id) => cloud.state.securityGroups.get(id)?.name),
    'network-interface-id': (instance) => [instance.interfaceId],
    'owner-id': () => [cloud.accountId],
    'private-ip-address': (instance) => [instance.address],
    status: () => ['in-use'],
    'subnet-id': (instance) => [instance.subnetId],
    'vpc-id': (instance) => [instance.vpcId],
  };
}

const describeNetworkInterfaces: Action = {
  parameters: ['NetworkInterfaceId', 'Filter', 'MaxResults', 'NextToken'],
  run(cloud, params) {
    const ids = [...new Set(params.strings('NetworkInterfaceId'))];
    const all = ids.length > 0 ? ids.map((id) => interfaceNamed(cloud, id)) : interfacesOf(cloud);
    const page = pageOf(
      all.filter(ec2Filter(params, filtersOf(cloud), () => new Map())).sort((a, b) => a.sequence - b.sequence),
      (instance) => instance.sequence,
      params.integer('MaxResults', { min: 5, max: 1000 }) ?? 1000,
      params.string('NextToken'),
    );
    return {
      networkInterfaceSet: page.items.map((instance) => ({
        ...interfaceView(cloud, instance),
        availabilityZone: instance.zone,
        requesterManaged: false,
        tagSet: [],
      })),
      nextToken: page.nextToken,
    };
  },
};

/** The groups of an instance as they stand in answers. */
export function groupSet(cloud: Cloud, instance: Instance): XmlObject[] {
  return instance.securityGroupIds.map((groupId) => ({
    groupId,
    groupName: cloud.state.securityGroups.get(groupId)?.name,
  }));
}

/** The interface of an instance, as much of it as DescribeInstances shows. */
export function interfaceView(cloud: Cloud, instance: Instance): XmlObject {
  const dnsName = (address: string): string => `ip-${address.replaceAll('.', '-')}.${cloud.region}.compute.internal`;
  return {
    networkInterfaceId: instance.interfaceId,
    subnetId: instance.subnetId,
    vpcId: instance.vpcId,
    description: '',
    ownerId: cloud.accountId,
    status: 'in-use',
    macAddress: macAddress(instance.interfaceId),
    privateIpAddress: instance.address,
    privateDnsName: dnsName(instance.address),
    sourceDestCheck: true,
    groupSet: groupSet(cloud, instance),
    attachment: {
      attachmentId: instance.interfaceAttachmentId,
      instanceId: instance.id,
      instanceOwnerId: cloud.accountId,
      deviceIndex: 0,
      status: 'attached',
      attachTime: instance.launchedAt,
      deleteOnTermination: true,
    },
    privateIpAddressesSet: addressesOf(instance).map((address, index) => ({
      privateIpAddress: address,
      privateDnsName: dnsName(address),
      primary: index === 0,
    })),
    interfaceType: 'interface',
  };
}

/** Always the same for an interface; locally administered, so that it is nobody's. */
function macAddress(interfaceId: string): string {
  const bytes = createHash('sha256').update(interfaceId).digest().subarray(0, 5);
  return ['02', ...[...bytes].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}

export const networkInterfaceActions: Actions = {
  DescribeNetworkInterfaces: describeNetworkInterfaces,
  ModifyNetworkInterfaceAttribute: modifyNetworkInterfaceAttribute,
};
