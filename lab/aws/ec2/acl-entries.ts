import { AwsError, invalidParameterValue, missingParameter } from '../protocol/errors.ts';
import type { Params } from '../protocol/params.ts';
import type { XmlObject } from '../protocol/xml.ts';
import type { AclEntry, NetworkAcl } from '../state.ts';
import { checkCidr } from './cidr.ts';

/** The number of the closing rule, which the console shows as `*`. */
const closingRule = 32_767;
const protocolNumbers: Readonly<Record<string, string>> = { all: '-1', tcp: '6', udp: '17', icmp: '1', icmpv6: '58' };
const withPorts = ['6', '17'];
const withTypes = ['1', '58'];

/** The parameters that say what one rule of a network ACL is. */
export const entryParameters = [
  'NetworkAclId',
  'RuleNumber',
  'Protocol',
  'RuleAction',
  'Egress',
  'CidrBlock',
  'Ipv6CidrBlock',
  'Icmp',
  'PortRange',
] as const;

export interface EntryKey {
  readonly ruleNumber: number;
  readonly egress: boolean;
}

export function readEntryKey(params: Params): EntryKey {
  const ruleNumber = params.requiredInteger('RuleNumber');
  if (ruleNumber < 1 || ruleNumber >= closingRule) {
    throw invalidParameterValue(
      `Value (${ruleNumber}) for parameter ruleNumber is invalid. Rulenumber must be in range 1..${closingRule - 1}`,
    );
  }
  params.required('Egress');
  return { ruleNumber, egress: params.boolean('Egress')! };
}

/** Reads a whole rule. Throws EC2's errors for what can't be. */
export function readEntry(params: Params): AclEntry {
  const key = readEntryKey(params);
  const asked = params.required('Protocol').toLowerCase();
  const protocol = protocolNumbers[asked] ?? asked;
  if (!/^(-1|\d{1,3})$/.test(protocol) || Number(protocol) > 255) {
    throw invalidParameterValue(`Value (${asked}) for parameter protocol is invalid. Unknown protocol: ${asked}`);
  }
  const action = params.required('RuleAction').toLowerCase();
  if (action !== 'allow' && action !== 'deny') {
    throw invalidParameterValue(`Value (${action}) for parameter ruleAction is invalid. It must be allow or deny.`);
  }
  const cidr = params.string('CidrBlock');
  const ipv6Cidr = params.string('Ipv6CidrBlock');
  if ((cidr === undefined) === (ipv6Cidr === undefined)) {
    throw new AwsError('InvalidParameterCombination', 'Either CidrBlock or Ipv6CidrBlock must be given, not both');
  }
  if (cidr !== undefined) checkCidr(cidr, 'cidrBlock');
  return {
    ...key,
    protocol,
    action,
    cidr,
    ipv6Cidr,
    ports: withPorts.includes(protocol) ? readPorts(params) : undefined,
    icmp: withTypes.includes(protocol) ? readIcmp(params) : undefined,
  };
}

function readPorts(params: Params): AclEntry['ports'] {
  if (!params.has('PortRange')) throw missingParameter('portRange');
  const range = params.child('PortRange');
  const from = range.requiredInteger('From', { min: 0, max: 65_535 });
  const to = range.requiredInteger('To', { min: 0, max: 65_535 });
  if (from > to) throw invalidParameterValue(`Invalid TCP/UDP port range (${from}:${to})`);
  return { from, to };
}

function readIcmp(params: Params): AclEntry['icmp'] {
  if (!params.has('Icmp')) throw missingParameter('icmpTypeCode');
  const icmp = params.child('Icmp');
  return { type: icmp.integer('Type') ?? -1, code: icmp.integer('Code') ?? -1 };
}

/** A network ACL that was just made lets nothing through; that of a VPC lets all through. */
export function openEntries(): AclEntry[] {
  return [true, false].map((egress) => ({
    ruleNumber: 100,
    egress,
    protocol: '-1',
    action: 'allow',
    cidr: '0.0.0.0/0',
    ipv6Cidr: undefined,
    ports: undefined,
    icmp: undefined,
  }));
}

/** The rules in the order in which AWS lists and applies them, with the closing one of each direction. */
export function entryViews(acl: NetworkAcl): XmlObject[] {
  return [true, false].flatMap((egress) => [
    ...orderedEntries(acl, egress).map(entryView),
    { ruleNumber: closingRule, protocol: '-1', ruleAction: 'deny', egress, cidrBlock: '0.0.0.0/0' },
  ]);
}

export const orderedEntries = (acl: Pick<NetworkAcl, 'entries'>, egress: boolean): AclEntry[] =>
  acl.entries.filter((entry) => entry.egress === egress).sort((a, b) => a.ruleNumber - b.ruleNumber);

function entryView(entry: AclEntry): XmlObject {
  return {
    ruleNumber: entry.ruleNumber,
    protocol: entry.protocol,
    ruleAction: entry.action,
    egress: entry.egress,
    cidrBlock: entry.cidr,
    ipv6CidrBlock: entry.ipv6Cidr,
    icmpTypeCode: entry.icmp && { ...entry.icmp },
    portRange: entry.ports && { ...entry.ports },
  };
}
