import { ExpectedError } from '../errors.ts';
import type { GateDrill } from './result.ts';

/** The second of four: `2/4`. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** @throws ExpectedError */
export function parseShard(text: string): Shard {
  const [, index, of] = (/^([1-9]\d{0,2})\/([1-9]\d{0,2})$/.exec(text) ?? []).map(Number);
  if (index !== undefined && of !== undefined && index <= of) return { index, of };
  throw new ExpectedError(`--shard is "${text}"; give which of how many, such as 2/4`);
}

/**
 * The drills of one shard. Every drill is in exactly one, the same for the same list; drills that come after one another stay
 * together, as do those that run beside each other. Each goes where the fewest runs are.
 */
export function shardOf(drills: readonly GateDrill[], { index, of }: Shard): GateDrill[] {
  const loads = Array<number>(of).fill(0);
  const mine: GateDrill[] = [];
  for (const group of groupsOf(drills)) {
    const least = loads.indexOf(Math.min(...loads));
    loads[least]! += group.reduce((sum, { repeat }) => sum + repeat, 0);
    if (least === index - 1) mine.push(...group);
  }
  return drills.filter((drill) => mine.includes(drill));
}

function groupsOf(drills: readonly GateDrill[]): GateDrill[][] {
  const groups: GateDrill[][] = [];
  for (const drill of drills) {
    const belong = groups.filter((group) => group.some((other) => areTied(drill, other)));
    for (const group of belong.slice(1)) {
      groups.splice(groups.indexOf(group), 1);
      belong[0]!.push(...group);
    }
    if (belong[0]) belong[0].push(drill);
    else groups.push([drill]);
  }
  return groups;
}

function areTied(one: GateDrill, other: GateDrill): boolean {
  const names = (drill: GateDrill): string[] => [...drill.after, ...drill.beside];
  return names(one).includes(other.id) || names(other).includes(one.id);
}
