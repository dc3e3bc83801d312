import { ascending, quantile } from '../latency.ts';
import type { LatencySummary } from '../verdict.ts';
import { kindOf, outcomes, type EtcdHistory } from './etcd-history.ts';

/** What the recorded clients asked of the cluster. */
export interface WorkloadCost {
  readonly operations: number;
  readonly ok: number;
  readonly failed: number;
  readonly ambiguous: number;
  /** From the first call to the last. */
  readonly forMs: number;
  readonly operationsPerSecond: number;
  /** Everything but reads, whatever came of it. */
  readonly writesPerSecond: number;
  /** Of those that were answered; null when none was. */
  readonly latency: LatencySummary | null;
}

export function costOf(history: EtcdHistory): WorkloadCost {
  const counts = { ok: 0, failed: 0, ambiguous: 0 };
  const took: number[] = [];
  let writes = 0;
  let fromMs = Infinity;
  let toMs = -Infinity;
  for (let item = 0; item < history.length; item += 1) {
    const outcome = history.outcome.data[item];
    const callMs = history.call.data[item]!;
    fromMs = Math.min(fromMs, callMs);
    toMs = Math.max(toMs, callMs);
    const kind = history.kind.data[item];
    if (kind !== kindOf.get && kind !== kindOf.range) writes += 1;
    if (outcome === outcomes.ok) {
      counts.ok += 1;
      took.push(history.ret.data[item]! - callMs);
    } else if (outcome === outcomes.failed) counts.failed += 1;
    else counts.ambiguous += 1;
  }
  const forMs = history.length === 0 ? 0 : toMs - fromMs;
  const perSecond = (count: number): number => (forMs > 0 ? Math.round((count * 10_000) / forMs) / 10 : 0);
  took.sort(ascending);
  const latency = took.length === 0 ? null : { p50: quantile(took, 0.5)!, p99: quantile(took, 0.99)!, max: took.at(-1)! };
  return { operations: history.length, ...counts, forMs, operationsPerSecond: perSecond(history.length), writesPerSecond: perSecond(writes), latency };
}
