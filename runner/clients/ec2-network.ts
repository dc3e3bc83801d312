import type { NetworkAcl as SdkAcl, NetworkAclEntry } from '@aws-sdk/client-ec2';
import { filtersOf, tagSpecification, tagsOf, type Ec2Connection, type FilterMap, type Tags } from './ec2-connection.ts';

export interface Subnet {
  readonly id: string;
  readonly zone: string;
  readonly vpc: string;
  readonly cidr: string;
}

export interface AclRule {
  readonly number: number;
  readonly egress: boolean;
  readonly action: 'allow' | 'deny';
  readonly cidr: string;
}

export interface NetworkAcl {
  readonly id: string;
  readonly vpc: string;
  readonly tags: Tags;
  /** Without the last rule, which every ACL has and which denies; protocol and ports are part of `text` only. */
  readonly rules: readonly string[];
  readonly associations: readonly { readonly id: string; readonly subnet: string }[];
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly vpc: string;
  readonly tags: Tags;
}

export interface NetworkInterface {
  readonly id: string;
  readonly instance: string | undefined;
  readonly vpc: string;
  /** The ids of its security groups, sorted. */
  readonly groups: readonly string[];
}

/** The calls on networks. All throw as {@link Ec2Connection.call} does. */
export interface Ec2Network {
  /** The region that its zones say they are in, as the endpoint itself tells; several, or none, only when something is wrong. */
  regions(signal?: AbortSignal): Promise<string[]>;
  subnets(filters: FilterMap, signal?: AbortSignal): Promise<Subnet[]>;
  networkAcls(filters: FilterMap, signal?: AbortSignal): Promise<NetworkAcl[]>;
  /** A new ACL denies everything until it has rules. */
  createNetworkAcl(vpc: string, tags: Tags, signal?: AbortSignal): Promise<string>;
  addAclRule(acl: string, rule: AclRule, signal?: AbortSignal): Promise<void>;
  /** Puts the subnet of that association under another ACL; the association has a new id then. */
  replaceAclAssociation(association: string, acl: string, signal?: AbortSignal): Promise<void>;
  deleteNetworkAcl(acl: string, signal?: AbortSignal): Promise<void>;
  securityGroups(filters: FilterMap, signal?: AbortSignal): Promise<SecurityGroup[]>;
  createSecurityGroup(group: { name: string; description: string; vpc: string; tags: Tags }, signal?: AbortSignal): Promise<string>;
  /** Takes away the rule that every new group has: all may go out. */
  revokeDefaultEgress(group: string, signal?: AbortSignal): Promise<void>;
  deleteSecurityGroup(group: string, signal?: AbortSignal): Promise<void>;
  networkInterfaces(filters: FilterMap, signal?: AbortSignal): Promise<NetworkInterface[]>;
  setInterfaceGroups(networkInterface: string, groups: readonly string[], signal?: AbortSignal): Promise<void>;
}

/** How many things one page holds at most. */
const pageSize = 1000;
/** The rule at the end of every ACL. */
const lastRule = 32767;
const allProtocols = '-1';

