import { z } from 'zod';
import { ExpectedError } from '../errors.ts';
import { defineFault } from '../fault.ts';
import { podKilling } from '../pod-killing.ts';
import { clusterOf, matchPods, podTarget, requireOnCluster } from '../pod-selection.ts';
import { pickFrom } from '../select.ts';

/** The daemons of some nodes: everything on such a node that goes through its daemon is hit with it. */
export default defineFault<{ graceSeconds?: number }>({
  summary: "deletes the pods of a DaemonSet on selected nodes: of one, of one in each zone, of all, or (rolling) of one after another",
  schema: z.strictObject({
    graceSeconds: z.int().min(0).optional().describe("Seconds between SIGTERM and SIGKILL, 0 for none; the pod's own when left out"),
  }),
  selects: ['namespace', 'labels', 'owner', 'node', 'zone', 'notZone', 'names', 'pick'],
  needs: ['kubernetes'],
  permissions: podKilling.permissions,

  async plan(spec, { inventory, rng }) {
    const select = spec.select ?? {};
    if (select.owner !== undefined && !select.owner.startsWith('daemonset/')) {
      throw new ExpectedError(`fault ${spec.id}: select.owner is ${select.owner}; daemon-kill takes a DaemonSet, such as daemonset/agent (or use pod-kill)`);
    }
    const daemons = matchPods(clusterOf(inventory, spec.id), select).filter(({ workload }) => workload?.startsWith('daemonset/'));
    const picked = pickFrom(daemons, select.pick ?? 'all', rng);
    requireOnCluster(picked, spec, 'pod of a DaemonSet', inventory);
    const nodes = picked.map(({ node }) => node).join(', ');
    return {
      targets: picked.map(podTarget),
      says: `${podKilling.says(picked, spec.graceSeconds)}, on ${nodes}; a DaemonSet starts the new one when the old one has ended`,
      undo: null,
      settings: spec.graceSeconds === undefined ? {} : { graceSeconds: spec.graceSeconds },
      objections: [],
    };
  },

  inject: ({ targets, settings }, context) => podKilling.inject(targets, settings?.['graceSeconds'] as number | undefined, context),
});
