import type { Select } from '../scenarios/select.ts';
import type { Group } from './inventory.ts';
import { matchesPatterns, shortName } from './roles.ts';

/** The Auto Scaling Groups that a selection means, in the order of their names, before `pick`; zones already chosen. */
export function matchGroups<T extends Group>(groups: readonly T[], select: Select): T[] {
  return groups.filter((group) => matches(group, select)).sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

function matches({ name, roles, tags, zones }: Group, select: Select): boolean {
  if (select.role !== undefined && !roles.includes(select.role)) return false;
  if (typeof select.zone === 'string' && !zones.includes(select.zone)) return false;
  if (typeof select.notZone === 'string' && zones.includes(select.notZone)) return false;
  if (select.tags !== undefined && !matchesPatterns(tags, select.tags)) return false;
  return select.names === undefined || select.names.some((wanted) => wanted === name || wanted === shortName(name));
}
