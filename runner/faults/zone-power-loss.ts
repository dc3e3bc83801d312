import { z } from 'zod';
import { ExpectedError } from '../errors.ts';
import { defineFault } from '../fault.ts';
import { matchGroups } from '../group-selection.ts';
import { alreadyMarked } from '../marks.ts';
import { shortName } from '../roles.ts';
import { matchInstances, requireTargets, targetOf } from '../select.ts';
import { noRoomToSuspend, planSuspension, resume, resumeByHand, suspend, suspensionFromMarks, suspensionPermissions, suspensionRecord } from '../suspension.ts';
import { doomedVolumes, termination } from '../termination.ts';

/** A zone without power: its machines are gone, and none can be started there. */
export default defineFault({
  summary: 'terminates all selected instances of a zone and keeps their groups from launching there until it is undone',
  schema: z.strictObject({}),
  selects: ['role', 'zone', 'tags', 'names'],
  permissions: { iam: [...termination.permissions.iam, ...suspensionPermissions] },

  async plan(spec, { inventory, world }) {
    const select = spec.select ?? {};
    const zone = select.zone;
    if (typeof zone !== 'string') throw new ExpectedError(`fault ${spec.id}: say which zone loses its power, with select.zone`);
    const lost = matchInstances(inventory, select);
    requireTargets(lost, spec.select, spec.id, 'running instance');
    // Of groups that have no instance just now as well: they must not launch one into the dark.
    const { role, tags } = select;
    const alike = role === undefined && tags === undefined ? [] : matchGroups(inventory.groups, { zone, ...(role === undefined ? {} : { role }), ...(tags === undefined ? {} : { tags }) });
    const names = new Set([...lost.flatMap(({ group }) => group ?? []), ...alike.map((group) => group.name)]);
    const groups = names.size === 0 ? [] : await (await world.autoScaling()).groups({ names: [...names] });
    const elsewhere = groups.filter(({ zones }) => zones.some((other) => other !== zone));
    return {
      targets: lost.map((instance) => targetOf(instance, inventory)),
      says:
        `cut the power of ${zone}: kill ${lost.map(({ name }) => shortName(name)).join(', ')} (TerminateInstances, not undone) and suspend ` +
        `Launch of ${groups.map(({ name }) => shortName(name)).join(', ') || 'no group'} (undone by ResumeProcesses: then the groups replace them)`,
      undo: planSuspension(groups, ['Launch'], { fault: spec.id, lastsMs: spec.for ?? 0 }),
      objections: [
        ...doomedVolumes(lost),
        ...elsewhere.map(({ name, zones }) => `group ${shortName(name)} spans ${zones.join(', ')}: with Launch suspended it would launch in none of them`),
        ...groups.flatMap(({ name, tags: own }) => alreadyMarked(`group ${shortName(name)}`, own) ?? []),
        ...noRoomToSuspend(groups, ['Launch'], world.environment),
      ],
    };
  },

  async inject(plan, context) {
    // First the launches: a group is quick.
    await suspend(suspensionRecord.parse(plan.undo), context);
    await termination.inject(plan, context);
  },

  undo: (undoRecord, context) => resume(suspensionRecord.parse(undoRecord), context),
  fromMarks: suspensionFromMarks,
  byHand: (undoRecord, environment) => resumeByHand(suspensionRecord.parse(undoRecord), environment),
});
