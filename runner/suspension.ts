import { z } from 'zod';
import { awsCommand } from './aws-command.ts';
import type { Environment } from './environment.ts';
import type { FaultContext, InjectContext, MarkedThing } from './fault.ts';
import type { Group } from './inventory.ts';
import { inTags, isMarked, lookUntilFound, marksAmong, marksFor, noRoomFor, readLeft, waitUntil } from './marks.ts';
import { shortName } from './roles.ts';

/** The processes of Auto Scaling that can be suspended. */
export const processNames = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
] as const;

/** On each group that we suspend something of. */
const left = z.strictObject({ suspends: z.array(z.string()) });

/** What was suspended where: only what was not suspended before. */
export const suspensionRecord = z.strictObject({
  fault: z.string(),
  lastsMs: z.number(),
  groups: z.array(left.extend({ name: z.string() })),
});
export type SuspensionRecord = z.output<typeof suspensionRecord>;

export const suspensionPermissions = [
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:SuspendProcesses',
  'autoscaling:ResumeProcesses',
  'autoscaling:CreateOrUpdateTags',
  'autoscaling:DeleteTags',
] as const;

const resumesWithinMs = 20_000;

/** What a suspension of these processes would change. */
export function planSuspension(
  groups: readonly Pick<Group, 'name' | 'suspended'>[],
  processes: readonly string[],
  { fault, lastsMs }: { fault: string; lastsMs: number },
): SuspensionRecord {
  return {
    fault,
    lastsMs,
    groups: groups.map(({ name, suspended }) => ({ name, suspends: processes.filter((process) => !suspended.includes(process)) })),
  };
}

/** Objections to groups whose tags leave no room for ours. */
export function noRoomToSuspend(groups: readonly Pick<Group, 'name' | 'tags'>[], processes: readonly string[], environment: Environment): string[] {
  return groups.flatMap(({ name, tags }) => noRoomFor(`group ${shortName(name)}`, tags, { suspends: processes }, environment.name));
}

/** @throws when a group's tags don't say what was suspended */
export function suspensionFromMarks(fault: string, things: readonly MarkedThing[]): SuspensionRecord {
  return { fault, lastsMs: 0, groups: readLeft(things, 'auto-scaling-group', left).map(({ id, left: { suspends } }) => ({ name: id, suspends })) };
}

/** Tags the groups, then suspends: an undo that finds no tag has nothing to resume. */
export async function suspend({ fault, lastsMs, groups }: SuspensionRecord, context: InjectContext): Promise<void> {
  const autoScaling = await context.world.autoScaling();
  const changed = groups.filter(({ suspends }) => suspends.length > 0);
  // Groups that lose the same processes are tagged in one call.
  for (const [, alike] of Map.groupBy(changed, ({ suspends }) => suspends.join())) {
    const tags = inTags(marksFor(fault, lastsMs, { suspends: alike[0]!.suspends }, context));
    await autoScaling.tag(alike.map(({ name }) => name), tags, context.signal);
  }
  for (const { name, suspends } of changed) await autoScaling.suspend(name, suspends, context.signal);
}

/** The commands that resume what the record says. */
export function resumeByHand({ groups }: SuspensionRecord, environment: Environment): string[] {
  return groups
    .filter(({ suspends }) => suspends.length > 0)
    .map(({ name, suspends }) =>
      awsCommand(environment, 'autoscaling', 'resume-processes', '--auto-scaling-group-name', name, '--scaling-processes', ...suspends),
    );
}

/** Resumes what the record says and what carries our tags; looks whether it is so; takes the tags away. */
export async function resume({ fault, groups }: SuspensionRecord, context: FaultContext): Promise<string> {
  const { world, clock, signal } = context;
  const autoScaling = await world.autoScaling();
  const changed = groups.filter(({ suspends }) => suspends.length > 0);
  const before = groups.length - changed.length;
  const untouched = before > 0 ? `; ${before} had it suspended before and were left as they were` : '';
  if (changed.length === 0) return `nothing to resume${untouched}`;
  const names = changed.map(({ name }) => name);
  const ours = async () => (await autoScaling.groups({ names, signal })).filter(({ tags }) => isMarked(tags, fault, context));
  const marked = await lookUntilFound(clock, signal, ours);
  if (marked.length === 0) return `nothing to resume: no group carries the tags of this run${untouched}`;

  const still = (group: Pick<Group, 'name' | 'suspended'>): string[] =>
    changed.find(({ name }) => name === group.name)!.suspends.filter((process) => group.suspended.includes(process));
  for (const group of marked) {
    const suspended = still(group);
    if (suspended.length > 0) await autoScaling.resume(group.name, suspended, signal);
  }
  await waitUntil(context, resumesWithinMs, `still suspended: ${names.join(', ')}`, async () =>
    (await ours()).every((group) => still(group).length === 0),
  );
  for (const [, alike] of Map.groupBy(marked, ({ tags }) => JSON.stringify(marksAmong(tags)))) {
    await autoScaling.untag(alike.map(({ name }) => name), marksAmong(alike[0]!.tags), signal);
  }
  const done = changed.filter(({ name }) => marked.some((group) => group.name === name));
  return `resumed ${done.map(({ name, suspends }) => `${suspends.join(', ')} of ${shortName(name)}`).join('; ')}${untouched}`;
}
