import { isConflict, isGone } from './clients/kubernetes-failure.ts';
import type { PodRef } from './clients/kubernetes-pods.ts';
import type { Pod } from './cluster.ts';
import type { FaultContext, Target } from './fault.ts';
import { patiently } from './kubernetes-marks.ts';
import { inNamespaces, inventoryRules } from './rbac.ts';

/** What the faults have in common that delete pods. A kill: what keeps the pods alive makes new ones. */
export const podKilling = {
  permissions: { iam: [], rbac: [...inventoryRules, inNamespaces('', ['pods'], ['delete'])] },

  says(pods: readonly Pod[], graceSeconds: number | undefined): string {
    const grace = graceSeconds === undefined ? `with ${pods.length === 1 ? 'its' : 'their'} own grace` : `with a grace of ${graceSeconds} s`;
    return `delete ${podNames(pods)} ${grace} (not undone: ${owners(pods)})`;
  },

  /** Each very pod and no other; one that is gone already, or whose name is another's by now, counts as spared. */
  async inject(targets: readonly Target[], graceSeconds: number | undefined, context: FaultContext): Promise<void> {
    const client = await context.world.kubernetes();
    await Promise.all(
      targets.map(async (target) => {
        try {
          await patiently(context, () => client.deletePod(podRef(target), { graceSeconds, signal: context.signal }));
        } catch (error) {
          if (!isGone(error) && !isConflict(error)) throw error;
          context.spare([target.id]);
          context.note(`pod ${target.name} in ${target.namespace} had gone before it was deleted`);
        }
      }),
    );
  },
} as const;

export function podRef({ namespace = '', name, id }: Target): PodRef {
  return { namespace, name, uid: id };
}

/** `web-1, web-2 in shop`; the first few of many. */
export function podNames(pods: readonly { readonly name: string; readonly namespace: string }[]): string {
  const namespaces = [...new Set(pods.map(({ namespace }) => namespace))].join(', ');
  const names = pods.map(({ name }) => name);
  const shown = names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');
  return `${shown} in ${namespaces}`;
}

/** What brings the pods back, or that nothing does. */
function owners(pods: readonly Pod[]): string {
  const refs = [...new Set(pods.flatMap(({ workload }) => workload ?? []))];
  const alone = pods.filter(({ workload }) => workload === undefined).map(({ name }) => name);
  return [
    ...(refs.length > 0 ? [`${refs.join(', ')} ${refs.length === 1 ? 'makes' : 'make'} ${pods.length - alone.length === 1 ? 'a new one' : 'new ones'}`] : []),
    ...(alone.length > 0 ? [`nothing replaces ${alone.join(', ')}`] : []),
  ].join('; ');
}

/** Deleting the API's picture of a static pod does nothing to the pod. */
export function mirrorObjections(pods: readonly Pod[]): string[] {
  return pods
    .filter(({ mirror }) => mirror)
    .map(({ name, node }) => `${name} is a static pod of node ${node}: the API can't end it; use node-loss, or etcd-member-kill for a member of etcd`);
}
