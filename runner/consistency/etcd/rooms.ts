/** The revision of a store in which nothing was ever written. */
const emptyStore = 1;

/**
 * The revisions that are nobody's: an operation without an answer has to have had one of them. Others' writes on other keys
 * have the rest.
 */
export class FreeRevisions {
  readonly #occupied: Float64Array;
  #runEnd: Float64Array | undefined;

  /** @param occupied ascending */
  constructor(occupied: Float64Array) {
    this.#occupied = occupied;
  }

  /** The first free revision that isn't before this one. */
  atOrAfter(revision: number): number {
    const place = this.#place(revision);
    return this.#occupied[place] === revision ? this.#runs()[place]! + 1 : revision;
  }

  isOccupied(revision: number): boolean {
    return revision <= emptyStore || this.#occupied[this.#place(revision)] === revision;
  }

  #place(revision: number): number {
    let lo = 0;
    let hi = this.#occupied.length;
    while (lo < hi) {
      const middle = (lo + hi) >> 1;
      if (this.#occupied[middle]! < revision) lo = middle + 1;
      else hi = middle;
    }
    return lo;
  }

  #runs(): Float64Array {
    if (this.#runEnd) return this.#runEnd;
    const ends = new Float64Array(this.#occupied.length);
    for (let index = ends.length - 1; index >= 0; index -= 1) {
      const next = this.#occupied[index + 1];
      const own = this.#occupied[index]!;
      ends[index] = next !== undefined && next <= own + 1 ? ends[index + 1]! : own;
    }
    this.#runEnd = ends;
    return ends;
  }
}

/** An operation that needs a revision of its own, from `lo` to `hi`. */
export interface Guest {
  lo: number;
  hi: number;
}

/**
 * Whether all find room: each a free revision within its bounds, those of one list in their order. Jobs of one length with
 * releases and deadlines on one machine: once the bounds are made to agree with the order, taking the earliest deadline first
 * finds a schedule whenever there is one.
 */
export function findRoom(lists: readonly (readonly Guest[])[], free: FreeRevisions): boolean {
  const guests: Guest[] = [];
  for (const list of lists) {
    const own = list.map(({ lo, hi }) => ({ lo: free.atOrAfter(lo), hi }));
    for (let index = 1; index < own.length; index += 1) own[index]!.lo = free.atOrAfter(Math.max(own[index]!.lo, own[index - 1]!.lo + 1));
    for (let index = own.length - 2; index >= 0; index -= 1) own[index]!.hi = Math.min(own[index]!.hi, own[index + 1]!.hi - 1);
    guests.push(...own);
  }
  guests.sort((a, b) => a.lo - b.lo);
  const waiting: Guest[] = [];
  let next = 0;
  let revision = 0;
  while (next < guests.length || waiting.length > 0) {
    if (waiting.length === 0) revision = Math.max(revision, guests[next]!.lo);
    revision = free.atOrAfter(revision);
    while (next < guests.length && guests[next]!.lo <= revision) waiting.push(guests[next++]!);
    let urgent = 0;
    for (let index = 1; index < waiting.length; index += 1) if (waiting[index]!.hi < waiting[urgent]!.hi) urgent = index;
    if (waiting[urgent]!.hi < revision) return false;
    waiting.splice(urgent, 1);
    revision += 1;
  }
  return true;
}
