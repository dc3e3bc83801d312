import type { Cloud } from '../cloud.ts';
import type { Action, Actions } from '../protocol/action.ts';
import { AwsError, invalidParameterValue, missingParameter } from '../protocol/errors.ts';
import type { Instance } from '../state.ts';
import { addressesOf, takeAddress } from './addresses.ts';
import { networkChanged } from './enforcement.ts';
import { subnetNamed } from './launch.ts';
import { interfaceNamed } from './network-interfaces.ts';

/** How many addresses one interface can have, the primary one included: EC2's figures for the types that the lab uses. */
const addressLimits: Readonly<Record<string, number>> = {
  't3.medium': 6,
  't3.large': 12,
  'm4.large': 10,
  'm4.xlarge': 15,
  'm4.2xlarge': 15,
  'm4.4xlarge': 30,
  'm5.large': 10,
  'm5.xlarge': 15,
  'm5.4xlarge': 30,
};
const usualLimit = 10;

export const addressLimitOf = (instanceType: string): number => addressLimits[instanceType] ?? usualLimit;

const assignPrivateIpAddresses: Action = {
  parameters: ['NetworkInterfaceId', 'PrivateIpAddress', 'SecondaryPrivateIpAddressCount', 'AllowReassignment'],
  async run(cloud, params) {
    const instance = interfaceNamed(cloud, params.required('NetworkInterfaceId'));
    const wanted = [...new Set(params.strings('PrivateIpAddress'))];
    const count = params.integer('SecondaryPrivateIpAddressCount', { min: 1 });
    if (wanted.length > 0 && count !== undefined) {
      throw new AwsError(
        'InvalidParameterCombination',
        'Only one of privateIpAddresses or secondaryPrivateIpAddressCount can be specified',
      );
    }
    if (wanted.length === 0 && count === undefined) {
      throw missingParameter('privateIpAddresses or secondaryPrivateIpAddressCount');
    }
    // An address that this interface has already is no news.
    const fresh = wanted.filter((address) => !addressesOf(instance).includes(address));
    const more = count ?? fresh.length;
    if (addressesOf(instance).length + more > addressLimitOf(instance.instanceType)) {
      throw new AwsError('PrivateIpAddressLimitExceeded', 'Number of private addresses will exceed limit.');
    }
    const losers = params.boolean('AllowReassignment') === true ? takeFromOthers(cloud, instance, fresh) : [];
    const before = instance.secondaryAddresses;
    try {
      for (let index = 0; index < more; index++) assignOne(cloud, instance, fresh[index]);
    } catch (error) {
      // All or nothing: a subnet that is full, or one address that somebody else has, and none is assigned.
      instance.secondaryAddresses = before;
      throw error;
    }
    await follow(cloud, [...losers, instance]);
    const assigned = instance.secondaryAddresses.slice(before.length);
    return {
      networkInterfaceId: instance.interfaceId,
      assignedPrivateIpAddressesSet: assigned.map((privateIpAddress) => ({ privateIpAddress })),
      assignedIpv4PrefixSet: [],
      return: true,
    };
  },
};

function assignOne(cloud: Cloud, instance: Instance, wanted: string | undefined): void {
  const address = takeAddress(cloud.state, subnetNamed(cloud, instance.subnetId), wanted);
  instance.secondaryAddresses = [...instance.secondaryAddresses, address];
}

/** Takes secondary addresses away from the interfaces that have them. @returns the instances that lost some */
function takeFromOthers(cloud: Cloud, instance: Instance, addresses: readonly string[]): Instance[] {
  const losers = [...cloud.state.instances.values()].filter(
    (other) => other !== instance && other.secondaryAddresses.some((address) => addresses.includes(address)),
  );
  for (const loser of losers) {
    loser.secondaryAddresses = loser.secondaryAddresses.filter((address) => !addresses.includes(address));
  }
  return losers;
}

const unassignPrivateIpAddresses: Action = {
  parameters: ['NetworkInterfaceId', 'PrivateIpAddress'],
  async run(cloud, params) {
    const instance = interfaceNamed(cloud, params.required('NetworkInterfaceId'));
    params.requireList('PrivateIpAddress');
    const addresses = params.strings('PrivateIpAddress');
    if (addresses.includes(instance.address)) {
      throw invalidParameterValue(`Primary IP address ${instance.address} cannot be unassigned`);
    }
    if (!addresses.every((address) => instance.secondaryAddresses.includes(address))) {
      throw invalidParameterValue(`Some of the specified addresses are not assigned to interface ${instance.interfaceId}`);
    }
    instance.secondaryAddresses = instance.secondaryAddresses.filter((address) => !addresses.includes(address));
    await follow(cloud, [instance]);
    return { return: true };
  },
};

/** Rules first, then routes: no packet finds an address that nobody guards yet. */
async function follow(cloud: Cloud, instances: readonly Instance[]): Promise<void> {
  await networkChanged(cloud);
  await Promise.all(instances.map(({ id, secondaryAddresses }) => cloud.hypervisor.routeAddresses(id, secondaryAddresses)));
}

export const secondaryAddressActions: Actions = {
  AssignPrivateIpAddresses: assignPrivateIpAddresses,
  UnassignPrivateIpAddresses: unassignPrivateIpAddresses,
};
