import { z } from 'zod';
import { awsCommand } from '../aws-command.ts';
import { defineFault } from '../fault.ts';
import { matchGroups } from '../group-selection.ts';
import { alreadyMarked, inTags, isMarked, lookUntilFound, marksFilter, marksFor, noRoomFor, readLeft, waitUntil } from '../marks.ts';
import { shortName } from '../roles.ts';
import { pickFrom, requireTargets } from '../select.ts';

const template = z.strictObject({ id: z.string(), version: z.string() });
/** On our template, which is there before the first group is pointed at it. */
const left = z.strictObject({ groups: z.array(z.strictObject({ name: z.string(), original: template })) });
const record = left.extend({ fault: z.string(), lastsMs: z.number() });

const settlesWithinMs = 20_000;

/** Groups that notice a loss, try to launch, and fail: as when a zone has no capacity left. */
export default defineFault({
  summary: 'makes every new launch of Auto Scaling Groups fail, by a launch template of our own that bids too little',
  schema: z.strictObject({}),
  selects: ['role', 'zone', 'notZone', 'tags', 'names', 'pick'],
  permissions: {
    iam: [
      'autoscaling:DescribeAutoScalingGroups',
      'autoscaling:UpdateAutoScalingGroup',
      'ec2:DescribeLaunchTemplates',
      'ec2:DescribeLaunchTemplateVersions',
      'ec2:CreateLaunchTemplate',
      'ec2:CreateTags',
      'ec2:DeleteLaunchTemplate',
      'ec2:RunInstances',
    ],
  },

  async plan(spec, { inventory, rng, world }) {
    const select = spec.select ?? {};
    const candidates = matchGroups(inventory.groups, select).map((group) => ({ group, zone: group.zones[0] ?? '' }));
    const picked = pickFrom(candidates, select.pick ?? 'all', rng).map(({ group }) => group);
    requireTargets(picked, spec.select, spec.id, 'Auto Scaling Group');
    const live = await (await world.autoScaling()).groups({ names: picked.map(({ name }) => name) });
    const groups = live.flatMap(({ name, launchTemplate: original }) => (original ? [{ name, original: { ...original } }] : []));
    const without = live.filter(({ launchTemplate }) => launchTemplate === undefined);
    return {
      targets: [],
      groups: live.map(({ name }) => name),
      says:
        `let every launch of ${live.map(({ name }) => shortName(name)).join(', ')} fail: a launch template of our own ` +
        'that bids less than any price (UpdateAutoScalingGroup, undone with the original template)',
      undo: { fault: spec.id, lastsMs: spec.for ?? 0, groups },
      objections: [
        ...without.map(({ name }) => `group ${shortName(name)} launches from no launch template of its own (a launch configuration, or mixed instances); use asg-suspend`),
        ...live.flatMap(({ name, tags }) => alreadyMarked(`group ${shortName(name)}`, tags) ?? []),
        ...noRoomFor('our launch template', undefined, { groups }, world.environment.name),
      ],
    };
  },

  async inject({ undo }, context) {
    const { fault, lastsMs, groups } = record.parse(undo);
    const { world, run, signal } = context;
    const [ec2, autoScaling] = await Promise.all([world.ec2(), world.autoScaling()]);
    const first = groups[0]?.original;
    if (!first) return;
    const basics = await ec2.launchBasics(first.id, first.version, signal);
    const own = await ec2.createHopelessTemplate(
      { name: `firedrill-${run.id}-${fault}`.slice(0, 128), basics, tags: inTags(marksFor(fault, lastsMs, { groups }, context)) },
      signal,
    );
    for (const { name } of groups) await autoScaling.setLaunchTemplate(name, { id: own, version: '1' }, signal);
  },

  async undo(undoRecord, context) {
    const { fault, groups } = record.parse(undoRecord);
    const { world, clock, signal } = context;
    const [ec2, autoScaling] = await Promise.all([world.ec2(), world.autoScaling()]);
    const mine = async () => (await ec2.launchTemplates(marksFilter(fault, context), signal)).filter(({ tags }) => isMarked(tags, fault, context));
    const own = (await lookUntilFound(clock, signal, mine)).map(({ id }) => id);
    if (own.length === 0) return 'nothing to put back: there is no launch template of this run';
    const look = () => autoScaling.groups({ names: groups.map(({ name }) => name), signal });
    const said: string[] = [];
    for (const { name, launchTemplate } of await look()) {
      const { original } = groups.find((group) => group.name === name)!;
      if (launchTemplate && own.includes(launchTemplate.id)) {
        await autoScaling.setLaunchTemplate(name, original, signal);
        said.push(`${shortName(name)} has its launch template back`);
      } else if (launchTemplate?.id !== original.id || launchTemplate.version !== original.version) {
        said.push(`${shortName(name)} was given ${launchTemplate?.id ?? 'no launch template'} by somebody else: left as it is`);
      }
    }
    await waitUntil(context, settlesWithinMs, `our launch template ${own.join(', ')} is still in use`, async () =>
      (await look()).every(({ launchTemplate }) => launchTemplate === undefined || !own.includes(launchTemplate.id)),
    );
    for (const id of own) await ec2.deleteLaunchTemplate(id, signal);
    await waitUntil(context, settlesWithinMs, `our launch template ${own.join(', ')} is still there; delete it by hand`, async () => (await mine()).length === 0);
    return [...said, 'our launch template is deleted'].join('; ');
  },

  fromMarks: (fault, things) => ({ fault, lastsMs: 0, groups: readLeft(things, 'launch-template', left).flatMap(({ left: { groups } }) => groups) }),

  byHand: (undoRecord, environment) =>
    record.parse(undoRecord).groups.map(({ name, original }) =>
      awsCommand(environment, 'autoscaling', 'update-auto-scaling-group', '--auto-scaling-group-name', name,
        '--launch-template', `LaunchTemplateId=${original.id},Version='${original.version}'`),
    ),
});
