import { short } from '../short.ts';
import type { Budget, Counterexample, Finding } from '../verdict.ts';
import type { PlainOperation, Value } from './history.ts';
import { linearize } from './linearize.ts';
import type { PlainModel } from './models.ts';
import { smallest } from './smallest.ts';

/**
 * Is a history of a register, or of the keys of a store, linearizable? Keys are independent of each other, so each is looked
 * at alone: a history is linearizable when each object's is (Herlihy and Wing, 1990).
 */
export function judgePlain(operations: readonly PlainOperation[], model: PlainModel, budget: Budget): Finding {
  const fresh: Value = model === 'kv' ? '' : null;
  const byKey = new Map<string, PlainOperation[]>();
  for (const operation of operations) {
    const own = byKey.get(operation.key);
    if (own) own.push(operation);
    else byKey.set(operation.key, [operation]);
  }
  const unknown: string[] = [];
  // The short ones first: one that is broken is enough.
  for (const [key, own] of [...byKey].sort(([, a], [, b]) => a.length - b.length)) {
    const found = linearize(own, fresh, budget);
    if (found.verdict === 'broken') {
      const { operations: few, stuck } = smallest(own, fresh, budget);
      return { check: 'linearizability', verdict: 'broken', says: `not linearizable${key === '' ? '' : `: key ${JSON.stringify(key)}`}`, counterexample: tell(few, stuck, key) };
    }
    if (found.verdict === 'unknown') unknown.push(found.why);
  }
  if (unknown.length > 0) return { check: 'linearizability', verdict: 'unknown', says: `${unknown[0]}${unknown.length > 1 ? ` (${unknown.length} keys)` : ''}` };
  return { check: 'linearizability', verdict: 'held', says: `linearizable: ${operations.length} operations on ${byKey.size === 1 ? 'one key' : `${byKey.size} keys`}` };
}

function tell(operations: readonly PlainOperation[], stuck: PlainOperation, key: string): Counterexample {
  const others = operations.filter((operation) => operation !== stuck);
  const where = key === '' ? '' : ` on key ${JSON.stringify(key)}`;
  const says = others.length === 0
    ? `${nameOf(stuck)}${where} is wrong whatever else happened`
    : `no order of these ${operations.length} operations${where} makes every answer right: ${nameOf(stuck)} can't be placed once ${others.length === 1 ? 'the other' : 'the others'} must have happened`;
  return {
    says,
    stuckAtMs: stuck.returnMs === Infinity ? null : stuck.returnMs,
    operations: operations.map((operation) => ({
      client: operation.client,
      callMs: operation.callMs,
      returnMs: operation.returnMs === Infinity ? null : operation.returnMs,
      text: textOf(operation),
      impossible: operation === stuck,
      line: operation.line,
    })),
  };
}

function nameOf(operation: PlainOperation): string {
  return `the ${textOf(operation)} of client ${operation.client} (line ${operation.line})`;
}

function textOf({ call, answer, differs, returnMs }: PlainOperation): string {
  const lost = returnMs === Infinity ? ', answer lost' : '';
  switch (call.f) {
    case 'read':
      return `read of ${answer === null ? 'nothing' : short(answer)}`;
    case 'write':
      return `write of ${short(call.value)}${lost}`;
    case 'append':
      return `append of ${short(call.value)}${lost}`;
    case 'cas':
      return `compare-and-set from ${short(call.from)} to ${short(call.to)}${differs ? ', which found another value' : lost}`;
  }
}
