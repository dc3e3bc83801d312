import type { Budget } from '../verdict.ts';
import type { OpenOperation, Problem } from './problem.ts';
import { keysOf } from './components.ts';
import { findRoom, type Guest } from './rooms.ts';
import { EtcdState, type Conflict, type Need } from './state.ts';

/** An open operation that was put before an item. Its revision, not known yet, is a negative number of its own. */
interface Inserted {
  readonly open: OpenOperation;
  readonly symbol: number;
}

/** Before which item, and before which of those that were put there. */
interface Place {
  readonly gap: number;
  readonly slot: number;
  readonly open: OpenOperation;
}

/** Keys that belong together, and what nothing mends as long as no open operation took effect. */
export interface Contradicted {
  readonly component: number;
  readonly items: Int32Array;
  readonly conflict: Conflict;
}

/** Keys whose state alone made it fail; null for all. What was put in and touches none of them can't have been the reason. */
type Blame = ReadonlySet<number> | null;

interface Choice {
  readonly alternatives: Iterator<Place>;
  /** The one that is tried now, and what was in then. */
  tried: Place | undefined;
  signature: string;
  /** Why all those failed that were tried. */
  blame: Blame;
}

const none: readonly Inserted[] = [];
const bytesAPlacement = 200;
const stepsBetweenLooks = 4096;

/**
 * Finds places for open operations among those of one component, so that every answer is right: depth first, and only where an
 * answer is wrong without one. Whatever it puts in is in every solution that contains what it had put in before, or is one of
 * all alternatives; that makes it complete (docs/consistency.md).
 */
export class ComponentSearch {
  /** The first contradiction that nothing mends. */
  readonly conflict: Conflict;
  /** A negative answer is not to be had: time or memory ran out, or something was asked of a revision that isn't known. */
  unknown: string | undefined;
  readonly #problem: Problem;
  readonly #budget: Budget;
  readonly #state: EtcdState;
  readonly #open: readonly OpenOperation[];
  readonly #classes = new Map<string, OpenOperation[]>();
  /** Whether there is an operation without an answer that does what it does by what it finds. */
  readonly #depends: boolean;
  /** Whether there is one of which is known when it took effect. */
  readonly #settledDepends: boolean;
  readonly #items: Int32Array;
  /** By item: what was put before it; behind the last one stands one more. */
  readonly #inserted = new Map<number, Inserted[]>();
  /** Where something was put, ascending. */
  #filled: number[] = [];
  /** By item: how far the state's changes had come before it and what was put there. */
  readonly #marks: Int32Array;
  readonly #choices: Choice[] = [];
  /** What was put in before, in any order, and why that failed. */
  readonly #seen = new Map<string, Blame>();
  #seenBytes = 0;
  /** The item that comes next, and what was put before it. */
  #pointer = 0;
  #symbols = 0;
  #sinceLook = 0;

