import type { Pod } from '../objects.ts';
import type { Place, Places } from './cluster.ts';
import { refusalOf, type Refusal } from './filters.ts';
import { choosePlace } from './scores.ts';

export type Decision = { readonly place: Place } | { readonly why: string };

/**
 * Where a pod goes, or why it can't go anywhere.
 *
 * @param heldBack a reason for which no node will do, whatever the filters say
 */
export function decidePlace(pod: Pod, all: Places, chance: () => number, heldBack?: string): Decision {
  if (all.length === 0) return { why: 'no nodes available to schedule pods' };
  const refusals = all.map((place): Refusal | undefined => (heldBack === undefined ? refusalOf(pod, place, all) : { reasons: [heldBack], resolvable: false }));
  const candidates = all.filter((_, index) => refusals[index] === undefined);
  const place = candidates.length > 0 ? choosePlace(pod, candidates, chance) : undefined;
  return place ? { place } : { why: explain(refusals.filter((refusal) => refusal !== undefined)) };
}

/** In the words of the real scheduler: how many nodes there are, how often each reason was given, and what preemption could do. */
function explain(refusals: readonly Refusal[]): string {
  const none = `0/${refusals.length} nodes are available:`;
  const helpless = refusals.map(({ resolvable }) => (resolvable ? 'No preemption victims found for incoming pod' : 'Preemption is not helpful for scheduling'));
  return `${none} ${histogram(refusals.flatMap(({ reasons }) => reasons))}. preemption: ${none} ${histogram(helpless)}.`;
}

function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted().join(', ');
}
