import type { SloWindow } from '../../scenarios/schema.ts';
import type { FaultHistory, History } from '../history.ts';
import type { Recovery } from '../verdict.ts';
import { windowOf, type Window } from './finding.ts';

/**
 * The part of the run that an SLO is about. `fault` is from the beginning of the first injection until the last fault is
 * over; what lies between two faults is a part of it. `recovery` is the rest.
 *
 * @param recoveries how each target came back
 * @returns null when the run has no such part: no fault was over before the run was
 */
export function partOf(history: Pick<History, 'phases' | 'endMs' | 'faults'>, recoveries: readonly Recovery[], during: SloWindow = 'all'): Window | null {
  const whole = windowOf(history);
  if (during === 'all') return whole;
  const overMs = Math.max(whole.fromMs, ...history.faults.map((fault) => endOf(fault, recoveries)));
  if (during === 'fault') return { fromMs: whole.fromMs, toMs: Math.min(overMs, whole.toMs) };
  return overMs < whole.toMs ? { fromMs: overMs, toMs: whole.toMs } : null;
}

/**
 * When a fault is over, at the latest: when its undo is verified, or, where nothing is to be undone, when the last of its
 * targets is back. Infinity where that was not seen, or can't be: nobody looks after what a rollout replaces.
 */
function endOf({ id, intentMs, undoRecord, undone }: FaultHistory, recoveries: readonly Recovery[]): number {
  if (undone) return undone.verified ? undone.atMs : Infinity;
  const own = recoveries.filter(({ fault }) => fault === id);
  if (undoRecord !== null || own.length === 0) return Infinity;
  return Math.max(...own.map(({ whole }) => (whole === null ? Infinity : intentMs + whole.max)));
}
