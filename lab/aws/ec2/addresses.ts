import { AwsError } from '../protocol/errors.ts';
import type { Instance, State, Subnet } from '../state.ts';

/** As in AWS, the first four addresses after the network's own and the last one are not given out. */
const firstHost = 5;
const lastHostOf = (cidr: string): number => 2 ** (32 - Number(cidr.split('/')[1])) - 2;

/**
 * The next private address of the subnet. It counts upwards and begins again at the end, so that a new instance doesn't
 * get an address that a dead one had a moment ago. A wanted address is taken if it is free.
 */
export function takeAddress(state: State, subnet: Subnet, wanted?: string): string {
  const used = usedAddresses(state, subnet);
  const last = lastHostOf(subnet.cidr);
  if (wanted !== undefined) {
    const host = hostNumber(subnet.cidr, wanted);
    if (host < firstHost || host > last) {
      throw new AwsError('InvalidParameterValue', `Address ${wanted} does not fall within the subnet's address range`);
    }
    if (used.has(wanted)) throw new AwsError('InvalidIPAddress.InUse', `Address ${wanted} is in use.`);
    return wanted;
  }
  for (let tried = 0; tried <= last - firstHost; tried++) {
    subnet.lastHost = subnet.lastHost >= last ? firstHost : subnet.lastHost + 1;
    const address = hostAddress(subnet.cidr, subnet.lastHost);
    if (!used.has(address)) return address;
  }
  throw new AwsError(
    'InsufficientFreeAddressesInSubnet',
    `The specified subnet does not have enough free addresses: ${subnet.id}`,
  );
}

/** The cursor's value before the first address is taken. */
export const beforeFirstHost = firstHost - 1;

export function freeAddressCount(state: State, subnet: Subnet): number {
  return lastHostOf(subnet.cidr) - firstHost + 1 - usedAddresses(state, subnet).size;
}

/** All addresses of an instance's interface, the primary one first. */
export const addressesOf = (instance: Instance): readonly string[] => [instance.address, ...instance.secondaryAddresses];

function usedAddresses(state: State, subnet: Subnet): Set<string> {
  const used = new Set<string>();
  for (const instance of state.instances.values()) {
    if (instance.subnetId !== subnet.id || instance.state === 'terminated') continue;
    for (const address of addressesOf(instance)) used.add(address);
  }
  return used;
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

const hostNumber = (cidr: string, address: string): number => toNumber(address) - toNumber(cidr.split('/')[0]!);

function hostAddress(cidr: string, host: number): string {
  const number = toNumber(cidr.split('/')[0]!) + host;
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
