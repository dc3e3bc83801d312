import type { PlainOperation, Value } from './history.ts';

export type PlainModel = 'register' | 'cas-register' | 'kv';

/**
 * The state after an operation, or undefined when its answer is wrong in this state.
 *
 * @param fresh what a read of nothing gives: null for a register, '' for a store whose keys begin empty
 */
export function step(state: Value, { call, answer, differs, returnMs }: PlainOperation, fresh: Value): Value | undefined {
  switch (call.f) {
    case 'read':
      return (state ?? fresh) === (answer ?? fresh) ? state : undefined;
    case 'write':
      return call.value;
    case 'append':
      return (state ?? '') + call.value;
    case 'cas':
      if (differs) return state === call.from ? undefined : state;
      if (state === call.from) return call.to;
      // Nobody heard what it came to.
      return returnMs === Infinity ? state : undefined;
  }
}
