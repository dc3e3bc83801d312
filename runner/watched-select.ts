import { z } from 'zod';
import { share } from '../scenarios/select.ts';
import type { ClusterWatch } from './cluster-watch.ts';
import { ExpectedError } from './errors.ts';
import type { ProbeContext } from './probe.ts';
import type { TagPatterns } from './roles.ts';

/** @throws ExpectedError when the environment names no Kubernetes */
export function requireKubernetes({ name, kubernetes, world }: Pick<ProbeContext, 'name' | 'kubernetes' | 'world'>): ClusterWatch {
  if (kubernetes) return kubernetes;
  throw new ExpectedError(`probe ${name}: environment ${world.environment.name} has no kubernetes part, and this needs Kubernetes`);
}

/**
 * The label selector by which the API leaves out as much as it can: it knows no `*`, so that patterns have to be looked at
 * again.
 */
export function labelSelectorOf(labels: TagPatterns | undefined): string | undefined {
  const parts = Object.entries(labels ?? {}).map(([key, value]) => (value.includes('*') ? key : `${key}=${value}`));
  return parts.length === 0 ? undefined : parts.join(',');
}

/** How many: a number, or a part of those that there should be. */
export type AtLeast = number | `${number}%`;

export const atLeastSchema = z.union([z.int().min(1), share], { error: 'give a number of at least 1, or a percentage such as 90%' });

/** How many are wanted of `all`; all of them when nothing is said. A part is rounded up. */
export function wantedOf(atLeast: AtLeast | undefined, all: number): number {
  if (atLeast === undefined) return all;
  return typeof atLeast === 'number' ? atLeast : Math.ceil((all * Number.parseFloat(atLeast)) / 100);
}

/** More than this are told in percent, so that the same cause comes with the same words. */
const mostCounted = 100;

/** Such as `4 of 6 ready`. */
export function countText(have: number, wanted: number, what: string): string {
  if (wanted <= mostCounted) return `${have} of ${wanted} ${what}`;
  return `${Math.floor((have / wanted) * 100)} % of ${wanted} ${what}`;
}
