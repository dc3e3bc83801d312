import { z } from 'zod';
import { awsCommand } from '../aws-command.ts';
import { codeOf } from '../clients/aws.ts';
import { defineFault } from '../fault.ts';
import { alreadyMarked, inTags, isMarked, lookUntilFound, marksAmong, marksFor, noRoomFor, readLeft, waitUntil } from '../marks.ts';
import { shortName } from '../roles.ts';
import { matchMachines, pickFrom, requireTargets, targetOf } from '../select.ts';

const record = z.strictObject({
  fault: z.string(),
  lastsMs: z.number(),
  instances: z.array(z.strictObject({ id: z.string(), name: z.string() })),
});

/** On each instance. They are marked in one call, as alike. */
const left = z.strictObject({});

const settled: readonly string[] = ['running', 'terminated', 'shutting-down'];
const startsWithinMs = 45_000;

/** Stops machines, as maintenance does: the disk stays, processes and memory don't. */
export default defineFault({
  summary: 'stops EC2 instances and starts them again; an Auto Scaling Group takes a stopped one for dead and replaces it',
  schema: z.strictObject({}),
  selects: ['role', 'zone', 'notZone', 'tags', 'names', 'leader', 'follower', 'pick'],
  permissions: {
    iam: ['ec2:DescribeInstances', 'ec2:StopInstances', 'ec2:StartInstances', 'ec2:CreateTags', 'ec2:DeleteTags'],
  },

  async plan(spec, { inventory, rng, world }) {
    const select = spec.select ?? {};
    const picked = pickFrom(matchMachines(inventory, select), select.pick ?? 'all', rng);
    requireTargets(picked, spec.select, spec.id, 'running instance');
    const names = picked.map(({ name }) => shortName(name)).join(', ');
    const grouped = picked.filter(({ group }) => group !== undefined).map(({ name }) => shortName(name));
    const healing =
      grouped.length === 0
        ? 'started again afterwards'
        : `started again afterwards where it still exists; Auto Scaling takes a stopped instance for dead and replaces ${grouped.join(', ')}`;
    return {
      targets: picked.map((instance) => ({
        ...targetOf(instance, inventory),
        ...(instance.group === undefined ? { survives: true as const } : {}),
      })),
      says: `stop ${names} (StopInstances; ${healing})`,
      undo: { fault: spec.id, lastsMs: spec.for ?? 0, instances: picked.map(({ id, name }) => ({ id, name: shortName(name) })) },
      objections: picked.flatMap(({ name, tags }) => alreadyMarked(shortName(name), tags) ?? noRoomFor(shortName(name), tags, {}, world.environment.name) ?? []),
    };
  },

  async inject({ undo }, context) {
    const { fault, lastsMs, instances } = record.parse(undo);
    const ec2 = await context.world.ec2();
    const ids = instances.map(({ id }) => id);
    await ec2.tag(ids, inTags(marksFor(fault, lastsMs, {}, context)), context.signal);
    await ec2.stop(ids, { signal: context.signal });
  },

  async undo(undoRecord, context) {
    const { fault, instances } = record.parse(undoRecord);
    const { world, clock, signal } = context;
    const ec2 = await world.ec2();
    const ids = instances.map(({ id }) => id);
    const ours = async () => (await ec2.instances({ ids, signal })).filter(({ tags }) => isMarked(tags, fault, context));
    const marked = await lookUntilFound(clock, signal, ours);
    if (marked.length === 0) return 'nothing to start: no instance carries the tags of this run';

    const started = new Map<string, string>();
    await waitUntil(context, startsWithinMs, `not running again: ${instances.map(({ name }) => name).join(', ')}`, async () => {
      const now = await ours();
      for (const { id, state, name } of now) {
        if (state !== 'stopped') continue;
        try {
          await ec2.start([id], { signal });
          started.set(id, shortName(name));
        } catch (error) {
          // Its group was quicker and has terminated it, or it is between two states: the next look tells.
          if (!['IncorrectInstanceState', 'IncorrectState', 'InvalidInstanceID.NotFound'].includes(codeOf(error))) throw error;
        }
      }
      return now.every(({ state }) => settled.includes(state));
    });
    for (const { id, tags, state } of await ours()) if (state === 'running') await ec2.untag([id], marksAmong(tags), signal);
    const others = instances.filter(({ id }) => !started.has(id)).map(({ name }) => name);
    const said = started.size === 0 ? 'started none' : `started ${[...started.values()].join(', ')}`;
    return others.length === 0 ? said : `${said}; ${others.join(', ')} was running, or replaced by its group`;
  },

  fromMarks: (fault, things) => ({ fault, lastsMs: 0, instances: readLeft(things, 'instance', left).map(({ id }) => ({ id, name: id })) }),

  byHand(undoRecord, environment) {
    const ids = record.parse(undoRecord).instances.map(({ id }) => id);
    return [awsCommand(environment, 'ec2', 'start-instances', '--instance-ids', ...ids)];
  },
});
