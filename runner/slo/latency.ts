import { ascending, quantile } from '../latency.ts';
import type { Standstill } from '../presence.ts';
import type { Bar, VerdictValue } from '../verdict.ts';
import { atMost, inWindow, notMeasured, usedOf, type Finding, type SloInput } from './finding.ts';
import { bar, count, time } from './words.ts';

const parts = ['p50', 'p99', 'max'] as const;
const quantiles = { p50: 0.5, p99: 0.99, max: 1 } as const;

/**
 * `latency`: of the good answers in the window. Unknown answers may have been any fast or slow, and an answer that came
 * while the harness stood still may have lain unread: both make the error bar.
 */
export function judgeLatency({ slo, probe, window, blind }: SloInput): Finding {
  const limits = slo.latency!;
  const asked = parts.filter((part) => limits[part] !== undefined);
  const objective = asked.map((part) => `${part} at most ${time(limits[part]!)}`).join(', ');
  const answers = probe.streams.flatMap((stream) => inWindow(stream, window));
  const good = answers.filter((one) => one.value === 'good');
  const unknown = answers.filter((one) => one.value === 'unknown').length;
  if (good.length === 0) return notMeasured(objective, `${probe.name} gave no good answer`);

  const slowest = [...good.map((one) => one.end - one.start), ...Array<number>(unknown).fill(Infinity)].sort(ascending);
  const fastest = [
    ...good.map((one) => one.end - one.start - overlap(blind, one.start, one.end)),
    ...Array<number>(unknown).fill(0),
  ].sort(ascending);
  const found = asked.map((part) => {
    const limit = limits[part]!;
    const length: Bar = { min: quantile(fastest, quantiles[part])!, max: quantile(slowest, quantiles[part])! };
    return { part, limit, length, verdict: atMost(length, limit) };
  });
  const worst = found.reduce((a, b) => (rank[b.verdict] > rank[a.verdict] || (b.verdict === a.verdict && share(b) > share(a)) ? b : a));
  const { part, limit, length, verdict } = worst;
  const among = `of ${count(good.length, 'good answer')}${unknown > 0 ? `, ${unknown} unknown` : ''}`;
  return {
    verdict,
    objective,
    measured: found.map((one) => `${one.part} ${bar(one.length)}`).join(', '),
    margin: marginOf(verdict, length, limit),
    used: share(worst),
    reason: verdict === 'inconclusive' ? `too close to call: ${part} ${bar(length)} against ${time(limit)}, ${among}` : `${part} ${among}`,
  };
}

const rank: Record<VerdictValue, number> = { broken: 2, inconclusive: 1, held: 0 };

function share({ length, limit }: { length: Bar; limit: number }): number {
  return usedOf(Number.isFinite(length.max) ? length.max : length.min, limit);
}

function marginOf(verdict: VerdictValue, { min, max }: Bar, limit: number): string {
  if (verdict === 'held') return `${time(limit - max)} to spare`;
  return verdict === 'broken' ? `over by ${time(min - limit)}` : '';
}

/** How much of a stretch the harness stood still. */
function overlap(blind: readonly Standstill[], from: number, to: number): number {
  let sum = 0;
  let reached = from;
  for (const one of blind) {
    const begin = Math.max(reached, one.from);
    const end = Math.min(to, one.to);
    if (end <= begin) continue;
    sum += end - begin;
    reached = end;
  }
  return sum;
}