  /** @param items those of `problem.order` that name a key of the component */
  constructor(problem: Problem, { component, items, conflict }: Contradicted, components: Int32Array, budget: Budget) {
    this.#problem = problem;
    this.#budget = budget;
    this.conflict = conflict;
    const active = Uint8Array.from(components, (own) => (own === component ? 1 : 0));
    const { history } = problem;
    this.#open = problem.open.filter(({ keys }) => active[keys[0]!] === 1).toSorted((a, b) => a.base - b.base);
    for (const one of this.#open) this.#classes.set(one.className, [...(this.#classes.get(one.className) ?? []), one]);
    this.#items = items;
    this.#marks = new Int32Array(this.#items.length + 1);
    this.#settledDepends = this.#items.some((item) => problem.placed[item] !== 0 && (item >= history.length || history.compareFrom.data[item]! < history.compareFrom.data[item + 1]!));
    this.#depends = this.#settledDepends || this.#open.some(({ conditional }) => conditional);
    this.#state = new EtcdState(history, problem.keysOfLease, active, (revision) => problem.free.isOccupied(revision));
    this.#state.search();
  }

  /** Where the open operations of a solution have room, in their order; undefined when there is no other solution. */
  next(): readonly Guest[] | undefined {
    const guests = this.#next();
    if (this.#state.undecided) this.unknown ??= 'a comparison asks for the revision of a write without an answer, which is not known';
    return this.unknown === undefined ? guests : undefined;
  }

  #next(): readonly Guest[] | undefined {
    if (this.#pointer > this.#items.length && !this.#back(null)) return undefined;
    for (;;) {
      const conflict = this.#forward();
      if (this.unknown !== undefined) return undefined;
      let blame: Blame = null;
      if (conflict === null) {
        const guests = this.#guests();
        if (!('className' in guests) && findRoom([guests], this.#problem.free)) return guests;
      } else if ('need' in conflict) {
        if (this.#isHopeless(conflict)) return undefined;
        blame = this.#because([conflict.key, ...conflict.need.keys]);
        this.#choices.push({ alternatives: this.#alternatives(conflict.need, this.#pointer), tried: undefined, signature: '', blame });
      } else blame = this.#because(conflict.keys);
      if (!this.#back(blame)) return undefined;
    }
  }

  /** The keys, and all that decide on what happens to them. */
  #because(keys: Iterable<number>): Blame {
    if (this.#settledDepends) return null;
    const all = new Set(keys);
    for (let before = -1; before !== all.size; ) {
      before = all.size;
      for (const open of this.#open) if (open.conditional && open.keys.some((key) => all.has(key))) for (const key of open.keys) all.add(key);
    }
    return all;
  }

  /** Applies what comes next: null when all is; the answer that is wrong, or what was put in and has no effect. */
  #forward(): Conflict | OpenOperation | null {
    const { history, placed, about } = this.#problem;
    for (; this.#pointer <= this.#items.length; this.#pointer += 1) {
      if (this.#isOver()) return null;
      const mark = this.#state.mark;
      this.#marks[this.#pointer] = mark;
      for (const { open, symbol } of this.#inserted.get(this.#pointer) ?? none) {
        if (this.#state.take(open.item, symbol)) continue;
        // Without an effect it needs no place, and all is as it would be without it.
        this.#state.rewind(mark);
        return open;
      }
      if (this.#pointer === this.#items.length) continue;
      const item = this.#items[this.#pointer]!;
      if (placed[item] === 0) {
        if (this.#state.check(item, about[item]!)) continue;
      } else {
        if (this.#state.take(item, placed[item]!)) continue;
        const keys = [...(item < history.length ? keysOf(history, item) : this.#problem.keysOfLease[item - history.length]!)];
        this.#state.hadNoEffect(item, keys[0]!, keys, placed[item]!);
      }
      const { conflict } = this.#state;
      this.#state.rewind(mark);
      return conflict!;
    }
    return null;
  }

  #isOver(): boolean {
    if ((this.#sinceLook += 1) > stepsBetweenLooks) {
      this.#sinceLook = 0;
      if (this.#budget.over()) this.unknown = 'the time was over before all possibilities were tried';
    }
    return this.unknown !== undefined;
  }

  /**
   * Takes the next alternative of the latest choice that has one and had to do with the failure: trying others of those that
   * had not would fail for the same reason.
   */
  #back(why: Blame): boolean {
    let blame = why;
    for (let choice = this.#choices.at(-1); choice; choice = this.#choices.at(-1)) {
      if (this.#isOver()) return false;
      if (choice.tried) {
        const { keys } = choice.tried.open;
        this.#takeOut(choice.tried);
        choice.tried = undefined;
        this.#seen.set(choice.signature, blame);
        if (blame !== null && !keys.some((key) => blame!.has(key))) {
          this.#choices.pop();
          continue;
        }
        choice.blame = union(choice.blame, blame);
      }
      if (this.#takeNext(choice)) return true;
      if (this.unknown !== undefined) return false;
      blame = choice.blame;
      this.#choices.pop();
    }
    return false;
  }

  #takeNext(choice: Choice): boolean {
    for (let next = choice.alternatives.next(); next.done !== true; next = choice.alternatives.next()) {
      if (this.#isOver()) return false;
      const place: Place = next.value;
      this.#putIn(place);
      const signature = this.#signature();
      let failed = this.#seen.get(signature);
      if (failed === undefined) {
        this.#seenBytes += bytesAPlacement + 2 * signature.length;
        if (this.#seenBytes > this.#budget.memoryBytes) this.unknown = 'the memory was used up before all possibilities were tried';
        const guests = this.#guests();
        if (!('className' in guests) && findRoom([guests], this.#problem.free)) {
          choice.tried = place;
          choice.signature = signature;
          return this.unknown === undefined;
        }
        failed = 'className' in guests ? this.#because(guests.keys) : null;
        this.#seen.set(signature, failed);
      }
      choice.blame = union(choice.blame, failed);
      this.#takeOut(place);
    }
    return false;
  }

  #putIn({ gap, slot, open }: Place): void {
    this.#goTo(gap);
    const there = this.#inserted.get(gap) ?? [];
    if (there.length === 0) {
      this.#filled = [...this.#filled, gap].sort((a, b) => a - b);
      this.#inserted.set(gap, there);
    }
    there.splice(slot, 0, { open, symbol: -(this.#symbols += 1) });
  }

  #takeOut({ gap, slot }: Place): void {
    this.#goTo(gap);
    const there = this.#inserted.get(gap)!;
    there.splice(slot, 1);
    if (there.length > 0) return;
    this.#filled = this.#filled.filter((one) => one !== gap);
    this.#inserted.delete(gap);
  }

  #goTo(gap: number): void {
    if (this.#pointer < gap) return;
    // Where it stands nothing was applied yet, unless it is behind the last.
    if (this.#pointer > gap) this.#state.rewind(this.#marks[gap]!);
    this.#pointer = gap;
  }

  #signature(): string {
    return this.#filled.map((gap) => `${gap}:${this.#inserted.get(gap)!.map(({ open }) => open.className).join('+')}`).join();
  }

  /**
   * Whether there is no solution at all, whatever was chosen: the key's state follows from answers and from operations that
   * were answered alone, and nothing that could mend it is there.
   */
  #isHopeless({ need, key }: Conflict): boolean {
    if (this.#depends) return false;
    if (need.effect !== 'none' && this.#open.some((open) => open.base < need.hi && hasEffect(open, need))) return false;
    const told = this.#state.told[key]!;
    return !this.#filled.some((gap) => (told === 0 || this.#hiOf(gap) > told) && this.#inserted.get(gap)!.some(({ open }) => open.keys.includes(key)));
  }

  *#alternatives(need: Need, from: number): Generator<Place, undefined> {
    const used = new Map<string, number>();
    for (const { open } of this.#all()) used.set(open.className, (used.get(open.className) ?? 0) + 1);
    // Of each class the one with the smallest base: they do the same, and their order settles who comes where.
    const left = [...this.#classes.values()].flatMap((members) => {
      const next = members[used.get(members[0]!.className) ?? 0];
      return next ? [{ open: next, base: members[0]!.base }] : [];
    });
    if (need.effect !== 'none') yield* this.#within(need, from, left.filter(({ open }) => hasEffect(open, need)));
    const anything: Need = { effect: 'any', keys: [], lo: 0, hi: Infinity, exactly: 0 };
    // Where effects depend on what they find, what mends it may be anything: the first in time that has an effect at all.
    if (this.#depends) yield* this.#within(anything, from, left);
    return undefined;
  }

  *#within(need: Need, from: number, left: readonly { open: OpenOperation; base: number }[]): Generator<Place> {
    const { free } = this.#problem;
    if (left.length === 0) return;
    for (let gap = from; gap >= 0; gap -= 1) {
      const hi = Math.min(this.#hiOf(gap), need.hi);
      if (hi <= need.lo) return;
      const lo = Math.max(this.#loOf(gap), need.lo);
      if (free.atOrAfter(lo + 1) > hi) continue;
      for (const { open, base } of left) {
        if (free.atOrAfter(Math.max(lo, base) + 1) > hi) continue;
        for (let slot = this.#inserted.get(gap)?.length ?? 0; slot >= 0; slot -= 1) yield { gap, slot, open };
      }
    }
  }

  /** The last revision that what stands before this item can have. */
  #hiOf(gap: number): number {
    const item = this.#items[gap];
    if (item === undefined) return Infinity;
    return this.#problem.sees[item] === 1 ? this.#problem.about[item]! : this.#problem.about[item]! - 1;
  }

  /** The revision that it must be later than. */
  #loOf(gap: number): number {
    return gap === 0 ? 0 : this.#problem.about[this.#items[gap - 1]!]!;
  }

  *#all(): Generator<Inserted & { gap: number }> {
    for (const gap of this.#filled) for (const inserted of this.#inserted.get(gap)!) yield { ...inserted, gap };
  }

  /** What was put in, with the revisions that it may have; the first that can have none, where there is one. */
  #guests(): Guest[] | OpenOperation {
    const used = new Map<string, number>();
    const guests: Guest[] = [];
    for (const { open, symbol, gap } of this.#all()) {
      const nth = used.get(open.className) ?? 0;
      used.set(open.className, nth + 1);
      const pin = this.#state.pins.get(symbol);
      const lo = Math.max(this.#loOf(gap), this.#classes.get(open.className)![nth]!.base) + 1;
      const guest = { lo: Math.max(lo, pin ?? 0), hi: Math.min(this.#hiOf(gap), pin ?? Infinity) };
      if (guest.lo > guest.hi) return open;
      guests.push(guest);
    }
    return guests;
  }
}

function union(some: Blame, more: Blame): Blame {
  return some === null || more === null ? null : new Set([...some, ...more]);
}

function hasEffect(open: OpenOperation, { effect, keys }: Need): boolean {
  const on = effect === 'put' ? open.puts : effect === 'delete' ? open.deletes : open.keys;
  return on.some((key) => keys.includes(key));
}
