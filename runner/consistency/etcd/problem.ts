import { Ints, orderBy } from '../columns.ts';
import { branches, kindOf, outcomes, steps, type EtcdHistory } from '../etcd-history.ts';
import { FreeRevisions } from './rooms.ts';
import { settle, type Evidence } from './settle.ts';

/**
 * Something that may have changed the store and gave no answer: an ambiguous write, numbered as the history does, or the end
 * of a lease, numbered from the history's length on.
 */
export interface OpenOperation {
  readonly item: number;
  /** It took effect later than this revision, if it did: what had returned by its call had reached it. */
  readonly base: number;
  readonly puts: readonly number[];
  readonly deletes: readonly number[];
  /** All keys that it changes or whose state decides what it does. */
  readonly keys: readonly number[];
  /** Whether what it does depends on what it finds, beyond whether there is something to delete. */
  readonly conditional: boolean;
  /** Those of one class do the same, and nobody can tell which of them it was. */
  readonly className: string;
}

/** All that the checks of etcd's operations need to know of a history, made once. */
export interface Problem {
  readonly history: EtcdHistory;
  /** By item: when an operation without an answer is known to have taken effect; 0 when it isn't. */
  readonly placed: Float64Array;
  /** By item: the revision that it reached in real time. */
  readonly reached: Float64Array;
  /** By item: the revision of the state that its answer is about. */
  readonly about: Float64Array;
  /** By item: 0 for those that made their revision, 1 for those that only saw it. */
  readonly sees: Uint8Array;
  /** Items in the order in which their answers have to follow from each other. */
  readonly order: Int32Array;
  /** Linearizable items in the order of what they reached. */
  readonly inTime: Int32Array;
  readonly open: readonly OpenOperation[];
  readonly keysOfLease: readonly (readonly number[])[];
  readonly free: FreeRevisions;
  /** What can't be checked, in words. */
  readonly notUnique: string | undefined;
}

export interface Scope extends Evidence {
  /** Leaves serializable reads out when false. */
  readonly serializable: boolean;
}

export function makeProblem(history: EtcdHistory, scope: Scope): Problem {
  const count = history.length;
  const leases = history.leases.texts.length;
  const keysOfLease = leaseKeys(history);
  const calls = Float64Array.from({ length: count + leases }, (_, item) => (item < count ? history.call.data[item]! : -Infinity));
  for (let item = 0; item < count; item += 1) {
    if (history.kind.data[item] !== kindOf.grant) continue;
    calls[count + history.lease.data[item]!] = history.call.data[item]!;
  }
  const candidates: number[] = [];
  for (let item = 0; item < count; item += 1) if (history.outcome.data[item] === outcomes.ambiguous && writes(history, item)) candidates.push(item);
  for (const [lease, keys] of keysOfLease.entries()) if (keys.length > 0) candidates.push(count + lease);
  const bases = basesOf(history, candidates.map((item) => calls[item]!));
  const all = candidates.map((item, index) => describe(history, item, bases[index]!, keysOfLease));

  const known = revisionsOfWrites(history);
  const { placed, notUnique } = settle(history, all, new FreeRevisions(known), scope);
  const open = all.filter(({ item }) => placed[item] === 0);

  const reached = new Float64Array(count + leases);
  const about = new Float64Array(count + leases);
  const sees = new Uint8Array(count + leases);
  const inTime = new Ints();
  const inOrder = new Ints();
  // As long as answers are about what was reached, by linearizable operations alone, the one order is the other.
  let differ = false;
  for (let item = 0; item < count + leases; item += 1) {
    if (placed[item] !== 0) {
      reached[item] = placed[item]!;
      about[item] = placed[item]!;
      inTime.push(item);
      inOrder.push(item);
    } else if (item < count && history.outcome.data[item] === outcomes.ok && history.kind.data[item] !== kindOf.keepalive) {
      reached[item] = history.revision.data[item]!;
      about[item] = history.at.data[item]! || reached[item]!;
      sees[item] = history.raises.data[item] === 1 ? 0 : 1;
      const linearizable = history.serializable.data[item] === 0;
      const answers = (linearizable || scope.serializable) && history.kind.data[item] !== kindOf.grant;
      if (linearizable) inTime.push(item);
      if (answers) inOrder.push(item);
      if (linearizable !== answers || about[item] !== reached[item]) differ = true;
    }
  }
  const settled = all.flatMap(({ item }) => (placed[item] === 0 ? [] : [placed[item]!]));
  const byTime = orderBy(inTime.data.slice(0, inTime.length), reached, sees);
  return {
    history,
    placed,
    reached,
    about,
    sees,
    order: differ ? orderBy(inOrder.data.slice(0, inOrder.length), about, sees) : byTime,
    inTime: byTime,
    open,
    keysOfLease,
    free: new FreeRevisions(settled.length === 0 ? known : merged(known, settled)),
    notUnique,
  };
}

