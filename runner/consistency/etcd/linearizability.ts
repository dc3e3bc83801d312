import type { Budget, Verdict } from '../verdict.ts';
import type { EtcdHistory } from '../etcd-history.ts';
import { findComponents, itemsOf, keysOf } from './components.ts';
import { makeProblem, type Problem, type Scope } from './problem.ts';
import { findRoom, type Guest } from './rooms.ts';
import { ComponentSearch, type Contradicted } from './search.ts';
import { EtcdState, nothing, type Conflict } from './state.ts';

/** Two operations whose revisions contradict time: `earlier` returned before `later` was called, and has a higher revision. */
export interface OutOfTime {
  readonly earlier: number;
  readonly later: number;
}

export interface Judged {
  readonly verdict: Verdict;
  readonly problem: Problem;
  readonly outOfTime?: OutOfTime;
  /** Two that claim to have made one revision. */
  readonly sameRevision?: readonly [number, number];
  readonly conflict?: Conflict;
  /** Why it isn't known. */
  readonly why?: string;
}

const everySoManyItems = 65_536;

/**
 * Are these operations linearizable? Each success has the revision of the state that it made or saw, so there is one order to
 * look at; what is left to search for is where operations without an answer took effect. The method, what it needs and its
 * proof are in docs/consistency.md.
 *
 * @returns exact: held or broken, unless the time or the memory ran out or the history lacks what the method needs
 */
export function judgeEtcd(history: EtcdHistory, scope: Scope, budget: Budget): Judged {
  const problem = makeProblem(history, scope);
  const future = problem.order.find((item) => item < history.length && problem.about[item]! > problem.reached[item]!);
  if (future !== undefined) return { verdict: 'broken', problem, conflict: { kind: 'future', item: future, key: history.stepLo.data[history.stepFrom.data[future]!]!, row: -1, step: -1, need: nothing } };
  const outOfTime = findOutOfTime(problem);
  // Which of several was seen is a guess where they are not unique: it can acquit, but not accuse.
  const isGuess = (items: readonly number[]): boolean => problem.notUnique !== undefined && items.some((item) => problem.placed[item] !== 0);
  const guessed: Judged = { verdict: 'unknown', problem, ...(problem.notUnique === undefined ? {} : { why: problem.notUnique }) };
  if (outOfTime) return isGuess([outOfTime.earlier, outOfTime.later]) ? guessed : { verdict: 'broken', problem, outOfTime };
  const sameRevision = findSameRevision(problem);
  if (sameRevision) return isGuess(sameRevision) ? guessed : { verdict: 'broken', problem, sameRevision };
  const components = findComponents(problem);
  const conflicts = replay(problem, components, budget);
  if (!conflicts) return { verdict: 'unknown', problem, why: 'the time was over' };
  if (conflicts.size === 0) return { verdict: 'held', problem };
  if (problem.notUnique !== undefined) return guessed;
  const withOpen = new Set(problem.open.map(({ keys }) => components[keys[0]!]!));
  const hopeless = [...conflicts].find(([component]) => !withOpen.has(component));
  if (hopeless) return { verdict: 'broken', problem, conflict: hopeless[1] };
  const items = itemsOf(problem, components, [...conflicts.keys()]);
  const searches = [...conflicts].map(([component, conflict], index) => ({ component, conflict, items: items[index]! }));
  return searchAll(problem, components, searches, budget);
}

/** Operations in the order of what they reached: none may have returned before one that stands before it was called. */
function findOutOfTime({ history, inTime, reached, sees }: Problem): OutOfTime | undefined {
  const count = history.length;
  const call = history.call.data;
  const ret = history.ret.data;
  let last = -1;
  for (let from = 0; from < inTime.length; ) {
    const first = inTime[from]!;
    let to = from + 1;
    // Those that saw one revision can stand in the order of their calls.
    if (sees[first] === 1) while (to < inTime.length && sees[inTime[to]!] === 1 && reached[inTime[to]!] === reached[first]) to += 1;
    for (let index = from; index < to; index += 1) {
      const item = inTime[index]!;
      if (item < count && last >= 0 && ret[item]! < call[last]!) return { earlier: item, later: last };
    }
    for (let index = from; index < to; index += 1) {
      const item = inTime[index]!;
      if (item < count && (last < 0 || call[item]! > call[last]!)) last = item;
    }
    from = to;
  }
  return undefined;
}

function findSameRevision({ inTime, reached, sees }: Problem): readonly [number, number] | undefined {
  let last = -1;
  for (const item of inTime) {
    if (sees[item] === 1) continue;
    if (last >= 0 && reached[last] === reached[item]) return [last, item];
    last = item;
  }
  return undefined;
}

/**
 * Compares every answer as if no open operation ever took effect.
 *
 * @returns by component the first answer that is wrong then; undefined when the time ran out
 */
function replay(problem: Problem, components: Int32Array, budget: Budget): Map<number, Conflict> | undefined {
  const { history, order, about, placed } = problem;
  const active = new Uint8Array(history.keyCount).fill(1);
  const state = new EtcdState(history, problem.keysOfLease, active, (revision) => problem.free.isOccupied(revision));
  const conflicts = new Map<number, Conflict>();
  const leaveOut = (conflict: Conflict): void => {
    const component = components[conflict.key]!;
    conflicts.set(component, conflict);
    for (let key = 0; key < active.length; key += 1) if (components[key] === component) active[key] = 0;
    state.rewind(0);
  };
  for (let index = 0; index < order.length; index += 1) {
    if (index % everySoManyItems === 0 && budget.over()) return undefined;
    const item = order[index]!;
    state.settle();
    if (placed[item] === 0) {
      while (!state.check(item, about[item]!)) {
        const { conflict } = state;
        if (active[conflict!.key] === 0) break;
        leaveOut(conflict!);
      }
    } else if (!state.take(item, placed[item]!)) {
      const keys = [...(item < history.length ? keysOf(history, item) : problem.keysOfLease[item - history.length]!)];
      if (keys.some((key) => active[key] === 0)) continue;
      state.hadNoEffect(item, keys[0]!, keys, placed[item]!);
      leaveOut(state.conflict!);
    }
  }
  return conflicts;
}

/** Components share nothing but the revisions that are free. */
function searchAll(problem: Problem, components: Int32Array, searches: readonly Contradicted[], budget: Budget): Judged {
  const begin = (one: Contradicted): ComponentSearch => new ComponentSearch(problem, one, components, budget);
  const first: (readonly Guest[])[] = [];
  let why: string | undefined;
  for (const one of searches) {
    const search = begin(one);
    const guests = search.next();
    if (guests) first.push(guests);
    // One component without a solution is enough, however little is known of the others.
    else if (search.unknown === undefined) return { verdict: 'broken', problem, conflict: search.conflict };
    else why ??= search.unknown;
  }
  if (why !== undefined) return { verdict: 'unknown', problem, why };
  if (findRoom(first, problem.free)) return { verdict: 'held', problem };
  const found: (readonly Guest[])[] = [];
  const solve = (index: number): boolean => {
    if (index === searches.length) return findRoom(found, problem.free);
    const search = begin(searches[index]!);
    for (let guests = search.next(); guests; guests = search.next()) {
      found[index] = guests;
      if (solve(index + 1)) return true;
      found.length = index;
      if (budget.over()) why = 'the time was over before all possibilities were tried';
      if (why !== undefined) return false;
    }
    why ??= search.unknown;
    return false;
  };
  if (solve(0)) return { verdict: 'held', problem };
  return why === undefined ? { verdict: 'broken', problem, conflict: searches[0]!.conflict } : { verdict: 'unknown', problem, why };
}
