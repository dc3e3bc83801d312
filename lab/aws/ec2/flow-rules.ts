import type { Cloud } from '../cloud.ts';
import { newId } from '../ids.ts';
import { AwsError, invalidParameterValue } from '../protocol/errors.ts';
import type { Params } from '../protocol/params.ts';
import type { XmlObject } from '../protocol/xml.ts';
import type { FlowRule, SecurityGroup } from '../state.ts';
import { checkCidr } from './cidr.ts';
import { securityGroupNamed } from './security-group-lookup.ts';

const protocolNames: Readonly<Record<string, string>> = {
  all: '-1',
  '6': 'tcp',
  '17': 'udp',
  '1': 'icmp',
  '58': 'icmpv6',
};

/** The parameters that say which rules are meant: in full, or the short form for a single one. */
export const flowParameters = ['IpPermissions', 'IpProtocol', 'FromPort', 'ToPort', 'CidrIp'] as const;

/** The rules that a call names, one for each peer. Throws EC2's errors for what can't be. */
export function readFlowRules(cloud: Cloud, params: Params): FlowRule[] {
  const permissions = params.list('IpPermissions');
  if (permissions.length === 0 && !params.has('IpProtocol')) {
    throw new AwsError('MissingParameter', "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided.");
  }
  const short = params.has('IpProtocol') ? [readRule(params, { cidr: params.required('CidrIp') }, undefined)] : [];
  return [...short, ...permissions.flatMap((permission) => readPermission(cloud, permission))];
}

function readPermission(cloud: Cloud, permission: Params): FlowRule[] {
  const ranges = permission.list('IpRanges').map((range) => {
    const cidr = range.required('CidrIp');
    return readRule(permission, { cidr }, range.string('Description'));
  });
  const ipv6Ranges = permission.list('Ipv6Ranges').map((range) => {
    const ipv6Cidr = range.required('CidrIpv6');
    return readRule(permission, { ipv6Cidr }, range.string('Description'));
  });
  const groups = permission.list('Groups').map((pair) => {
    const group = securityGroupNamed(cloud, pair.string('GroupId'), pair.string('GroupName'));
    return readRule(permission, { groupId: group.id }, pair.string('Description'));
  });
  return [...ranges, ...ipv6Ranges, ...groups];
}

function readRule(params: Params, peer: FlowRule['peer'], description: string | undefined): FlowRule {
  if ('cidr' in peer) checkCidr(peer.cidr, 'cidrIp');
  const asked = params.required('IpProtocol').toLowerCase();
  const protocol = protocolNames[asked] ?? asked;
  if (!/^(-1|tcp|udp|icmp|icmpv6|\d{1,3})$/.test(protocol) || Number(protocol) > 255) {
    throw invalidParameterValue(`Invalid value '${asked}' for IP protocol. Unknown protocol.`);
  }
  const base = { id: newId('sgr'), protocol, peer, description };
  if (protocol === '-1') return { ...base, from: undefined, to: undefined };
  const from = params.integer('FromPort', { min: -1, max: 65_535 });
  const to = params.integer('ToPort', { min: -1, max: 65_535 });
  if (protocol === 'icmp' || protocol === 'icmpv6') return { ...base, from: from ?? -1, to: to ?? -1 };
  if (protocol !== 'tcp' && protocol !== 'udp') return { ...base, from: undefined, to: undefined };
  if (from === undefined || to === undefined) {
    throw invalidParameterValue("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
  }
  if (from > to) throw invalidParameterValue(`Invalid TCP/UDP port range (${from}:${to})`);
  return { ...base, from, to };
}

/** Two rules are one when they let through the same; description and id don't count. */
export function isSameRule(a: FlowRule, b: FlowRule): boolean {
  return keyOf(a) === keyOf(b) && JSON.stringify(a.peer) === JSON.stringify(b.peer);
}

const keyOf = ({ protocol, from, to }: FlowRule): string => `${protocol} ${from ?? ''} ${to ?? ''}`;

/** A rule in the words of EC2's errors. */
export function describeRule({ protocol, from, to, peer }: FlowRule): string {
  const whom = 'cidr' in peer ? peer.cidr : 'ipv6Cidr' in peer ? peer.ipv6Cidr : peer.groupId;
  const ports = from === undefined ? '' : `, from port: ${from}, to port: ${to}`;
  return `"peer: ${whom}, ${protocol === '-1' ? 'ALL' : protocol.toUpperCase()}${ports}, ALLOW"`;
}

/** Rules as DescribeSecurityGroups shows them: those of the same protocol and ports together. */
export function permissionViews(cloud: Cloud, rules: readonly FlowRule[]): XmlObject[] {
  return [...Map.groupBy(rules, keyOf).values()].map((alike) => ({
    ipProtocol: alike[0]!.protocol,
    fromPort: alike[0]!.from,
    toPort: alike[0]!.to,
    groups: alike.flatMap(({ peer, description }) =>
      'groupId' in peer ? [{ userId: cloud.accountId, groupId: peer.groupId, description }] : [],
    ),
    ipRanges: alike.flatMap(({ peer, description }) => ('cidr' in peer ? [{ cidrIp: peer.cidr, description }] : [])),
    ipv6Ranges: alike.flatMap(({ peer, description }) =>
      'ipv6Cidr' in peer ? [{ cidrIpv6: peer.ipv6Cidr, description }] : [],
    ),
    prefixListIds: [],
  }));
}

/** A single rule with its id. */
export function ruleView(cloud: Cloud, group: SecurityGroup, rule: FlowRule): XmlObject {
  const { peer } = rule;
  return {
    securityGroupRuleId: rule.id,
    groupId: group.id,
    groupOwnerId: cloud.accountId,
    isEgress: group.egress.includes(rule),
    ipProtocol: rule.protocol,
    fromPort: rule.from ?? -1,
    toPort: rule.to ?? -1,
    cidrIpv4: 'cidr' in peer ? peer.cidr : undefined,
    cidrIpv6: 'ipv6Cidr' in peer ? peer.ipv6Cidr : undefined,
    referencedGroupInfo: 'groupId' in peer ? { groupId: peer.groupId, userId: cloud.accountId } : undefined,
    description: rule.description,
    tagSet: [],
  };
}

/** A new group lets everything out. */
export function openEgress(): FlowRule {
  return {
    id: newId('sgr'),
    protocol: '-1',
    from: undefined,
    to: undefined,
    peer: { cidr: '0.0.0.0/0' },
    description: undefined,
  };
}
