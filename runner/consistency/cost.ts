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
  /** What a write took before the workload began, and beside it until the first fault, each the median; null where either isn't known. */
  readonly writes: { readonly aloneMs: number; readonly besideMs: number } | null;
}

/** @param firstFaultAt UTC; null when there was none */
export function costOf(history: EtcdHistory, firstFaultAt: string | null): WorkloadCost {
  const counts = { ok: 0, failed: 0, ambiguous: 0 };
  const took: number[] = [];
  const calmMs = firstFaultAt === null ? Infinity : Date.parse(firstFaultAt) - Date.parse(history.head.startedAt ?? '');
  const tookWhileCalm: number[] = [];
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
      const returnMs = history.ret.data[item]!;
      took.push(returnMs - callMs);
      if ((kind === kindOf.put || kind === kindOf.delete) && returnMs < calmMs) tookWhileCalm.push(returnMs - callMs);
    } else if (outcome === outcomes.failed) counts.failed += 1;
    else counts.ambiguous += 1;
  }
  const forMs = history.length === 0 ? 0 : toMs - fromMs;
  const perSecond = (count: number): number => (forMs > 0 ? Math.round((count * 10_000) / forMs) / 10 : 0);
  took.sort(ascending);
  const [aloneMs, besideMs] = [[...(history.head.alone ?? [])], tookWhileCalm].map((all) => quantile(all.sort(ascending), 0.5));
  const latency = took.length === 0 ? null : { p50: quantile(took, 0.5)!, p99: quantile(took, 0.99)!, max: took.at(-1)! };
  return { operations: history.length, ...counts, forMs, operationsPerSecond: perSecond(history.length), writesPerSecond: perSecond(writes), latency, writes: aloneMs === undefined || besideMs === undefined ? null : { aloneMs, besideMs } };
}
