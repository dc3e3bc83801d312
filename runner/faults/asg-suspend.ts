import { z } from 'zod';
import { defineFault } from '../fault.ts';
import { matchGroups } from '../group-selection.ts';
import { alreadyMarked } from '../marks.ts';
import { shortName } from '../roles.ts';
import { pickFrom, requireTargets } from '../select.ts';
import { noRoomToSuspend, planSuspension, processNames, resume, resumeByHand, suspend, suspensionFromMarks, suspensionPermissions, suspensionRecord } from '../suspension.ts';

type Process = (typeof processNames)[number];

/** Keeps groups from doing their work: what is lost meanwhile stays lost. */
export default defineFault<{ processes: readonly Process[] }>({
  summary: 'suspends named processes of Auto Scaling Groups, such as Launch, and resumes those that it suspended',
  schema: z.strictObject({
    processes: z
      .array(z.enum(processNames))
      .min(1)
      .default(['Launch'])
      .describe('What the groups must not do: Launch, Terminate, HealthCheck, ReplaceUnhealthy, …'),
  }),
  selects: ['role', 'zone', 'notZone', 'tags', 'names', 'pick'],
  permissions: { iam: suspensionPermissions },

  async plan(spec, { inventory, rng, world }) {
    const select = spec.select ?? {};
    const candidates = matchGroups(inventory.groups, select).map((group) => ({ group, zone: group.zones[0] ?? '' }));
    const picked = pickFrom(candidates, select.pick ?? 'all', rng).map(({ group }) => group);
    requireTargets(picked, spec.select, spec.id, 'Auto Scaling Group');
    const live = await (await world.autoScaling()).groups({ names: picked.map(({ name }) => name) });
    const names = live.map(({ name }) => shortName(name)).join(', ');
    return {
      targets: [],
      groups: live.map(({ name }) => name),
      says: `suspend ${spec.processes.join(', ')} of ${names} (SuspendProcesses, undone by ResumeProcesses)`,
      undo: planSuspension(live, spec.processes, { fault: spec.id, lastsMs: spec.for ?? 0 }),
      objections: [
        ...live.flatMap(({ name, tags }) => alreadyMarked(`group ${shortName(name)}`, tags) ?? []),
        ...noRoomToSuspend(live, spec.processes, world.environment),
      ],
    };
  },

  inject: ({ undo }, context) => suspend(suspensionRecord.parse(undo), context),
  undo: (undoRecord, context) => resume(suspensionRecord.parse(undoRecord), context),
  fromMarks: suspensionFromMarks,
  byHand: (undoRecord, environment) => resumeByHand(suspensionRecord.parse(undoRecord), environment),
});
