import type { Budget } from '../verdict.ts';
import type { PlainOperation, Value } from './history.ts';
import { step } from './models.ts';

export type Linearized = { readonly verdict: 'held' } | { readonly verdict: 'broken' } | { readonly verdict: 'unknown'; readonly why: string };

/** A call or a return in the list of what is still to come. */
interface Entry {
  /** The operation's number; those without an answer have the highest. */
  readonly operation: number;
  readonly isCall: boolean;
  before: Entry;
  after: Entry;
  /** A call's return, where there is one. */
  end: Entry | undefined;
}

const stepsBetweenLooks = 1024;
const bytesAMemory = 80;

/**
 * Is there an order of these operations on one key in which every answer is right and which real time allows? Wing and Gong's
 * search ("Testing and verifying concurrent objects", 1993) with Lowe's memory of configurations ("Testing for
 * linearizability", 2017): which operations are placed, and the state that they led to. Exact, and exponential at worst; so
 * bounded in time and memory.
 *
 * @param fresh what a read gives before anything was written
 */
export function linearize(operations: readonly PlainOperation[], fresh: Value, budget: Budget): Linearized {
  const search = new Search(operations);
  let state: Value = null;
  let steps = 0;
  let entry = search.first;
  while (search.left > 0) {
    if ((steps += 1) % stepsBetweenLooks === 0 && budget.over()) return { verdict: 'unknown', why: 'the time was over before all orders were tried' };
    if (entry.isCall) {
      const next = step(state, search.operation(entry), fresh);
      if (next !== undefined && search.place(entry, next, state)) {
        if (search.memoryBytes > budget.memoryBytes) return { verdict: 'unknown', why: 'the memory was used up before all orders were tried' };
        state = next;
        entry = search.first;
      } else entry = entry.after;
      continue;
    }
    // Whatever is placed next is placed after this return, whose call is not placed.
    const last = search.takeBack();
    if (!last) return { verdict: 'broken' };
    state = last.state;
    entry = last.entry.after;
  }
  return { verdict: 'held' };
}

class Search {
  /** Answered operations that aren't placed. */
  left: number;
  memoryBytes = 0;
  readonly #operations: readonly PlainOperation[];
  readonly #answered: number;
  readonly #head: Entry;
  readonly #placed: Int32Array;
  readonly #memory = new Set<string>();
  readonly #stack: { entry: Entry; state: Value; top: number }[] = [];
  /** The first word of the bits of answered operations that isn't full, and the last that isn't empty. */
  #front = 0;
  #top = -1;
  /** Where the bits of those without an answer begin. */
  readonly #lost: number;

  constructor(operations: readonly PlainOperation[]) {
    const byCall = operations.toSorted((a, b) => a.callMs - b.callMs);
    const answered = byCall.filter(({ returnMs }) => returnMs < Infinity);
    const lost = byCall.filter(({ returnMs }) => returnMs === Infinity);
    this.left = answered.length;
    this.#answered = answered.length;
    this.#operations = [...answered, ...lost];
    this.#lost = Math.ceil(answered.length / 32);
    this.#placed = new Int32Array(this.#lost + Math.ceil(lost.length / 32));
    this.#head = listOf(this.#operations);
  }

  get first(): Entry {
    return this.#head.after;
  }

  operation({ operation }: Entry): PlainOperation {
    return this.#operations[operation]!;
  }

  /** @returns false when this was tried before */
  place(entry: Entry, next: Value, state: Value): boolean {
    const { word, bit } = this.#at(entry.operation);
    const top = this.#top;
    this.#placed[word]! |= bit;
    if (word < this.#lost && word > top) this.#top = word;
    while (this.#front < this.#lost && this.#placed[this.#front] === -1) this.#front += 1;
    const key = this.#configuration(next);
    if (this.#memory.has(key)) {
      this.#clear(word, bit, top);
      return false;
    }
    this.#memory.add(key);
    this.memoryBytes += bytesAMemory + 2 * key.length;
    this.#stack.push({ entry, state, top });
    unlink(entry);
    if (entry.end) {
      unlink(entry.end);
      this.left -= 1;
    }
    return true;
  }

  takeBack(): { entry: Entry; state: Value } | undefined {
    const last = this.#stack.pop();
    if (!last) return undefined;
    const { word, bit } = this.#at(last.entry.operation);
    this.#clear(word, bit, last.top);
    if (last.entry.end) {
      link(last.entry.end);
      this.left += 1;
    }
    link(last.entry);
    return last;
  }

  #clear(word: number, bit: number, top: number): void {
    this.#placed[word]! &= ~bit;
    this.#top = top;
    if (word < this.#front) this.#front = word;
  }

  #at(operation: number): { word: number; bit: number } {
    const within = operation < this.#answered ? operation : operation - this.#answered;
    return { word: (operation < this.#answered ? 0 : this.#lost) + (within >> 5), bit: 1 << (within & 31) };
  }

  /** Only what isn't the same in all that are close: the bits from the first gap on. */
  #configuration(state: Value): string {
    let key = `${this.#front}`;
    for (let word = this.#front; word <= this.#top; word += 1) key += `.${this.#placed[word]}`;
    key += '|';
    for (let word = this.#lost; word < this.#placed.length; word += 1) if (this.#placed[word] !== 0) key += `${word}.${this.#placed[word]}.`;
    return state === null ? key : `${key}|${state}`;
  }
}

/** Calls and returns in the order of time; at one instant calls come first, so that what only touches is concurrent. */
function listOf(operations: readonly PlainOperation[]): Entry {
  const events: { at: number; entry: Entry }[] = [];
  const make = (operation: number, isCall: boolean): Entry => {
    const entry: Omit<Entry, 'before' | 'after'> & Partial<Entry> = { operation, isCall, end: undefined };
    entry.before = entry as Entry;
    entry.after = entry as Entry;
    return entry as Entry;
  };
  for (const [index, { callMs, returnMs }] of operations.entries()) {
    const call = make(index, true);
    events.push({ at: callMs, entry: call });
    if (returnMs === Infinity) continue;
    call.end = make(index, false);
    events.push({ at: returnMs, entry: call.end });
  }
  events.sort((a, b) => a.at - b.at || Number(b.entry.isCall) - Number(a.entry.isCall));
  const head = make(-1, true);
  const tail = make(-1, false);
  let last = head;
  for (const { entry } of [...events, { entry: tail }]) {
    last.after = entry;
    entry.before = last;
    last = entry;
  }
  return head;
}

function unlink(entry: Entry): void {
  entry.before.after = entry.after;
  entry.after.before = entry.before;
}

function link(entry: Entry): void {
  entry.before.after = entry;
  entry.after.before = entry;
}
