import type { Budget } from '../verdict.ts';
import type { PlainOperation, Value } from './history.ts';
import { linearize } from './linearize.ts';

/** Beyond this many the shortest beginning that is wrong is shown as it is. */
const mostTried = 400;

/**
 * A few operations that are not linearizable by themselves, out of many that aren't: the shortest beginning, then without
 * every operation that can be left out without making it right. What is left out can't be what is wrong: a read, or a write
 * whose value no operation that stays has seen or asks for.
 *
 * @param operations not linearizable
 */
export function smallest(operations: readonly PlainOperation[], fresh: Value, budget: Budget): { operations: PlainOperation[]; stuck: PlainOperation } {
  const isWrong = (some: readonly PlainOperation[]): boolean => linearize(some, fresh, budget).verdict === 'broken';
  const returns = operations.map(({ returnMs }) => returnMs).filter((ms) => ms < Infinity).sort((a, b) => a - b);
  let lo = 0;
  let hi = returns.length - 1;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (isWrong(until(operations, returns[middle]!))) hi = middle;
    else lo = middle + 1;
  }
  const endMs = returns[lo]!;
  let few = until(operations, endMs);
  const stuck = few.find(({ returnMs }) => returnMs === endMs)!;
  for (let before = Infinity; few.length < before && few.length <= mostTried && !budget.over(); ) {
    before = few.length;
    for (const operation of [...few].reverse()) {
      if (operation === stuck || !canGo(operation, few)) continue;
      const without = few.filter((other) => other !== operation);
      if (isWrong(without)) few = without;
    }
  }
  return { operations: few, stuck };
}

/** What had happened at a moment: what returned later had not answered yet. */
function until(operations: readonly PlainOperation[], endMs: number): PlainOperation[] {
  return operations.flatMap((operation) => {
    if (operation.callMs > endMs) return [];
    if (operation.returnMs <= endMs) return [operation];
    if (operation.call.f === 'read' || operation.differs) return [];
    return [{ ...operation, returnMs: Infinity }];
  });
}

function canGo({ call, differs }: PlainOperation, among: readonly PlainOperation[]): boolean {
  if (call.f === 'read' || differs) return true;
  if (call.f === 'append') return false;
  const written = call.f === 'write' ? call.value : call.to;
  // What is seen to differ could differ no longer from what was there before.
  return !among.some((other) => other.differs === true || (other.call.f === 'read' ? other.answer === written : other.call.f === 'cas' ? other.call.from === written : other.call.f === 'append'));
}
