import type { Target } from '../../runner/fault.ts';
import { listed } from './lists.ts';

type Named = Pick<Target, 'name' | 'zone' | 'node'> & { readonly kind?: Target['kind'] };

/**
 * What a target is called: nodes by the first label of their host names, and a machine that is one with it, as those of a
 * group share their name: `worker ip-10-200-1-9`.
 */
export function calledOf({ kind, name, node }: Named): string {
  if (kind === 'node') return firstLabel(name);
  return kind === 'instance' && node !== undefined ? `${name} ${firstLabel(node)}` : name;
}

/** `peer-2, peer-5, peer-8 (eu-west-1b)`: names by zone. */
export function targetsByZone(targets: readonly Named[]): string {
  if (targets.length === 0) return 'nothing';
  return [...Map.groupBy(targets, ({ zone }) => zone)]
    .map(([zone, there]) => `${listed(there.map(calledOf))}${zone === '' ? '' : ` (${zone})`}`)
    .join('; ');
}

/** Host names are too long for a lane or a cell; within one cluster the first label tells them apart. */
export function firstLabel(hostName: string): string {
  return hostName.split('.', 1)[0]!;
}
