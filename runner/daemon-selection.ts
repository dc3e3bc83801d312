import type { Pod } from './cluster.ts';
import { ExpectedError } from './errors.ts';
import type { FaultSpec } from '../scenarios/schema.ts';
import type { Inventory } from './inventory.ts';
import { clusterOf, matchPods, requireOnCluster } from './pod-selection.ts';
import type { Rng } from './rng.ts';
import { pickFrom } from './select.ts';

/** The keys by which daemons are selected. */
export const daemonSelects = ['namespace', 'labels', 'owner', 'node', 'zone', 'notZone', 'names', 'pick'] as const;

/**
 * The pods of DaemonSets that a fault selects.
 *
 * @throws ExpectedError when it names another owner than a DaemonSet, or there are none
 */
export function pickDaemons(spec: FaultSpec, { inventory, rng }: { readonly inventory: Inventory; readonly rng: Rng }): Pod[] {
  const select = spec.select ?? {};
  if (select.owner !== undefined && !select.owner.startsWith('daemonset/')) {
    throw new ExpectedError(`fault ${spec.id}: select.owner is ${select.owner}; ${spec.kind} takes a DaemonSet, such as daemonset/agent (or use pod-kill)`);
  }
  const daemons = matchPods(clusterOf(inventory, spec.id), select).filter(({ workload }) => workload?.startsWith('daemonset/'));
  const picked = pickFrom(daemons, select.pick ?? 'all', rng);
  requireOnCluster(picked, spec, 'pod of a DaemonSet', inventory);
  return picked;
}
