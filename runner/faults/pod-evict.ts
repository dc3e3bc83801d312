import { z } from 'zod';
import { formatDuration } from '../../scenarios/duration.ts';
import { positiveDuration } from '../../scenarios/values.ts';
import { evict, evictionRules } from '../eviction.ts';
import { defineFault } from '../fault.ts';
import { mirrorObjections, podNames } from '../pod-killing.ts';
import { clusterOf, matchPods, podSelects, podTarget, requireOnCluster } from '../pod-selection.ts';
import { pickFrom } from '../select.ts';

const settings = z.object({ graceSeconds: z.number().optional(), withinMs: z.number() });

/** Pods that are asked to go, as for maintenance. */
export default defineFault<{ graceSeconds?: number; within: number }>({
  summary: 'evicts Kubernetes pods, so that disruption budgets are honoured: a refusal is recorded and tried again for a while',
  schema: z.strictObject({
    graceSeconds: z.int().min(0).optional().describe("Seconds between SIGTERM and SIGKILL; the pod's own when left out"),
    within: positiveDuration.default(30_000).describe('How long a refused eviction is tried again; 30s when left out'),
  }),
  selects: podSelects,
  needs: ['kubernetes'],
  permissions: { iam: [], rbac: evictionRules },

  async plan(spec, { inventory, rng }) {
    const select = spec.select ?? {};
    const picked = pickFrom(matchPods(clusterOf(inventory, spec.id), select), select.pick ?? 'all', rng);
    requireOnCluster(picked, spec, 'pod', inventory);
    return {
      targets: picked.map(podTarget),
      says: `evict ${podNames(picked)} (not undone); what a disruption budget refuses is tried again for ${formatDuration(spec.within)}, then left alone`,
      undo: null,
      waitsMs: spec.within,
      settings: { withinMs: spec.within, ...(spec.graceSeconds === undefined ? {} : { graceSeconds: spec.graceSeconds }) },
      objections: mirrorObjections(picked),
    };
  },

  inject: (plan, context) => evict(plan.targets, settings.parse(plan.settings), context),
});
