import { z } from 'zod';
import { ExpectedError } from '../errors.ts';
import { defineFault } from '../fault.ts';
import { matchMembers, pickFrom, requireTargets, targetOf } from '../select.ts';
import { doomedVolumes, termination } from '../termination.ts';

/** Kills etcd members by what they are in the cluster, with the machine that hosts them. */
export default defineFault({
  summary: 'kills etcd members, chosen by what they are in the cluster, with the instances that host them',
  schema: z.strictObject({}),
  selects: ['role', 'zone', 'notZone', 'tags', 'names', 'leader', 'follower', 'pick'],
  permissions: termination.permissions,

  async plan(spec, { inventory, rng }) {
    if (!inventory.etcd) throw new ExpectedError(`fault ${spec.id}: the environment file names no etcd to kill a member of`);
    const select = spec.select ?? {};
    const picked = pickFrom(matchMembers(inventory, select), select.pick ?? 'all', rng);
    requireTargets(picked, spec.select, spec.id, 'etcd member on a running instance');
    const instances = picked.map(({ instance }) => instance);
    return {
      targets: instances.map((instance) => targetOf(instance, inventory)),
      says: termination.says(instances),
      undo: null,
      objections: doomedVolumes(instances),
    };
  },

  inject: termination.inject,
});
