import type { GateDrill, PlannedRun } from './result.ts';

/**
 * All runs in their order: round after round, so that what drifts with time hits every drill alike, and within a round as
 * listed, but for what has to come after another.
 */
export function roundsOf(drills: readonly GateDrill[]): PlannedRun[] {
  const inOrder = ordered(drills);
  const rounds = Math.max(0, ...drills.map(({ repeat }) => repeat));
  return Array.from({ length: rounds }, (_, index) => index + 1).flatMap((round) =>
    inOrder.filter(({ repeat }) => repeat >= round).map((drill) => ({ drill, round })),
  );
}

/** Each drill as early as it is listed, and behind those that it comes after. What is not among them is not waited for. */
function ordered(drills: readonly GateDrill[]): GateDrill[] {
  const result: GateDrill[] = [];
  const place = (drill: GateDrill): void => {
    if (result.includes(drill)) return;
    for (const other of drills) if (drill.after.includes(other.id)) place(other);
    result.push(drill);
  };
  for (const drill of drills) place(drill);
  return result;
}

/**
 * Whether the next run may begin now. The order is kept: nothing overtakes it.
 *
 * @param running what is under way
 */
export function mayBegin({ drill, round }: PlannedRun, running: readonly PlannedRun[]): boolean {
  return running.every(
    (other) =>
      other.drill.environment !== drill.environment &&
      (drill.beside.includes(other.drill.id) || other.drill.beside.includes(drill.id)) &&
      !(drill.after.includes(other.drill.id) && other.round === round),
  );
}
