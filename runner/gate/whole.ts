import type { Inventory } from '../inventory.ts';
import { isHealthy } from '../plan.ts';
import { shortName } from '../roles.ts';

/** Something that the platform lacks to be whole. */
export interface Lack {
  /** What it is about: `etcd member peer-3`. */
  readonly what: string;
  readonly why: string;
  /** It may be so by intent, and only counts when it was not so before: a node that somebody has cordoned. */
  readonly mayBeMeant: boolean;
}

/**
 * What a platform lacks to be whole: each etcd member healthy and following the leader, each Auto Scaling Group as large as it
 * should be and able to launch, each node ready, each workload with the pods it wants. The same for a lab and for staging.
 */
export function lacksOf(inventory: Inventory): Lack[] {
  return [...lacksOfEtcd(inventory), ...lacksOfGroups(inventory), ...lacksOfCluster(inventory)];
}

/** Those that have to be told: all that can't be meant, and what was not so before. */
export function newLacks(lacks: readonly Lack[], before: readonly Lack[]): Lack[] {
  const was = new Set(before.map(({ what, why }) => `${what}: ${why}`));
  return lacks.filter(({ what, why, mayBeMeant }) => !mayBeMeant || !was.has(`${what}: ${why}`));
}

function lacksOfEtcd(inventory: Inventory): Lack[] {
  const sick = inventory.etcd?.members.filter((member) => !isHealthy(member, inventory)) ?? [];
  return sick.map((member) => ({
    what: `etcd member ${member.name || member.id}`,
    why: member.learner ? 'is only a learner' : (member.silence ?? 'does not follow the leader'),
    mayBeMeant: false,
  }));
}

function lacksOfGroups({ groups, instances }: Inventory): Lack[] {
  const running = new Set(instances.flatMap(({ id, state }) => (state === 'running' ? [id] : [])));
  return groups.flatMap((group) => {
    const what = `group ${shortName(group.name)}`;
    const standing = group.members.filter(({ instanceId, lifecycle, healthy }) => lifecycle === 'InService' && healthy && running.has(instanceId)).length;
    return [
      ...(standing < group.desired ? [{ what, why: `has ${standing} of ${group.desired} in service`, mayBeMeant: false }] : []),
      ...(group.suspended.length > 0 ? [{ what, why: `has ${group.suspended.toSorted().join(', ')} suspended`, mayBeMeant: true }] : []),
    ];
  });
}

function lacksOfCluster({ kubernetes }: Inventory): Lack[] {
  if (!kubernetes) return [];
  const { nodes, workloads } = kubernetes;
  return [
    ...nodes.filter(({ ready }) => !ready).map(({ name }) => ({ what: `node ${name}`, why: 'is not ready', mayBeMeant: false })),
    ...nodes.filter(({ unschedulable }) => unschedulable).map(({ name }) => ({ what: `node ${name}`, why: 'is cordoned', mayBeMeant: true })),
    ...workloads
      .filter(({ ready, desired }) => ready < desired)
      .map(({ namespace, ref, ready, desired }) => ({ what: `${ref} in ${namespace}`, why: `has ${ready} of ${desired} pods ready`, mayBeMeant: true })),
  ];
}

/** A lack as a line for people. */
export function lackText({ what, why }: Pick<Lack, 'what' | 'why'>): string {
  return `${what} ${/^(?:has|is|does) /.test(why) ? why : `is not healthy: ${why}`}`;
}
