import { z } from 'zod';
import { defineFault } from '../fault.ts';
import { matchInstances, pickFrom, requireTargets, targetOf } from '../select.ts';
import { doomedVolumes, termination } from '../termination.ts';

/** Kills machines: their processes, their addresses, all that is not on a volume of its own. */
export default defineFault({
  summary: 'terminates EC2 instances, as a crash: no warning, no clean shutdown',
  schema: z.strictObject({}),
  selects: ['role', 'zone', 'notZone', 'tags', 'names', 'pick'],
  permissions: termination.permissions,

  async plan(spec, { inventory, rng }) {
    const select = spec.select ?? {};
    const picked = pickFrom(matchInstances(inventory, select), select.pick ?? 'all', rng);
    requireTargets(picked, spec.select, spec.id, 'running instance');
    return {
      targets: picked.map((instance) => targetOf(instance, inventory)),
      says: termination.says(picked),
      undo: null,
      objections: doomedVolumes(picked),
    };
  },

  inject: termination.inject,
});