function writes(history: EtcdHistory, item: number): boolean {
  for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) if (history.stepKind.data[step] !== steps.read) return true;
  return false;
}

function leaseKeys(history: EtcdHistory): number[][] {
  const keys = history.leases.texts.map(() => new Set<number>());
  if (keys.length === 0) return [];
  for (let item = 0; item < history.length; item += 1) {
    if (history.outcome.data[item] === outcomes.failed) continue;
    for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) {
      const lease = history.stepLease.data[step]!;
      if (lease >= 0) keys[lease]!.add(history.stepLo.data[step]!);
    }
  }
  return keys.map((own) => [...own].sort((a, b) => a - b));
}

/** For each call: the highest revision that a linearizable operation had reached that returned before it. */
function basesOf(history: EtcdHistory, calls: readonly number[]): number[] {
  if (calls.length === 0) return [];
  const sorted = Float64Array.from(calls).sort();
  // The first call behind each return gets its revision; what an earlier call knows, a later one knows as well.
  const best = new Float64Array(sorted.length).fill(1);
  for (let item = 0; item < history.length; item += 1) {
    if (history.outcome.data[item] !== outcomes.ok || history.serializable.data[item] === 1 || history.kind.data[item] === kindOf.keepalive) continue;
    const after = firstAbove(sorted, history.ret.data[item]!);
    if (after < best.length && history.revision.data[item]! > best[after]!) best[after] = history.revision.data[item]!;
  }
  for (let index = 1; index < best.length; index += 1) if (best[index - 1]! > best[index]!) best[index] = best[index - 1]!;
  // Equal calls stand side by side and know the same: the first of them.
  return calls.map((call) => best[firstAbove(sorted, call, true)]!);
}

function firstAbove(sorted: Float64Array, value: number, orEqual = false): number {
  let lo = 0;
  let hi = sorted.length;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (sorted[middle]! > value || (orEqual && sorted[middle] === value)) hi = middle;
    else lo = middle + 1;
  }
  return lo;
}

function describe(history: EtcdHistory, item: number, base: number, keysOfLease: readonly (readonly number[])[]): OpenOperation {
  if (item >= history.length) {
    const keys = keysOfLease[item - history.length]!;
    return { item, base, puts: [], deletes: keys, keys, conditional: true, className: `end of lease ${item}` };
  }
  const puts = new Set<number>();
  const deletes = new Set<number>();
  let leased = false;
  const stepFrom = history.stepFrom.data[item]!;
  const stepTo = history.stepFrom.data[item + 1]!;
  for (let step = stepFrom; step < stepTo; step += 1) {
    if (history.stepLease.data[step]! >= 0) leased = true;
    for (let key = history.stepLo.data[step]!; key < history.stepHi.data[step]!; key += 1) {
      if (history.stepKind.data[step] === steps.put) puts.add(key);
      else if (history.stepKind.data[step] === steps.delete) deletes.add(key);
    }
  }
  const keys = new Set([...puts, ...deletes]);
  const compared = history.compareFrom.data[item]! < history.compareFrom.data[item + 1]!;
  for (let compare = history.compareFrom.data[item]!; compare < history.compareFrom.data[item + 1]!; compare += 1) keys.add(history.compareKey.data[compare]!);
  const plain = !compared && !leased && stepTo - stepFrom === 1 && history.stepBranch.data[stepFrom] === branches.plain && !isCompared(history, history.stepValue.data[stepFrom]!);
  const className = plain ? `${[...puts].join()} ${[...deletes].join()}` : `operation ${item}`;
  return { item, base, puts: [...puts], deletes: [...deletes], keys: [...keys], conditional: compared || leased, className };
}

const comparedValues = new WeakMap<EtcdHistory, Set<number>>();

/** Whether a transaction asks for this value: then it is told apart from others although nobody read it. */
function isCompared(history: EtcdHistory, value: number): boolean {
  let values = comparedValues.get(history);
  if (!values) {
    values = new Set();
    for (let compare = 0; compare < history.compareKey.length; compare += 1) if (history.compareTarget.data[compare] === 0) values.add(history.compareOperand.data[compare]!);
    comparedValues.set(history, values);
  }
  return values.has(value);
}

function revisionsOfWrites(history: EtcdHistory): Float64Array {
  const revisions = new Float64Array(history.length);
  let count = 0;
  for (let item = 0; item < history.length; item += 1) if (history.raises.data[item] === 1) revisions[count++] = history.revision.data[item]!;
  return revisions.slice(0, count).sort();
}

function merged(known: Float64Array, more: readonly number[]): Float64Array {
  const all = new Float64Array(known.length + more.length);
  all.set(known);
  all.set(more, known.length);
  return all.sort();
}
