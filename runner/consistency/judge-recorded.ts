import { checkEtcd } from './etcd/check.ts';
import { costOf, type WorkloadCost } from './cost.ts';
import type { EtcdHistory } from './etcd-history.ts';
import type { Budget, Finding } from './verdict.ts';

/** A history that a probe of a run has recorded, or why there is none that could be judged. */
export type RecordedHistory = EtcdHistory | { readonly why: string };

/** What became of a probe's history. */
export interface JudgedConsistency {
  readonly probe: string;
  /** Each check with its own verdict; that of linearizability alone, unknown, where there is no history. */
  readonly findings: readonly Finding[];
  /** Null where there is no history. */
  readonly cost: WorkloadCost | null;
}

/** How often a search may look at its budget, and the memory that it may take: enough for a run that went well many times over. */
const mostLooks = 20_000;
const memoryBytes = 256e6;

/**
 * All checks of a recorded history. Bounded by steps and not by time, so that the same history has the same verdict anywhere.
 *
 * @param firstFaultAt UTC; null when there was none
 */
export function judgeRecorded(probe: string, recorded: RecordedHistory, firstFaultAt: string | null): JudgedConsistency {
  if ('why' in recorded) return { probe, findings: [{ check: 'linearizability', verdict: 'unknown', says: recorded.why }], cost: null };
  return { probe, findings: checkEtcd(recorded, stepsBudget()), cost: costOf(recorded, firstFaultAt) };
}

function stepsBudget(): Budget {
  let looks = 0;
  return { over: () => (looks += 1) > mostLooks, memoryBytes };
}
