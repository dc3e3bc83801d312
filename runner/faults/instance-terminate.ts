import { z } from 'zod';
import { defineFault } from '../fault.ts';
import { shortName } from '../roles.ts';
import { matchInstances, pickFrom, requireTargets, targetOf } from '../select.ts';
import { doomedVolumes, termination } from '../termination.ts';

type How = 'crash' | 'orderly';

/** Kills machines: their processes, their addresses, all that is not on a volume of its own. */
export default defineFault<{ how: How }>({
  summary: 'terminates EC2 instances: as a crash, or in the orderly way that their Auto Scaling Groups know of',
  schema: z.strictObject({
    how: z
      .enum(['crash', 'orderly'])
      .default('crash')
      .describe('crash: TerminateInstances; orderly: TerminateInstanceInAutoScalingGroup, which the group replaces sooner'),
  }),
  selects: ['role', 'zone', 'notZone', 'tags', 'names', 'pick'],
  permissions: { iam: [...termination.permissions.iam, 'autoscaling:TerminateInstanceInAutoScalingGroup'] },

  async plan(spec, { inventory, rng }) {
    const select = spec.select ?? {};
    const picked = pickFrom(matchInstances(inventory, select), select.pick ?? 'all', rng);
    requireTargets(picked, spec.select, spec.id, 'running instance');
    const orderly = spec.how === 'orderly';
    const groupless = orderly ? picked.filter(({ group }) => group === undefined) : [];
    return {
      targets: picked.map((instance) => targetOf(instance, inventory)),
      says: termination.says(picked, orderly ? 'TerminateInstanceInAutoScalingGroup' : 'TerminateInstances'),
      undo: null,
      settings: { how: spec.how },
      objections: [
        ...doomedVolumes(picked),
        ...groupless.map(({ name }) => `${shortName(name)} belongs to no Auto Scaling Group that could end it in order; use how: crash`),
      ],
    };
  },

  async inject(plan, context) {
    if (plan.settings?.['how'] !== 'orderly') return termination.inject(plan, context);
    const autoScaling = await context.world.autoScaling();
    await Promise.all(plan.targets.map(({ id }) => autoScaling.terminate(id, context.signal)));
  },
});
