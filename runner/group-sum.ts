import type { Target } from './fault.ts';
import type { Inventory } from './inventory.ts';
import type { PlannedFault } from './plan.ts';

/** How much of one Auto Scaling Group would be away: what is not in service now, and what is to be taken. */
export interface GroupSum {
  readonly group: string;
  readonly size: number;
  /** Not in service now, or hit before by this drill; those to be taken are not counted twice. */
  readonly down: number;
  readonly taken: number;
}

/** The sums, and the machines and groups for which none can be worked out. */
export interface GroupSums {
  readonly sums: readonly GroupSum[];
  readonly unknown: readonly string[];
}

/**
 * The sum for each group that these faults take something of. Of a rolling fault a group loses one at a time.
 *
 * @param hit what was broken before: a group may not have noticed yet
 */
export function groupSums(faults: readonly PlannedFault[], hit: readonly PlannedFault[], inventory: Inventory): GroupSums {
  const unknown: string[] = [];
  const taken = new Map<string, Set<string>>();
  for (const { targets, rolling } of faults) {
    const seen = new Set<string>();
    for (const target of targets) {
      if (target.kind !== 'instance') continue;
      const instance = inventory.instances.find(({ id }) => id === target.id);
      const group = instance?.group ?? target.group;
      if (!instance) unknown.push(target.name);
      if (group === undefined || (rolling && seen.has(group))) continue;
      seen.add(group);
      taken.set(group, (taken.get(group) ?? new Set()).add(target.id));
    }
  }
  const before = new Set(hit.flatMap(({ targets }) => targets.map(({ id }) => id)));
  const sums = [...taken].flatMap(([name, ids]): GroupSum[] => {
    const sum = groupSum(name, ids, before, inventory);
    if (!sum) unknown.push(`group ${name}`);
    return sum ? [sum] : [];
  });
  return { sums, unknown: [...new Set(unknown)] };
}

function groupSum(name: string, ids: ReadonlySet<Target['id']>, before: ReadonlySet<string>, { groups, instances }: Inventory): GroupSum | undefined {
  const group = groups.find((one) => one.name === name);
  if (!group) return undefined;
  const running = new Set(instances.flatMap(({ id, state }) => (state === 'running' ? [id] : [])));
  const standing = group.members.filter(
    ({ instanceId, lifecycle, healthy }) => lifecycle === 'InService' && healthy && running.has(instanceId) && !before.has(instanceId),
  );
  const size = Math.max(group.desired, group.members.length);
  const fallen = group.members.filter((member) => !standing.includes(member)).map(({ instanceId }) => instanceId);
  return { group: name, size, down: size - standing.length, taken: [...ids].filter((id) => !fallen.includes(id)).length };
}

/** Whether more than this part of the group would be away. */
export function passesShare({ size, down, taken }: GroupSum, share: `${number}%`): boolean {
  return (down + taken) * 100 > Number.parseFloat(share) * size;
}
