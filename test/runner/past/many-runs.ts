import { summaryOf, type RunSummary } from '../../../runner/past/summary.ts';
import { heldRun } from '../../reports/sample-runs.ts';

/** A held run of one drill, in which all times are so much of what they are in the sample. */
export function summed(index: number, { factor = 1, ...changes }: Partial<RunSummary> & { readonly factor?: number } = {}): RunSummary {
  const base = summaryOf(heldRun);
  return {
    ...base,
    run: `2026112${index % 10}T10213${index % 10}Z-etcd-zone-plus-one-${String(index).padStart(4, '0')}`,
    startedAt: new Date(Date.UTC(2026, 10, 1 + index, 10)).toISOString(),
    slos: [{ name: 'writes are back', verdict: 'held', measured: '', used: 0.2, times: [{ of: 'longest outage', limitMs: 5_000, ms: 1_000 * factor, plusMs: 20, minusMs: 20 }] }, { name: 'quorum', verdict: 'held', measured: '', used: 0, times: [] }],
    steps: [{ fault: 'zone', step: 'new instance running', ms: 3_000 * factor }],
    recovery: { ms: 6_000 * factor, plusMs: 100, minusMs: 100 },
    ...changes,
  };
}

/** So many repeats, whose times scatter by a few percent. */
export function repeats(count: number, factor: number, first = 0): RunSummary[] {
  return Array.from({ length: count }, (_, index) => summed(first + index, { factor: factor * (1 + 0.01 * ((index * 7) % 5)) }));
}