export function networkCalls({ sdk, client, call }: Ec2Connection): Ec2Network {
  return {
    regions: (signal) =>
      call('DescribeAvailabilityZones', signal, async (options) => {
        const { AvailabilityZones = [] } = await client.send(new sdk.DescribeAvailabilityZonesCommand({}), options);
        return [...new Set(AvailabilityZones.map(({ RegionName = '' }) => RegionName))];
      }),
    subnets: (filters, signal) =>
      call('DescribeSubnets', signal, async (options) => {
        const found: Subnet[] = [];
        for await (const page of sdk.paginateDescribeSubnets({ client, pageSize }, filtersOf(filters), options)) {
          for (const { SubnetId = '', AvailabilityZone = '', VpcId = '', CidrBlock = '' } of page.Subnets ?? []) {
            found.push({ id: SubnetId, zone: AvailabilityZone, vpc: VpcId, cidr: CidrBlock });
          }
        }
        return found;
      }),
    networkAcls: (filters, signal) =>
      call('DescribeNetworkAcls', signal, async (options) => {
        const found: NetworkAcl[] = [];
        for await (const page of sdk.paginateDescribeNetworkAcls({ client, pageSize }, filtersOf(filters), options)) {
          found.push(...(page.NetworkAcls ?? []).map(toAcl));
        }
        return found;
      }),
    createNetworkAcl: (vpc, tags, signal) =>
      call('CreateNetworkAcl', signal, async (options) => {
        const input = { VpcId: vpc, TagSpecifications: tagSpecification('network-acl', tags) };
        const { NetworkAcl } = await client.send(new sdk.CreateNetworkAclCommand(input), options);
        return NetworkAcl?.NetworkAclId ?? '';
      }),
    addAclRule: (acl, rule, signal) =>
      call('CreateNetworkAclEntry', signal, async (options) => {
        await client.send(new sdk.CreateNetworkAclEntryCommand({ NetworkAclId: acl, ...toEntry(rule) }), options);
      }),
    replaceAclAssociation: (association, acl, signal) =>
      call('ReplaceNetworkAclAssociation', signal, async (options) => {
        const input = { AssociationId: association, NetworkAclId: acl };
        await client.send(new sdk.ReplaceNetworkAclAssociationCommand(input), options);
      }),
    deleteNetworkAcl: (acl, signal) =>
      call('DeleteNetworkAcl', signal, async (options) => {
        await client.send(new sdk.DeleteNetworkAclCommand({ NetworkAclId: acl }), options);
      }),
    securityGroups: (filters, signal) =>
      call('DescribeSecurityGroups', signal, async (options) => {
        const found: SecurityGroup[] = [];
        for await (const page of sdk.paginateDescribeSecurityGroups({ client, pageSize }, filtersOf(filters), options)) {
          for (const { GroupId = '', GroupName = '', VpcId = '', Tags } of page.SecurityGroups ?? []) {
            found.push({ id: GroupId, name: GroupName, vpc: VpcId, tags: tagsOf(Tags) });
          }
        }
        return found;
      }),
    createSecurityGroup: ({ name, description, vpc, tags }, signal) =>
      call('CreateSecurityGroup', signal, async (options) => {
        const TagSpecifications = tagSpecification('security-group', tags);
        const input = { GroupName: name, Description: description, VpcId: vpc, TagSpecifications };
        return (await client.send(new sdk.CreateSecurityGroupCommand(input), options)).GroupId ?? '';
      }),
    revokeDefaultEgress: (group, signal) =>
      call('RevokeSecurityGroupEgress', signal, async (options) => {
        const IpPermissions = [{ IpProtocol: allProtocols, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
        await client.send(new sdk.RevokeSecurityGroupEgressCommand({ GroupId: group, IpPermissions }), options);
      }),
    deleteSecurityGroup: (group, signal) =>
      call('DeleteSecurityGroup', signal, async (options) => {
        await client.send(new sdk.DeleteSecurityGroupCommand({ GroupId: group }), options);
      }),
    networkInterfaces: (filters, signal) =>
      call('DescribeNetworkInterfaces', signal, async (options) => {
        const found: NetworkInterface[] = [];
        for await (const page of sdk.paginateDescribeNetworkInterfaces({ client, pageSize }, filtersOf(filters), options)) {
          for (const { NetworkInterfaceId = '', Attachment, VpcId = '', Groups = [] } of page.NetworkInterfaces ?? []) {
            const groups = Groups.map(({ GroupId = '' }) => GroupId).sort();
            found.push({ id: NetworkInterfaceId, instance: Attachment?.InstanceId, vpc: VpcId, groups });
          }
        }
        return found;
      }),
    setInterfaceGroups: (networkInterface, groups, signal) =>
      call('ModifyNetworkInterfaceAttribute', signal, async (options) => {
        const input = { NetworkInterfaceId: networkInterface, Groups: [...groups] };
        await client.send(new sdk.ModifyNetworkInterfaceAttributeCommand(input), options);
      }),
  };
}

function toAcl({ NetworkAclId = '', VpcId = '', Tags, Entries = [], Associations = [] }: SdkAcl): NetworkAcl {
  return {
    id: NetworkAclId,
    vpc: VpcId,
    tags: tagsOf(Tags),
    rules: Entries.filter(({ RuleNumber = 0 }) => RuleNumber < lastRule).map(ruleText).sort(),
    associations: Associations.map(({ NetworkAclAssociationId = '', SubnetId = '' }) => ({ id: NetworkAclAssociationId, subnet: SubnetId })),
  };
}

/** A rule in one line, the same for the same rule. */
export function ruleText(rule: NetworkAclEntry | AclRule): string {
  return 'cidr' in rule ? entryText(toEntry(rule)) : entryText(rule);
}

function toEntry({ number, egress, action, cidr }: AclRule) {
  return { RuleNumber: number, Egress: egress, RuleAction: action, CidrBlock: cidr, Protocol: allProtocols };
}

function entryText({ RuleNumber, Egress, RuleAction, CidrBlock, Ipv6CidrBlock, Protocol, PortRange }: NetworkAclEntry): string {
  const ports = PortRange ? ` ports ${PortRange.From}-${PortRange.To}` : '';
  return `${Egress ? 'out' : 'in'} ${RuleNumber} ${RuleAction} ${CidrBlock ?? Ipv6CidrBlock ?? ''} protocol ${Protocol}${ports}`;
}
