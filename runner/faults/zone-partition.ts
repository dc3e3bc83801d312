import { z } from 'zod';
import type { ZoneChoice } from '../../scenarios/select.ts';
import { ruleText } from '../clients/ec2-network.ts';
import { ExpectedError } from '../errors.ts';
import { defineFault } from '../fault.ts';
import { alreadyMarked, inTags, marksFor, noRoomFor, onceVisible } from '../marks.ts';
import type { Inventory } from '../inventory.ts';
import { describePartition, leftBy, partitionFromMarks, partitionRecord, restoreByHand, restoreSubnets, rulesAgainst } from '../partition.ts';
import { shortName } from '../roles.ts';
import { matchInstances, matchMembers, requireTargets, targetOf } from '../select.ts';

type Scope = 'zone' | 'all';

/** The zone where the leader is now; undefined when there is none, or when it stands in another than the one that was named. */
function zoneOfLeader(inventory: Inventory, named: ZoneChoice | undefined): string | undefined {
  const [leader] = matchMembers(inventory, { leader: true });
  return named === undefined || named === leader?.zone ? leader?.zone : undefined;
}

/** AWS's own limit of rules in each direction, less the one that allows the rest. */
const mostDenied = 19;

/** A zone without its network. Network ACLs are stateless: live connections break at once, in both directions. */
export default defineFault<{ scope: Scope }>({
  summary: 'swaps a network ACL of our own in for the subnets of a zone: cut off from the other zones, or from everything',
  schema: z.strictObject({
    scope: z.enum(['zone', 'all']).default('zone').describe('zone: cut off from the other zones; all: nothing passes in or out'),
  }),
  selects: ['role', 'zone', 'tags', 'names', 'leader'],
  permissions: {
    iam: [
      'ec2:DescribeInstances',
      'ec2:DescribeSubnets',
      'ec2:DescribeNetworkAcls',
      'ec2:CreateNetworkAcl',
      'ec2:CreateNetworkAclEntry',
      'ec2:CreateTags',
      'ec2:ReplaceNetworkAclAssociation',
      'ec2:DeleteNetworkAcl',
    ],
  },

  async plan(spec, { inventory, world }) {
    const { leader, ...rest } = spec.select ?? {};
    const zone = leader === true ? zoneOfLeader(inventory, rest.zone) : rest.zone;
    if (typeof zone !== 'string') {
      throw new ExpectedError(`fault ${spec.id}: say which zone is cut off, with select.zone, or with select.leader: true for that of the etcd leader`);
    }
    const selected = matchInstances(inventory, { ...rest, zone });
    requireTargets(selected, spec.select, spec.id, 'running instance');
    const ec2 = await world.ec2();
    const subnetIds = [...new Set(selected.flatMap(({ subnet }) => subnet ?? []))].sort();
    const mine = await ec2.subnets({ 'subnet-id': subnetIds });
    const vpcs = [...new Set(mine.map(({ vpc }) => vpc))];
    const vpc = vpcs[0];
    if (vpc === undefined) throw new ExpectedError(`fault ${spec.id}: EC2 tells no subnet of ${selected.map(({ name }) => shortName(name)).join(', ')}`);
    const [all, acls] = await Promise.all([ec2.subnets({ 'vpc-id': [vpc] }), ec2.networkAcls({ 'vpc-id': [vpc] })]);
    const others = spec.scope === 'zone' ? all.filter((subnet) => subnet.zone !== zone) : [];
    const subnets = subnetIds.map((id) => ({ id, original: acls.find((acl) => acl.associations.some(({ subnet }) => subnet === id))?.id ?? '' }));
    const denied = others.map(({ cidr }) => cidr).sort();
    const bystanders = matchInstances(inventory, {}).filter(({ subnet, id }) => subnet !== undefined && subnetIds.includes(subnet) && !selected.some((one) => one.id === id));
    const hit = (instance: (typeof selected)[number]) => ({ ...targetOf(instance, inventory), survives: true as const });
    return {
      targets: [...selected, ...bystanders].map(hit),
      bystanders: bystanders.map(hit),
      says: describePartition(spec.scope, zone, subnetIds),
      undo: {
        fault: spec.id,
        lastsMs: spec.for ?? 0,
        vpc,
        subnets,
        denied,
        known: acls.map(({ id }) => id),
        scope: spec.scope,
      },
      objections: [
        ...(vpcs.length > 1 ? [`the subnets are in ${vpcs.length} VPCs (${vpcs.join(', ')}), and an ACL belongs to one; use a fault for each`] : []),
        ...(others.length > mostDenied ? [`${others.length} subnets of other zones would be denied, and an ACL holds ${mostDenied} such rules; use scope: all`] : []),
        ...noRoomFor('our network ACL', undefined, { vpc, subnets, denied, scope: spec.scope }, world.environment.name),
        ...subnets.filter(({ original }) => original === '').map(({ id }) => `subnet ${id} has no network ACL that EC2 tells of`),
        ...acls.filter(({ id }) => subnets.some(({ original }) => original === id)).flatMap(({ id, tags }) => alreadyMarked(`network ACL ${id}`, tags) ?? []),
      ],
    };
  },

  async inject({ undo }, context) {
    const record = partitionRecord.parse(undo);
    const { world, clock, signal } = context;
    const ec2 = await world.ec2();
    const own = await ec2.createNetworkAcl(record.vpc, inTags(marksFor(record.fault, record.lastsMs, leftBy(record), context)), signal);
    for (const rule of rulesAgainst(record)) await onceVisible(clock, signal, () => ec2.addAclRule(own, rule, signal));
    const now = await ec2.networkAcls({ 'association.subnet-id': record.subnets.map(({ id }) => id) }, signal);
    for (const { id, original } of record.subnets) {
      const acl = now.find(({ associations }) => associations.some(({ subnet }) => subnet === id));
      const association = acl?.associations.find(({ subnet }) => subnet === id);
      if (!association || acl?.id !== original) {
        throw new Error(`subnet ${id} has another network ACL (${acl?.id ?? 'none'}) than when this was planned (${original})`);
      }
      await onceVisible(clock, signal, () => ec2.replaceAclAssociation(association.id, own, signal));
    }
  },

  async undo(undoRecord, context) {
    const record = partitionRecord.parse(undoRecord);
    return restoreSubnets(record, rulesAgainst(record).map(ruleText).sort(), context);
  },

  fromMarks: partitionFromMarks,

  byHand: (undoRecord, environment) => restoreByHand(partitionRecord.parse(undoRecord), environment),
});
