import type { ProbeHistory } from '../history.ts';
import { Latencies } from '../traffic/latencies.ts';
import type { Standstill } from '../presence.ts';
import type { Bar, VerdictValue } from '../verdict.ts';
import { atMost, eachInWindow, notMeasured, timeOf, usedOf, type Finding, type SloInput, type Window } from './finding.ts';
import { countsRequests, requestsIn, windowsIn } from './requests.ts';
import { bar, count, time } from './words.ts';

const parts = ['p50', 'p99', 'p99.9', 'max'] as const;
const quantiles = { p50: 0.5, p99: 0.99, 'p99.9': 0.999, max: 1 } as const;

/**
 * `latency`: of the good answers in the window. Unknown answers may have been any fast or slow, and an answer that came
 * while the harness stood still may have lain unread: both make the error bar.
 */
export function judgeLatency(input: SloInput): Finding {
  const { slo, probe, window } = input;
  const limits = slo.latency!;
  const asked = parts.filter((part) => limits[part] !== undefined);
  const objective = asked.map((part) => `${part} at most ${time(limits[part]!)}`).join(', ');
  const told = countsRequests(probe) ? ofRequests(probe, window) : ofAnswers(input);
  if (!told) return notMeasured(objective, `${probe.name} gave no good answer`);
  const found = asked.map((part) => {
    const limit = limits[part]!;
    const length = told.quantile(quantiles[part]);
    return { part, limit, length, verdict: atMost(length, limit) };
  });
  const worst = found.reduce((a, b) => (rank[b.verdict] > rank[a.verdict] || (b.verdict === a.verdict && share(b) > share(a)) ? b : a));
  const { part, limit, length, verdict } = worst;
  const { among } = told;
  return {
    verdict,
    objective,
    measured: found.map((one) => `${one.part} ${bar(one.length)}`).join(', '),
    margin: marginOf(verdict, length, limit),
    used: share(worst),
    times: found.map((one) => timeOf(one.part, one.length)),
    reason: verdict === 'inconclusive' ? `too close to call: ${part} ${bar(length)} against ${time(limit)}, ${among}` : `${part} ${among}`,
  };
}

/** Latencies with their error bars, and of how many answers they are. */
interface Told {
  quantile(q: number): Bar;
  readonly among: string;
}

function ofAnswers({ probe, window, blind }: SloInput): Told | undefined {
  let good = 0;
  let unknown = 0;
  const most = probe.streams.reduce((sum, { observations }) => sum + observations.size, 0);
  const slowest = new Float64Array(most);
  // Without a standstill every answer was read as it came.
  const fastest = blind.length === 0 ? slowest : new Float64Array(most);
  for (const stream of probe.streams) {
    eachInWindow(stream, window, (start, end, value) => {
      if (value === 'unknown') unknown += 1;
      if (value !== 'good') return;
      slowest[good] = end - start;
      if (fastest !== slowest) fastest[good] = end - start - overlap(blind, start, end);
      good += 1;
    });
  }
  if (good === 0) return undefined;
  const [slow, fast] = [slowest.subarray(0, good).sort(), fastest === slowest ? slowest.subarray(0, good) : fastest.subarray(0, good).sort()];
  return {
    // Those that are unknown are slower than all, or faster.
    quantile: (q) => ({ min: quantileOf(fast, unknown, 0, q), max: quantileOf(slow, 0, unknown, q) }),
    among: `of ${count(good, 'good answer')}${unknown > 0 ? `, ${unknown} unknown` : ''}`,
  };
}

/**
 * Of a probe that counts requests: from when each was due. By as much as the harness was late with sending, the service may
 * have been quicker; requests of which nothing is known may have been any fast or slow.
 */
function ofRequests(probe: ProbeHistory, window: Window): Told | undefined {
  const latencies = new Latencies();
  let unknown = 0;
  for (const stream of probe.streams) {
    if (!stream.requests) continue;
    unknown += requestsIn(stream, window).unknown;
    for (const one of windowsIn(stream.requests, window).whole) if (one.latencies !== undefined) latencies.add(one.latencies, one.lateMs);
  }
  const { count: good, lateMs } = latencies;
  if (good === 0) return undefined;
  const all = good + unknown;
  return {
    quantile(q) {
      // The q-th of all is one of the good ones, with all that are unknown faster, or all slower.
      const slowest = q * all <= good ? latencies.quantile((q * all) / good).max : Infinity;
      const fastest = q * all > unknown ? latencies.quantile((q * all - unknown) / good).min : 0;
      return { min: Math.max(0, fastest - lateMs), max: slowest };
    },
    among: `of ${count(good, 'request')} that succeeded${unknown > 0 ? `, ${unknown} unknown` : ''}`,
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

/** The smallest of the values that at least `q` of them don't exceed, with so many zeros before the values, and so many infinities after them. */
function quantileOf(sorted: Float64Array, zeros: number, infinities: number, q: number): number {
  const index = Math.max(0, Math.ceil(q * (zeros + sorted.length + infinities)) - 1) - zeros;
  return index < 0 ? 0 : (sorted[index] ?? Infinity);
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
