import type { Pick, Select } from '../scenarios/select.ts';
import { ExpectedError } from './errors.ts';
import type { Target } from './fault.ts';
import type { EtcdMember, Instance, Inventory } from './inventory.ts';
import type { Rng } from './rng.ts';
import { matchesPatterns, shortName } from './roles.ts';

/**
 * The running instances that a selection means, in the order of their names, before `pick`.
 *
 * @param select zones already chosen
 */
export function matchInstances(inventory: Inventory, select: Select): Instance[] {
  return inventory.instances
    .filter((instance) => instance.state === 'running' && matches(instance, select))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

function matches(instance: Instance, select: Select): boolean {
  if (select.role !== undefined && !instance.roles.includes(select.role)) return false;
  if (select.zone !== undefined && instance.zone !== select.zone) return false;
  if (select.notZone !== undefined && instance.zone === select.notZone) return false;
  if (select.tags !== undefined && !matchesPatterns(instance.tags, select.tags)) return false;
  const names = [instance.name, shortName(instance.name), instance.id];
  return select.names === undefined || select.names.some((name) => names.includes(name));
}

/**
 * Draws from the candidates as `pick` says. Percentages are rounded down, to one at the least; `minority` is the most that
 * leaves a majority, `majority` the fewest that don't leave one.
 */
export function pickFrom<T extends { readonly zone: string }>(candidates: readonly T[], pick: Pick, rng: Rng): T[] {
  if (pick === 'all') return [...candidates];
  if (pick === 'one-per-zone') {
    const zones = [...new Set(candidates.map((candidate) => candidate.zone))].sort();
    return zones.flatMap((zone) => rng.sample(candidates.filter((candidate) => candidate.zone === zone), 1));
  }
  const count = countOf(pick, candidates.length);
  const drawn = new Set(rng.sample(candidates, count));
  return candidates.filter((candidate) => drawn.has(candidate));
}

function countOf(pick: Exclude<Pick, 'all' | 'one-per-zone'>, total: number): number {
  const majority = Math.floor(total / 2) + 1;
  if (pick === 'majority') return majority;
  if (pick === 'minority') return total - majority;
  if (typeof pick === 'number') return pick;
  return Math.max(1, Math.floor((total * Number.parseFloat(pick)) / 100));
}

/** @throws ExpectedError when nothing was selected, or fewer than asked for: an empty selection is never a pass */
export function requireTargets<T>(found: readonly T[], select: Select | undefined, faultId: string, what: string): void {
  const asked = describeSelect(select);
  if (found.length === 0) {
    throw new ExpectedError(`fault ${faultId}: select ${asked} matches no ${what}; see what is there with: firedrill plan`);
  }
  const wanted = select?.pick;
  if (typeof wanted === 'number' && found.length < wanted) {
    throw new ExpectedError(`fault ${faultId}: select ${asked} asks for ${wanted} but matches only ${found.length} ${what}`);
  }
}

export function describeSelect(select: Select | undefined): string {
  const parts = Object.entries(select ?? {}).map(([key, value]) => `${key}: ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  return `{ ${parts.join(', ')} }`;
}

/** An instance as a fault's target, with the etcd member that it hosts. */
export function targetOf(instance: Instance, inventory: Inventory): Target {
  const member = inventory.etcd?.members.find((candidate) => candidate.instanceId === instance.id);
  return {
    kind: 'instance',
    name: shortName(instance.name),
    ...(instance.name.includes('.') ? { host: instance.name } : {}),
    id: instance.id,
    zone: instance.zone,
    roles: instance.roles,
    group: instance.group,
    etcdMember: member?.id,
  };
}

/** The members that a selection means, with the running instance of each, in the order of their names, before `pick`. */
export function matchMembers(inventory: Inventory, select: Select): { member: EtcdMember; instance: Instance; zone: string }[] {
  const leader = leaderOf(inventory);
  const instances = matchInstances(inventory, select);
  return instances.flatMap((instance) => {
    const member = inventory.etcd?.members.find((candidate) => candidate.instanceId === instance.id);
    if (!member || !matchesLeadership(member, select, leader)) return [];
    return [{ member, instance, zone: instance.zone }];
  });
}

/** The running instances that a selection means, by what they are as machines and, where it says so, as etcd members. */
export function matchMachines(inventory: Inventory, select: Select): Instance[] {
  const byMember = select.leader !== undefined || select.follower !== undefined;
  return byMember ? matchMembers(inventory, select).map(({ instance }) => instance) : matchInstances(inventory, select);
}

/** Whether a member is what the selection says of leader and followers. */
export function matchesLeadership(member: EtcdMember, select: Select, leader: string | undefined): boolean {
  const leads = member.id === leader;
  if (select.leader !== undefined && leads !== select.leader) return false;
  if (select.follower === undefined) return true;
  return (!leads && !member.learner && member.status !== undefined) === select.follower;
}

/** The id of the leader that most members follow; undefined when none is known. */
export function leaderOf(inventory: Inventory): string | undefined {
  const votes = new Map<string, number>();
  for (const { status } of inventory.etcd?.members ?? []) {
    if (status?.leader) votes.set(status.leader, (votes.get(status.leader) ?? 0) + 1);
  }
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** Whether a node is what a selection means, as far as it speaks of nodes. */
export function matchesNode(
  node: { readonly name: string; readonly instanceId: string | undefined; readonly zone: string; readonly labels: Readonly<Record<string, string>> },
  { names, labels = {}, zone, notZone }: Select,
): boolean {
  if (names !== undefined && !names.some((one) => one === node.name || one === node.instanceId)) return false;
  if (zone !== undefined && node.zone !== zone) return false;
  if (notZone !== undefined && node.zone === notZone) return false;
  return matchesPatterns(node.labels, labels);
}
