import { z } from 'zod';
import { awsCommand } from './aws-command.ts';
import type { Ec2Client } from './clients/ec2.ts';
import type { AclRule, NetworkAcl } from './clients/ec2-network.ts';
import type { Environment } from './environment.ts';
import type { FaultContext, MarkedThing } from './fault.ts';
import { isMarked, lookUntilFound, marksFilter, onceVisible, readLeft, waitUntil } from './marks.ts';

/** What our ACL carries, which is there before the first subnet is put under it. */
const left = z.strictObject({
  vpc: z.string(),
  subnets: z.array(z.strictObject({ id: z.string(), original: z.string() })),
  /** The address ranges that are cut off; none when everything is. */
  denied: z.array(z.string()),
  scope: z.enum(['zone', 'all']),
});

/** All that is needed to put a zone's subnets back under the network ACLs that they had. */
export const partitionRecord = left.extend({
  fault: z.string(),
  lastsMs: z.number(),
  /**
   * The ACLs that were there before: one of them on a subnet is somebody's choice. Left out when our own was found by its
   * tags: then any other is.
   */
  known: z.array(z.string()).optional(),
});
export type PartitionRecord = z.output<typeof partitionRecord>;

export function leftBy({ vpc, subnets, denied, scope }: PartitionRecord): z.output<typeof left> {
  return { vpc, subnets, denied, scope };
}

/** @throws when our ACL's tags don't say which subnets it was made for */
export function partitionFromMarks(fault: string, things: readonly MarkedThing[]): PartitionRecord {
  const [first, ...rest] = readLeft(things, 'network-acl', left);
  if (!first) throw new Error('no network ACL');
  return { fault, lastsMs: 0, ...first.left, subnets: [...first.left.subnets, ...rest.flatMap(({ left: { subnets } }) => subnets)] };
}

const anywhere = '0.0.0.0/0';
const settlesWithinMs = 20_000;

/** The rules of our ACL. One without any denies everything. */
export function rulesAgainst({ denied, scope }: PartitionRecord): AclRule[] {
  if (scope === 'all') return [];
  return [true, false].flatMap((egress) => [
    ...denied.map((cidr, index) => ({ number: 100 + index, egress, action: 'deny' as const, cidr })),
    { number: 1000, egress, action: 'allow' as const, cidr: anywhere },
  ]);
}

export function describePartition(scope: PartitionRecord['scope'], zone: string, subnets: readonly string[]): string {
  const from = scope === 'all' ? 'everything' : 'the other zones';
  return `cut ${zone} off from ${from}: a network ACL of our own for ${subnets.join(', ')} (ReplaceNetworkAclAssociation, undone with the original ACLs)`;
}

/**
 * Puts each subnet that is under our ACL back under its own, found by subnet, as an association's id changes with each
 * replacement; looks whether it is so; deletes our ACL.
 *
 * @param rules what our ACL held when it was made
 * @throws Error when a subnet is under an ACL that was not there before and is not ours, or ours can't be deleted
 */
export async function restoreSubnets(record: PartitionRecord, rules: readonly string[], context: FaultContext): Promise<string> {
  const { world, clock, signal } = context;
  const ec2 = await world.ec2();
  const filter = marksFilter(record.fault, context);
  const own = await lookUntilFound(clock, signal, () => ec2.networkAcls(filter, signal));
  const said = editsOf(own, rules, record);
  const acls = await ec2.networkAcls({ 'vpc-id': [record.vpc] }, signal);
  for (const subnet of record.subnets) said.push(await restore(ec2, subnet, acls, record, context));
  await waitUntil(context, settlesWithinMs, `subnets ${record.subnets.map(({ id }) => id).join(', ')} are still under our network ACL`, async () =>
    (await ec2.networkAcls(filter, signal)).every(({ associations }) => !associations.some(({ subnet }) => record.subnets.some(({ id }) => id === subnet))),
  );
  for (const { id } of own) {
    const [now] = (await ec2.networkAcls(filter, signal)).filter((acl) => acl.id === id);
    const strangers = now?.associations ?? [];
    if (strangers.length > 0) {
      throw new Error(
        `somebody has put ${strangers.map(({ subnet }) => subnet).join(', ')} under our network ACL ${id}, which denies traffic; give it another ACL and delete ours`,
      );
    }
    if (now) await ec2.deleteNetworkAcl(id, signal);
  }
  await waitUntil(context, settlesWithinMs, `network ACL ${own.map(({ id }) => id).join(', ')} is still there; delete it by hand`, async () =>
    (await ec2.networkAcls(filter, signal)).length === 0,
  );
  return [...said.filter(Boolean), own.length === 0 ? 'there is no network ACL of this run' : 'our network ACL is deleted'].join('; ');
}

/** The commands that put the subnets back: an association's id is looked up by subnet, as it changes with each replacement. */
export function restoreByHand({ subnets }: PartitionRecord, environment: Environment): string[] {
  return subnets.map(({ id, original }) => {
    const query = `"NetworkAcls[].Associations[?SubnetId=='${id}'].NetworkAclAssociationId"`;
    const lookUp = awsCommand(environment, 'ec2', 'describe-network-acls', '--filters', `Name=association.subnet-id,Values=${id}`, '--query', query, '--output', 'text');
    return awsCommand(environment, 'ec2', 'replace-network-acl-association', '--association-id', `$(${lookUp})`, '--network-acl-id', original);
  });
}

/** Puts one subnet back, where our ACL is on it. */
async function restore(
  ec2: Ec2Client,
  { id, original }: PartitionRecord['subnets'][number],
  acls: readonly NetworkAcl[],
  record: PartitionRecord,
  context: FaultContext,
): Promise<string> {
  const { clock, signal } = context;
  const current = acls.find(({ associations }) => associations.some(({ subnet }) => subnet === id));
  const association = current?.associations.find(({ subnet }) => subnet === id);
  if (!current || !association) return `subnet ${id} is gone`;
  if (current.id === original) return '';
  if (isMarked(current.tags, record.fault, context)) {
    if (!acls.some((acl) => acl.id === original)) {
      throw new Error(`the network ACL ${original} that subnet ${id} had is gone, and ours (${current.id}) is on it; give the subnet another one`);
    }
    await onceVisible(clock, signal, () => ec2.replaceAclAssociation(association.id, original, signal));
    return `subnet ${id} has ${original} back`;
  }
  if (record.known?.includes(current.id) ?? true) return `subnet ${id} was put under ${current.id} by somebody else: left as it is`;
  throw new Error(
    `subnet ${id} is under ${current.id}, which was not there before and does not carry our tags; if nobody of yours put it there: ` +
      `aws ec2 replace-network-acl-association --association-id ${association.id} --network-acl-id ${original}`,
  );
}

/** What somebody else has changed in our ACL meanwhile. Fewer rules may also mean that the injection broke off. */
function editsOf(own: readonly NetworkAcl[], rules: readonly string[], { fault }: PartitionRecord): string[] {
  return own.flatMap((acl) => {
    const added = acl.rules.filter((rule) => !rules.includes(rule));
    return added.length === 0 ? [] : [`somebody has edited the network ACL ${acl.id} of fault ${fault}: ${added.join(', ')}`];
  });
}
