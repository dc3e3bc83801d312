import { z } from 'zod';
import { awsCommand } from '../aws-command.ts';
import type { Ec2Client } from '../clients/ec2.ts';
import type { NetworkInterface } from '../clients/ec2-network.ts';
import { defineFault, type FaultContext } from '../fault.ts';
import { inTags, lookUntilFound, marksFilter, marksFor, noRoomFor, onceVisible, readLeft, waitUntil } from '../marks.ts';
import { shortName } from '../roles.ts';
import { matchMachines, pickFrom, requireTargets, targetOf } from '../select.ts';

/** On our security group, which is there before the first interface is put under it. */
const left = z.strictObject({
  vpc: z.string(),
  interfaces: z.array(z.strictObject({ id: z.string(), instance: z.string(), name: z.string(), groups: z.array(z.string()) })),
});
const record = left.extend({ fault: z.string(), lastsMs: z.number() });
type Isolation = z.output<typeof record>;

const settlesWithinMs = 20_000;

/** Nobody can reach these machines, and they reach nobody: new connections, that is. */
export default defineFault({
  summary: 'swaps the security groups of EC2 instances for an empty one: no new connection in or out',
  schema: z.strictObject({}),
  selects: ['role', 'zone', 'notZone', 'tags', 'names', 'leader', 'follower', 'pick'],
  permissions: {
    iam: [
      'ec2:DescribeInstances',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroups',
      'ec2:CreateSecurityGroup',
      'ec2:CreateTags',
      'ec2:RevokeSecurityGroupEgress',
      'ec2:ModifyNetworkInterfaceAttribute',
      'ec2:DeleteSecurityGroup',
    ],
  },

  async plan(spec, { inventory, rng, world }) {
    const select = spec.select ?? {};
    const picked = pickFrom(matchMachines(inventory, select), select.pick ?? 'all', rng);
    requireTargets(picked, spec.select, spec.id, 'running instance');
    const ec2 = await world.ec2();
    const found = await ec2.networkInterfaces({ 'attachment.instance-id': picked.map(({ id }) => id) });
    const vpcs = [...new Set(found.map(({ vpc }) => vpc))];
    const nameOf = (id: string | undefined): string => shortName(picked.find((instance) => instance.id === id)?.name ?? '');
    const toUndo = {
      vpc: vpcs[0] ?? '',
      interfaces: found.map(({ id, instance, groups }) => ({ id, instance: instance ?? '', name: nameOf(instance), groups: [...groups] })),
    };
    const bare = picked.filter(({ id }) => !found.some(({ instance }) => instance === id));
    return {
      targets: picked.map((instance) => ({ ...targetOf(instance, inventory), survives: true as const })),
      says:
        `isolate ${picked.map(({ name }) => shortName(name)).join(', ')}: an empty security group in place of their own ` +
        '(ModifyNetworkInterfaceAttribute, undone with the original groups); connections that are open and tracked stay open',
      undo: { fault: spec.id, lastsMs: spec.for ?? 0, ...toUndo },
      objections: [
        ...(vpcs.length > 1 ? [`the instances are in ${vpcs.length} VPCs (${vpcs.join(', ')}), and a security group belongs to one; use a fault for each`] : []),
        ...noRoomFor('our security group', undefined, toUndo, world.environment.name),
        ...bare.map(({ name }) => `${shortName(name)} has no network interface that EC2 tells of`),
      ],
    };
  },

  async inject({ undo }, context) {
    const { fault, lastsMs, vpc, interfaces } = record.parse(undo);
    const { world, clock, run, signal } = context;
    const ec2 = await world.ec2();
    const own = await ec2.createSecurityGroup(
      { name: `firedrill ${run.id} ${fault}`, description: 'made by firedrill: lets nothing through', vpc, tags: inTags(marksFor(fault, lastsMs, { vpc, interfaces }, context)) },
      signal,
    );
    await onceVisible(clock, signal, () => ec2.revokeDefaultEgress(own, signal));
    for (const { id } of interfaces) await onceVisible(clock, signal, () => ec2.setInterfaceGroups(id, [own], signal));
  },

  async undo(undoRecord, context) {
    const parsed = record.parse(undoRecord);
    const { world, clock, signal } = context;
    const ec2 = await world.ec2();
    const own = (await lookUntilFound(clock, signal, () => ec2.securityGroups(marksFilter(parsed.fault, context), signal))).map(({ id }) => id);
    if (own.length === 0) return 'nothing to put back: there is no security group of this run';
    const said = await restoreInterfaces(ec2, parsed, own, context);
    for (const id of own) await ec2.deleteSecurityGroup(id, signal);
    await waitUntil(context, settlesWithinMs, `security group ${own.join(', ')} is still there; delete it by hand`, async () =>
      (await ec2.securityGroups(marksFilter(parsed.fault, context), signal)).length === 0,
    );
    return [...said, 'our security group is deleted'].join('; ');
  },

  fromMarks(fault, things) {
    const found = readLeft(things, 'security-group', left);
    return { fault, lastsMs: 0, vpc: found[0]?.left.vpc ?? '', interfaces: found.flatMap(({ left: { interfaces } }) => interfaces) };
  },

  byHand: (undoRecord, environment) =>
    record
      .parse(undoRecord)
      .interfaces.map(({ id, groups }) =>
        awsCommand(environment, 'ec2', 'modify-network-interface-attribute', '--network-interface-id', id, '--groups', ...groups),
      ),
});

/** Only where our group still is: what somebody else has set since stays. */
async function restoreInterfaces(ec2: Ec2Client, { interfaces }: Isolation, own: readonly string[], context: FaultContext): Promise<string[]> {
  const { signal } = context;
  const ids = interfaces.map(({ id }) => id);
  const look = (): Promise<NetworkInterface[]> => ec2.networkInterfaces({ 'network-interface-id': ids }, signal);
  const said: string[] = [];
  const wanted = new Map<string, readonly string[]>();
  for (const now of await look()) {
    const { name, groups } = interfaces.find(({ id }) => id === now.id)!;
    const others = now.groups.filter((id) => !own.includes(id));
    if (others.length === now.groups.length) {
      if (!sameGroups(others, groups)) said.push(`${name} has groups that somebody else gave it (${others.join(', ')}): left as it is`);
      continue;
    }
    const back = others.length > 0 ? others : groups;
    await ec2.setInterfaceGroups(now.id, back, signal);
    wanted.set(now.id, back);
    said.push(others.length > 0 ? `${name} keeps what somebody else gave it (${others.join(', ')}), without our group` : `${name} has its groups back`);
  }
  const names = interfaces.map(({ name, id }) => `${name} (${id})`).join(', ');
  await waitUntil(context, settlesWithinMs, `the security groups of ${names} are not as they were`, async () =>
    (await look()).every(({ id, groups }) => sameGroups(groups, wanted.get(id) ?? groups) && groups.every((group) => !own.includes(group))),
  );
  return said;
}

function sameGroups(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id));
}
