import { z } from 'zod';
import { awsCommand } from '../aws-command.ts';
import { codeOf } from '../clients/aws.ts';
import type { Ec2Client } from '../clients/ec2.ts';
import { defineFault, type FaultContext } from '../fault.ts';
import { alreadyMarked, inTags, isMarked, lookUntilFound, marksAmong, marksFor, noRoomFor, readLeft, waitUntil } from '../marks.ts';
import { shortName } from '../roles.ts';
import { matchMachines, pickFrom, requireTargets, targetOf } from '../select.ts';
import { dataVolumes } from '../termination.ts';

/** On each volume, which forgets where it was. */
const left = z.strictObject({ device: z.string(), instance: z.string(), name: z.string() });
const volumeRecord = left.extend({ id: z.string() });
const record = z.strictObject({ fault: z.string(), lastsMs: z.number(), volumes: z.array(volumeRecord) });
type DetachedVolume = z.output<typeof volumeRecord>;

const attachesWithinMs = 45_000;

/** A disk that is gone from under a running process. */
export default defineFault({
  summary: 'takes the data volumes away from running EC2 instances, by force, and attaches them again',
  schema: z.strictObject({}),
  selects: ['role', 'zone', 'notZone', 'tags', 'names', 'leader', 'follower', 'pick'],
  permissions: {
    iam: ['ec2:DescribeInstances', 'ec2:DescribeVolumes', 'ec2:DetachVolume', 'ec2:AttachVolume', 'ec2:CreateTags', 'ec2:DeleteTags'],
  },

  async plan(spec, { inventory, rng, world }) {
    const select = spec.select ?? {};
    const having = matchMachines(inventory, select).filter((instance) => dataVolumes(instance).length > 0);
    const picked = pickFrom(having, select.pick ?? 'all', rng);
    requireTargets(picked, spec.select, spec.id, 'running instance with a data volume');
    const volumes = picked.flatMap((instance) =>
      dataVolumes(instance).map(({ id, device }) => ({ id, device, instance: instance.id, name: shortName(instance.name) })),
    );
    const live = await (await world.ec2()).volumes({ ids: volumes.map(({ id }) => id) });
    const noRoom = volumes.flatMap(({ id, ...where }) => noRoomFor(`volume ${id}`, live.find((one) => one.id === id)?.tags, where, world.environment.name));
    return {
      targets: picked.map((instance) => ({ ...targetOf(instance, inventory), survives: true as const })),
      says: `take ${volumes.map(({ id, name }) => `${id} from ${name}`).join(', ')} (DetachVolume with force, undone by AttachVolume where nothing else has attached it)`,
      undo: { fault: spec.id, lastsMs: spec.for ?? 0, volumes },
      objections: [...live.flatMap(({ id, tags }) => alreadyMarked(`volume ${id}`, tags) ?? []), ...noRoom],
    };
  },

  async inject({ undo }, context) {
    const { fault, lastsMs, volumes } = record.parse(undo);
    const ec2 = await context.world.ec2();
    for (const { id, ...where } of volumes) await ec2.tag([id], inTags(marksFor(fault, lastsMs, where, context)), context.signal);
    for (const { id } of volumes) await ec2.forceDetach(id, context.signal);
  },

  async undo(undoRecord, context) {
    const { fault, volumes } = record.parse(undoRecord);
    const { world, clock, signal } = context;
    const ec2 = await world.ec2();
    const ids = volumes.map(({ id }) => id);
    const ours = async () => (await ec2.volumes({ ids, signal })).filter(({ tags }) => isMarked(tags, fault, context));
    const marked = await lookUntilFound(clock, signal, ours);
    if (marked.length === 0) return 'nothing to attach: no volume carries the tags of this run';
    const said = new Map<string, string>();
    const names = volumes.map(({ id, name }) => `${id} of ${name}`).join(', ');
    await waitUntil(context, attachesWithinMs, `not attached again: ${names}`, async () => {
      const settled: boolean[] = [];
      for (const volume of volumes.filter(({ id }) => marked.some((one) => one.id === id))) settled.push(await settle(ec2, volume, said, context));
      return settled.every(Boolean);
    });
    for (const { id, tags } of await ours()) await ec2.untag([id], marksAmong(tags), signal);
    return [...said.values()].join('; ');
  },

  fromMarks: (fault, things) => ({ fault, lastsMs: 0, volumes: readLeft(things, 'volume', left).map(({ id, left: where }) => ({ id, ...where })) }),

  byHand: (undoRecord, environment) =>
    record
      .parse(undoRecord)
      .volumes.map(({ id, instance, device }) =>
        awsCommand(environment, 'ec2', 'attach-volume', '--volume-id', id, '--instance-id', instance, '--device', device),
      ),
});

/** Attaches a volume where it is free and its instance still runs. Tells whether there is nothing left to do. */
async function settle(ec2: Ec2Client, volume: DetachedVolume, said: Map<string, string>, { signal }: FaultContext): Promise<boolean> {
  const { id, device, instance, name } = volume;
  const [now] = await ec2.volumes({ ids: [id], signal });
  if (!now) {
    said.set(id, `volume ${id} of ${name} is gone`);
    return true;
  }
  if (now.attachment?.state === 'attached') {
    if (now.attachment.instanceId !== instance) said.set(id, `${id} is attached to ${now.attachment.instanceId} by now: left there`);
    else if (!said.has(id)) said.set(id, `${id} is attached to ${name}`);
    return true;
  }
  if (now.state !== 'available') return false;
  const [machine] = await ec2.instances({ ids: [instance], signal });
  if (!machine || ['shutting-down', 'terminated'].includes(machine.state)) {
    said.set(id, `${id} is free: ${name} (${instance}) is gone, and its replacement attaches it`);
    return true;
  }
  try {
    await ec2.attach(id, { instance, device }, signal);
    said.set(id, `attached ${id} to ${name} again`);
  } catch (error) {
    // Somebody else was quicker, or the machine is between two states: the next look tells.
    if (!['VolumeInUse', 'IncorrectState', 'IncorrectInstanceState'].includes(codeOf(error))) throw error;
  }
  return false;
}
