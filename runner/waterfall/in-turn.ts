import type { Milestone } from '../journal.ts';

/** Something that was lost and is to be replaced. */
export interface Lost {
  readonly key: string;
  readonly atMs: number;
  /** Whether this could be what replaced it. */
  fits(newcomer: Milestone): boolean;
}

/**
 * Gives each that was lost the first newcomer that fits and came after it, in the order in which they were lost. Who came
 * for whom nobody says; this is the order in which the waits were over.
 *
 * @param newcomers by time
 * @returns by the key of what was lost
 */
export function inTurn(lost: readonly Lost[], newcomers: readonly Milestone[], idOf: (newcomer: Milestone) => string): Map<string, string> {
  const found = new Map<string, string>();
  const taken = new Set<string>();
  for (const one of lost.toSorted((a, b) => a.atMs - b.atMs)) {
    const newcomer = newcomers.find((candidate) => candidate.seen >= one.atMs && !taken.has(idOf(candidate)) && one.fits(candidate));
    if (!newcomer) continue;
    taken.add(idOf(newcomer));
    found.set(one.key, idOf(newcomer));
  }
  return found;
}
