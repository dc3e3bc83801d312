import { z } from 'zod';
import { daemonSelects, pickDaemons } from '../daemon-selection.ts';
import { defineFault } from '../fault.ts';
import { podKilling } from '../pod-killing.ts';
import { podTarget } from '../pod-selection.ts';

/** The daemons of some nodes: everything on such a node that goes through its daemon is hit with it. */
export default defineFault<{ graceSeconds?: number }>({
  summary: "deletes the pods of a DaemonSet on selected nodes: of one, of one in each zone, of all, or (rolling) of one after another",
  schema: z.strictObject({
    graceSeconds: z.int().min(0).optional().describe("Seconds between SIGTERM and SIGKILL, 0 for none; the pod's own when left out"),
  }),
  selects: daemonSelects,
  needs: ['kubernetes'],
  permissions: podKilling.permissions,

  async plan(spec, context) {
    const picked = pickDaemons(spec, context);
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
