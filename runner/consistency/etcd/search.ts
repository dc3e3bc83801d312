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

interface Choice {
  readonly alternatives: Iterator<Place>;
  /** The one that is tried now. */
  tried: Place | undefined;
}

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
  readonly #items: Int32Array;
  /** By item: what was put before it; behind the last one stands one more. */
  readonly #inserted: Inserted[][];
  /** Where something was put, ascending. */
  #filled: number[] = [];
  /** By item: how far the state's changes had come before it and what was put there. */
  readonly #marks: Int32Array;
  readonly #choices: Choice[] = [];
  readonly #seen = new Set<string>();
  #seenBytes = 0;
  /** The item that comes next, and what was put before it. */
  #pointer = 0;
  #symbols = 0;
  #sinceLook = 0;

  constructor(problem: Problem, component: number, components: Int32Array, conflict: Conflict, budget: Budget) {
    this.#problem = problem;
    this.#budget = budget;
    this.conflict = conflict;
    const active = Uint8Array.from(components, (own) => (own === component ? 1 : 0));
    const { history } = problem;
    this.#open = problem.open.filter(({ keys }) => active[keys[0]!] === 1).toSorted((a, b) => a.base - b.base);
    for (const one of this.#open) this.#classes.set(one.className, [...(this.#classes.get(one.className) ?? []), one]);
    this.#items = problem.order.filter((item) => touches(problem, item, active));
    this.#inserted = Array.from({ length: this.#items.length + 1 }, () => []);
    this.#marks = new Int32Array(this.#items.length + 1);
    const settled = this.#items.some((item) => problem.placed[item] !== 0 && (item >= history.length || history.compareFrom.data[item]! < history.compareFrom.data[item + 1]!));
    this.#depends = settled || this.#open.some(({ conditional }) => conditional);
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
    if (this.#pointer > this.#items.length && !this.#back()) return undefined;
    for (;;) {
      const conflict = this.#forward();
      if (this.unknown !== undefined) return undefined;
      if (conflict === null) {
        const guests = this.#guests();
        if (guests && findRoom([guests], this.#problem.free)) return guests;
      } else if (conflict) {
        if (this.#isHopeless(conflict)) return undefined;
        this.#choices.push({ alternatives: this.#alternatives(conflict.need), tried: undefined });
      }
      if (!this.#back()) return undefined;
    }
  }

  /** Applies what comes next: null when all is, undefined when what was put in has no effect, or the answer that is wrong. */
  #forward(): Conflict | undefined | null {
    const { history, placed, about } = this.#problem;
    for (; this.#pointer <= this.#items.length; this.#pointer += 1) {
      if (this.#isOver()) return undefined;
      const mark = this.#state.mark;
      this.#marks[this.#pointer] = mark;
      for (const { open, symbol } of this.#inserted[this.#pointer]!) {
        if (this.#state.take(open.item, symbol)) continue;
        // Without an effect it needs no place, and all is as it would be without it.
        this.#state.rewind(mark);
        return undefined;
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
      return conflict;
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

  /** Takes the next alternative of the latest choice that has one. */
  #back(): boolean {
    for (let choice = this.#choices.at(-1); choice; choice = this.#choices.at(-1)) {
      if (this.#isOver()) return false;
      if (choice.tried) this.#takeOut(choice.tried);
      choice.tried = undefined;
      const { value, done } = choice.alternatives.next();
      if (done === true) {
        this.#choices.pop();
        continue;
      }
      const place: Place = value;
      this.#putIn(place);
      choice.tried = place;
      if (this.#isNew() && this.#guests() !== undefined) return true;
      if (this.unknown !== undefined) return false;
    }
    return false;
  }

  #putIn({ gap, slot, open }: Place): void {
    this.#goTo(gap);
    const there = this.#inserted[gap]!;
    if (there.length === 0) this.#filled = [...this.#filled, gap].sort((a, b) => a - b);
    there.splice(slot, 0, { open, symbol: -(this.#symbols += 1) });
  }

  #takeOut({ gap, slot }: Place): void {
    this.#goTo(gap);
    const there = this.#inserted[gap]!;
    there.splice(slot, 1);
    if (there.length === 0) this.#filled = this.#filled.filter((one) => one !== gap);
  }

  #goTo(gap: number): void {
    if (this.#pointer < gap) return;
    // Where it stands nothing was applied yet, unless it is behind the last.
    if (this.#pointer > gap) this.#state.rewind(this.#marks[gap]!);
    this.#pointer = gap;
  }

  /** What was put in may have been put in before, in another order. */
  #isNew(): boolean {
    const signature = this.#filled.map((gap) => `${gap}:${this.#inserted[gap]!.map(({ open }) => open.className).join('+')}`).join();
    if (this.#seen.has(signature)) return false;
    this.#seen.add(signature);
    this.#seenBytes += bytesAPlacement + 2 * signature.length;
    if (this.#seenBytes > this.#budget.memoryBytes) this.unknown = 'the memory was used up before all possibilities were tried';
    return this.unknown === undefined;
  }

  /**
   * Whether there is no solution at all, whatever was chosen: the key's state follows from answers and from operations that
   * were answered alone, and nothing that could mend it is there.
   */
  #isHopeless({ need, key }: Conflict): boolean {
    if (this.#depends) return false;
    if (need.effect !== 'none' && this.#open.some((open) => open.base < need.hi && hasEffect(open, need))) return false;
    const told = this.#state.told[key]!;
    return !this.#filled.some((gap) => (told === 0 || this.#hiOf(gap) > told) && this.#inserted[gap]!.some(({ open }) => open.keys.includes(key)));
  }

  *#alternatives(need: Need): Generator<Place, undefined> {
    const used = new Map<string, number>();
    for (const { open } of this.#all()) used.set(open.className, (used.get(open.className) ?? 0) + 1);
    // Of each class the one with the smallest base: they do the same, and their order settles who comes where.
    const left = [...this.#classes.values()].flatMap((members) => {
      const next = members[used.get(members[0]!.className) ?? 0];
      return next ? [{ open: next, base: members[0]!.base }] : [];
    });
    if (need.effect !== 'none') yield* this.#within(need, left.filter(({ open }) => hasEffect(open, need)));
    const anything: Need = { effect: 'any', keys: [], lo: 0, hi: Infinity, exactly: 0 };
    // Where effects depend on what they find, what mends it may be anything: the first in time that has an effect at all.
    if (this.#depends) yield* this.#within(anything, left);
    return undefined;
  }

  *#within(need: Need, left: readonly { open: OpenOperation; base: number }[]): Generator<Place> {
    const { free } = this.#problem;
    if (left.length === 0) return;
    for (let gap = this.#pointer; gap >= 0; gap -= 1) {
      const hi = Math.min(this.#hiOf(gap), need.hi);
      if (hi <= need.lo) return;
      const lo = Math.max(this.#loOf(gap), need.lo);
      if (free.atOrAfter(lo + 1) > hi) continue;
      for (const { open, base } of left) {
        if (free.atOrAfter(Math.max(lo, base) + 1) > hi) continue;
        for (let slot = this.#inserted[gap]!.length; slot >= 0; slot -= 1) yield { gap, slot, open };
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
    for (const gap of this.#filled) for (const inserted of this.#inserted[gap]!) yield { ...inserted, gap };
  }

  /** What was put in, with the revisions that it may have; undefined where one can have none. */
  #guests(): Guest[] | undefined {
    const used = new Map<string, number>();
    const guests: Guest[] = [];
    for (const { open, symbol, gap } of this.#all()) {
      const nth = used.get(open.className) ?? 0;
      used.set(open.className, nth + 1);
      const pin = this.#state.pins.get(symbol);
      const lo = Math.max(this.#loOf(gap), this.#classes.get(open.className)![nth]!.base) + 1;
      const guest = { lo: Math.max(lo, pin ?? 0), hi: Math.min(this.#hiOf(gap), pin ?? Infinity) };
      if (guest.lo > guest.hi) return undefined;
      guests.push(guest);
    }
    return guests;
  }
}

function hasEffect(open: OpenOperation, { effect, keys }: Need): boolean {
  const on = effect === 'put' ? open.puts : effect === 'delete' ? open.deletes : open.keys;
  return on.some((key) => keys.includes(key));
}

function touches({ history, keysOfLease }: Problem, item: number, active: Uint8Array): boolean {
  if (item >= history.length) return keysOfLease[item - history.length]!.some((key) => active[key] === 1);
  const lease = history.lease.data[item]!;
  if (lease >= 0) return keysOfLease[lease]!.some((key) => active[key] === 1);
  for (let compare = history.compareFrom.data[item]!; compare < history.compareFrom.data[item + 1]!; compare += 1) if (active[history.compareKey.data[compare]!] === 1) return true;
  for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) {
    for (let key = history.stepLo.data[step]!; key < history.stepHi.data[step]!; key += 1) if (active[key] === 1) return true;
  }
  return false;
}
