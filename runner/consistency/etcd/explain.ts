import type { Counterexample } from '../verdict.ts';
import { outcomes, steps, type EtcdHistory } from '../etcd-history.ts';
import type { Judged } from './linearizability.ts';
import { short } from '../short.ts';
import { compareText, named, rowText, shown } from './shown.ts';
import type { Conflict } from './state.ts';

/**
 * The few operations that can't all have happened: two that contradict time, or an answer, what it should have followed
 * from, and where what it tells came from.
 */
export function explain({ problem, outOfTime, sameRevision, conflict }: Judged): Counterexample {
  const { history } = problem;
  if (outOfTime) {
    const { earlier, later } = outOfTime;
    return {
      says: `${named(history, earlier)} had returned before ${named(history, later)} was called, whose revision is ${problem.sees[later] === 1 ? 'lower' : 'not higher'}`,
      operations: [shown(history, earlier), shown(history, later, true)],
      stuckAtMs: history.call.data[later]!,
    };
  }
  if (sameRevision) {
    const [first, second] = sameRevision;
    return {
      says: `${named(history, first)} and ${named(history, second)} have made one revision, ${problem.reached[first]}: one of them is lost`,
      operations: [shown(history, first), shown(history, second, true)],
      stuckAtMs: null,
    };
  }
  return ofConflict(problem, conflict!);
}

function ofConflict(problem: Judged['problem'], conflict: Conflict): Counterexample {
  const { history } = problem;
  const { item, key } = conflict;
  const before = lastWrite(problem, item, key);
  const others = new Set<number>();
  if (before !== undefined) others.add(before);
  const source = conflict.row >= 0 && conflict.kind === 'row' ? writerOf(history, key, history.rowValue.data[conflict.row]!) : undefined;
  if (source !== undefined) others.add(source);
  others.delete(item);
  const open = problem.open.filter((one) => one.keys.includes(key)).length;
  const tried = open === 0 ? '' : `, and none of the ${open === 1 ? 'one operation' : `${open} operations`} on this key whose answer was lost explains it`;
  return {
    says: `${named(history, item)}: ${why(problem, conflict, before, source)}${tried}`,
    operations: [...[...others].sort((a, b) => problem.about[a]! - problem.about[b]!).map((other) => shown(history, other)), shown(history, item, true)],
    stuckAtMs: item < history.length && history.ret.data[item]! < Infinity ? history.ret.data[item]! : null,
  };
}

function why({ history }: Judged['problem'], { kind, key, row, item }: Conflict, before: number | undefined, source: number | undefined): string {
  const name = history.keyText(key);
  const should = before === undefined ? `${name} was not there` : `the last change of ${name} until then was ${named(history, before)}`;
  switch (kind) {
    case 'row':
      return `it shows ${name} = ${rowText(history, row)}, but ${should}${source === undefined ? `; nobody who may have succeeded has written ${short(history.values.texts[history.rowValue.data[row]!]!)} there` : ''}`;
    case 'absent':
      return `it shows no ${name}, but ${should}`;
    case 'outside':
      return `it shows ${name}, which was not asked for`;
    case 'count':
      return `so many were not there to be deleted, or more were: ${should}`;
    case 'compare':
      return `${compareText(history, row)} came out otherwise: ${should}`;
    case 'lease':
      return `the lease was revoked, but ${name} is still there: ${should}`;
    case 'no effect':
      return `it was seen to take effect, but changes nothing where it was seen: ${should}`;
    case 'lease ended':
      return `its lease had ended`;
    case 'future':
      return `it is about revision ${history.at.data[item]}, which did not exist yet`;
  }
}

/** The last operation known to have changed a key before an item's turn. */
function lastWrite({ history, order, placed, about, sees }: Judged['problem'], item: number, key: number): number | undefined {
  let last: number | undefined;
  for (const other of order) {
    if (other === item || about[other]! > about[item]!) break;
    if (other >= history.length || (sees[other] === 1 && placed[other] === 0)) continue;
    for (let step = history.stepFrom.data[other]!; step < history.stepFrom.data[other + 1]!; step += 1) {
      if (history.stepKind.data[step] !== steps.read && history.stepLo.data[step]! <= key && key < history.stepHi.data[step]!) last = other;
    }
  }
  return last;
}

function writerOf(history: EtcdHistory, key: number, value: number): number | undefined {
  for (let item = 0; item < history.length; item += 1) {
    if (history.outcome.data[item] === outcomes.failed) continue;
    for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) {
      if (history.stepKind.data[step] === steps.put && history.stepValue.data[step] === value && history.stepLo.data[step] === key) return item;
    }
  }
  return undefined;
}

