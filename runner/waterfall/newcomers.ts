import type { Target } from '../fault.ts';
import { faultBar } from '../history.ts';
import type { Milestone } from '../journal.ts';
import type { Bar } from '../verdict.ts';
import { inTurn, type Lost } from './in-turn.ts';
import { isNamesake, type WaterfallInput } from './steps.ts';

/**
 * The machine that came for each that was lost: machines of one group go by one name, so it is told by turns. One that
 * ended before it had ever run replaced nobody.
 *
 * @returns instance ids, by {@link lossKey}
 */
export function newcomersOf({ faults, milestones }: WaterfallInput): ReadonlyMap<string, string> {
  const lives = Map.groupBy(milestones.filter(({ facet }) => facet === 'instance'), ({ detail }) => detail?.['id']);
  const arrivals = [...lives.values()].filter((life) => !hasFailed(life)).map(([first]) => first!);
  const lost: Lost[] = faults.flatMap((fault) => {
    const begun = faultBar(fault);
    const machines = fault.targets.filter(({ kind, survives }) => kind === 'instance' && !survives);
    return machines.map((target) => ({
      key: lossKey(target, begun),
      atMs: begun.min,
      fits: (one: Milestone) => one.detail?.['id'] !== target.id && isNamesake(one, target),
    }));
  });
  return inTurn(lost, arrivals, ({ detail }) => String(detail?.['id']));
}

/** Something may be lost more than once, by several faults. */
export function lossKey({ id }: Target, { min }: Bar): string {
  return `${id} ${min}`;
}

function hasFailed(life: readonly Milestone[]): boolean {
  return life.at(-1)?.state === 'terminated' && life.every(({ state }) => state !== 'running');
}
