import { z } from 'zod';
import { defineFault } from '../fault.ts';
import { mirrorObjections, podKilling } from '../pod-killing.ts';
import { clusterOf, matchPods, podSelects, podTarget, requireOnCluster } from '../pod-selection.ts';
import { pickFrom } from '../select.ts';

/** Pods that are deleted, as by somebody at a keyboard: disruption budgets are not asked. */
export default defineFault<{ graceSeconds?: number }>({
  summary: 'deletes Kubernetes pods, each by its uid, with a grace of its own choice; what keeps them alive makes new ones',
  schema: z.strictObject({
    graceSeconds: z.int().min(0).optional().describe("Seconds between SIGTERM and SIGKILL, 0 for none; the pod's own when left out"),
  }),
  selects: podSelects,
  needs: ['kubernetes'],
  permissions: podKilling.permissions,

  async plan(spec, { inventory, rng }) {
    const select = spec.select ?? {};
    const picked = pickFrom(matchPods(clusterOf(inventory, spec.id), select), select.pick ?? 'all', rng);
    requireOnCluster(picked, spec, 'pod', inventory);
    return {
      targets: picked.map(podTarget),
      says: podKilling.says(picked, spec.graceSeconds),
      undo: null,
      settings: spec.graceSeconds === undefined ? {} : { graceSeconds: spec.graceSeconds },
      objections: mirrorObjections(picked),
    };
  },

  inject: ({ targets, settings }, context) => podKilling.inject(targets, settings?.['graceSeconds'] as number | undefined, context),
});
