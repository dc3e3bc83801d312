import { z } from 'zod';
import type { V1DaemonSet, V1Deployment, V1StatefulSet } from '../clients/kubernetes.ts';
import { resources } from '../clients/kubernetes-list.ts';
import type { Workload } from '../cluster.ts';
import { defineFault } from '../fault.ts';
import { patiently } from '../kubernetes-marks.ts';
import { clusterOf, matchWorkloads, requireOnCluster, workloadTarget } from '../pod-selection.ts';
import { inNamespaces, inventoryRules } from '../rbac.ts';
import { pickFrom } from '../select.ts';

const resourceOf = { deployment: resources.deployments, statefulset: resources.statefulsets, daemonset: resources.daemonsets } as const;
type Restartable = keyof typeof resourceOf;
type Live = V1Deployment | V1StatefulSet | V1DaemonSet;

/** All pods of a workload are replaced, at the pace that the workload itself allows, as `kubectl rollout restart` does. */
export default defineFault({
  summary: 'restarts Kubernetes Deployments, StatefulSets and DaemonSets by a new pod template; returns when the rollout has begun',
  schema: z.strictObject({}),
  selects: ['namespace', 'labels', 'owner', 'names', 'pick'],
  needs: ['kubernetes'],
  permissions: { iam: [], rbac: [...inventoryRules, inNamespaces('apps', ['deployments', 'statefulsets', 'daemonsets'], ['get', 'patch'])] },

  async plan(spec, { inventory, rng, world }) {
    const select = spec.select ?? {};
    const matching = matchWorkloads(clusterOf(inventory, spec.id), select).filter(({ kind }) => kind in resourceOf);
    const picked = pickFrom(matching.map((one) => ({ ...one, zone: '' })), select.pick ?? 'all', rng);
    requireOnCluster(picked, spec, 'Deployment, StatefulSet or DaemonSet', inventory);
    const client = await world.kubernetes();
    const live = await Promise.all(picked.map((one) => client.find<Live>(placeOf(one))));
    return {
      targets: picked.map((one, index) => ({ ...workloadTarget(one, takenAtOnce(one, live[index])), survives: true as const })),
      says:
        `restart ${picked.map(({ ref, namespace }) => `${ref} in ${namespace}`).join(', ')}: every pod is replaced, at the pace that its update ` +
        'strategy allows (not undone); the drill goes on once that has begun',
      undo: null,
      objections: picked.flatMap(({ ref }, index) => (strategyOf(live[index]) === 'OnDelete' ? [`${ref} has update strategy OnDelete: nothing would restart its pods; use pod-kill`] : [])),
    };
  },

  async inject({ targets }, context) {
    const client = await context.world.kubernetes();
    const restartedAt = new Date(context.clock.wall()).toISOString().replace(/\.\d+/, '');
    // No marks: the pods would inherit them, and marks are for what is to be put back.
    const annotations = { 'kubectl.kubernetes.io/restartedAt': restartedAt, 'firedrill.dev/restarted-by': context.run.id };
    for (const { namespace = '', name, id: uid, workload } of targets) {
      const kind = workload!.split('/')[0] as Restartable;
      const patch = { metadata: { uid }, spec: { template: { metadata: { annotations } } } };
      await patiently(context, () => client.merge({ resource: resourceOf[kind], namespace, name }, patch, { signal: context.signal }));
    }
  },
});

function placeOf({ kind, namespace, name }: Workload) {
  return { resource: resourceOf[kind as Restartable], namespace, name };
}

function strategyOf(live: Live | undefined): string | undefined {
  const spec = live?.spec;
  if (!spec) return undefined;
  return 'strategy' in spec ? spec.strategy?.type : 'updateStrategy' in spec ? spec.updateStrategy?.type : undefined;
}

/** How many of its pods the update strategy lets go at once. */
function takenAtOnce({ kind, desired }: Workload, live: Live | undefined): number {
  const strategy = strategyOf(live);
  if (strategy === 'Recreate') return desired;
  if (strategy === 'OnDelete') return 0;
  if (kind !== 'deployment') return Math.min(1, desired);
  const spec = live?.spec;
  const most = (spec && 'strategy' in spec ? spec.strategy?.rollingUpdate?.maxUnavailable : undefined) ?? '25%';
  return typeof most === 'number' ? most : Math.floor((desired * Number.parseFloat(most)) / 100);
}
