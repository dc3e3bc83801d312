import type { Clock } from '../clock.ts';
import type { Budget } from './verdict.ts';

/** So much time from now on, on this clock, and so much memory for what a search remembers. */
export function budgetOf(clock: Pick<Clock, 'now'>, withinMs: number, memoryBytes: number): Budget {
  const endMs = clock.now() + withinMs;
  return { over: () => clock.now() >= endMs, memoryBytes };
}
