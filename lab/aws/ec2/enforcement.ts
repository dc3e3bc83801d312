import type { AddressGroup, NetworkRules, PacketRule, SubnetBorder } from '../../hypervisor.ts';
import { background, type Cloud } from '../cloud.ts';
import type { AclEntry, FlowRule, Instance, NetworkAcl, Subnet } from '../state.ts';
import { orderedEntries } from './acl-entries.ts';
import { addressesOf } from './addresses.ts';

/** What a record of ports leaves open. */
const any = -1;
const everywhere = '0.0.0.0/0';
const protocolNumbers: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 };

/**
 * Makes packets follow the network ACLs and security groups as they are now. Resolves when they do.
 *
 * @throws when the machinery couldn't; the rules before then still hold
 */
export function networkChanged(cloud: Cloud): Promise<void> {
  return cloud.hypervisor.applyNetwork(networkRules(cloud));
}

/** The same, where no caller waits for it. */
export function networkFollows(cloud: Cloud): void {
  background(cloud, 'a change of the network', () => networkChanged(cloud));
}

/** Sabotage: whatever ACL the subnet gets from now on, packets go by these rules until the next reset. */
export function holdBorder(cloud: Cloud, subnetId: string, acl: NetworkAcl): void {
  if (!cloud.held.borders.has(subnetId)) cloud.held.borders.set(subnetId, acl.entries);
}

/** Sabotage: whatever groups the instance gets from now on, packets go by these. */
export function holdGroups(cloud: Cloud, instance: Instance): void {
  if (!cloud.held.groups.has(instance.id)) cloud.held.groups.set(instance.id, instance.securityGroupIds);
}

function networkRules(cloud: Cloud): NetworkRules {
  const placed = [...cloud.state.instances.values()].filter((instance) => instance.state !== 'terminated');
  return {
    borders: [...cloud.state.subnets.values()].map((subnet) => borderOf(cloud, subnet)),
    groups: groupsOf(cloud, placed),
    guarded: placed.flatMap(addressesOf),
  };
}

function borderOf(cloud: Cloud, subnet: Subnet): SubnetBorder {
  const association = cloud.state.aclAssociations.get(subnet.id)!;
  const entries = cloud.held.borders.get(subnet.id) ?? cloud.state.networkAcls.get(association.aclId)!.entries;
  const rules = (egress: boolean): SubnetBorder['ingress'] =>
    orderedEntries({ entries }, egress).flatMap((entry) => {
      const rule = fromEntry(entry);
      return rule === undefined ? [] : [{ ...rule, allow: entry.action === 'allow' }];
    });
  return { zone: subnet.zone, cidr: subnet.cidr, ingress: rules(false), egress: rules(true) };
}

/** There is no IPv6 in the lab's network: rules about it match nothing. */
function fromEntry({ protocol, cidr, ports, icmp }: AclEntry): PacketRule | undefined {
  if (cidr === undefined) return undefined;
  return {
    protocol: protocol === '-1' ? undefined : Number(protocol),
    peers: [cidr],
    ports,
    icmp: icmp && { type: known(icmp.type), code: known(icmp.code) },
  };
}

function groupsOf(cloud: Cloud, placed: readonly Instance[]): AddressGroup[] {
  const groupIdsOf = (instance: Instance): readonly string[] =>
    cloud.held.groups.get(instance.id) ?? instance.securityGroupIds;
  const membersOf = (groupId: string): string[] =>
    placed.filter((instance) => groupIdsOf(instance).includes(groupId)).flatMap(addressesOf);
  const from = (rules: readonly FlowRule[]): PacketRule[] => rules.map((rule) => fromFlow(rule, membersOf));
  return [...cloud.state.securityGroups.values()].map((group) => ({
    id: group.id,
    addresses: membersOf(group.id),
    ingress: from(group.ingress),
    egress: from(group.egress),
  }));
}

function fromFlow({ protocol, from, to, peer }: FlowRule, membersOf: (groupId: string) => string[]): PacketRule {
  const peers = 'cidr' in peer ? [peer.cidr] : 'groupId' in peer ? membersOf(peer.groupId) : [];
  const isIcmp = protocol === 'icmp';
  const isAnyPort = from === undefined || to === undefined || (from === 0 && to === 65_535);
  return {
    protocol: protocol === '-1' ? undefined : (protocolNumbers[protocol] ?? Number(protocol)),
    peers: peers.includes(everywhere) ? [everywhere] : peers,
    ports: isIcmp || isAnyPort ? undefined : { from, to },
    icmp: isIcmp ? { type: known(from), code: known(to) } : undefined,
  };
}

const known = (number: number | undefined): number | undefined => (number === any ? undefined : number);
