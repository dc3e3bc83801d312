import type { RequestHistory } from '../history.ts';
import type { JudgedStream } from '../verdict.ts';
import { latenciesIn } from './latencies.ts';
import { failedIn, failuresOf } from './window-value.ts';
import type { RequestWindow } from './window.ts';

/** More can't be told apart in a picture. */
const maxSlices = 300;
const shortestSliceMs = 1_000;

/** What a report shows of requests: their sums, and slices of at least one second. */
export function countedRequests({ windows }: RequestHistory): Omit<JudgedStream, 'name' | 'segments' | 'outages'> {
  const sum = (of: (window: RequestWindow) => number): number => windows.reduce((total, window) => total + of(window), 0);
  const reasons = Object.entries(failuresOf(windows)).map(([why, count]) => ({ why, count }));
  const unknown = sum((window) => window.unknown);
  if (unknown > 0) reasons.push({ why: 'not sent, or not heard', count: unknown });
  const slices = slicesOf(windows);
  return {
    good: sum(({ ok }) => ok),
    bad: sum(failedIn),
    unknown,
    latency: slices.flatMap(latencyOf),
    requests: {
      lateMs: windows.reduce((most, { lateMs }) => Math.max(most, lateMs), 0),
      slices: slices.map(({ atMs, forMs, windows: own }) => ({
        atMs,
        forMs,
        ok: own.reduce((total, { ok }) => total + ok, 0),
        failed: failuresOf(own),
        unknown: own.reduce((total, one) => total + one.unknown, 0),
      })),
    },
    reasons: reasons.sort((a, b) => b.count - a.count),
  };
}

interface Slice {
  /** Its middle. */
  readonly atMs: number;
  readonly forMs: number;
  readonly windows: readonly RequestWindow[];
}

function slicesOf(windows: readonly RequestWindow[]): Slice[] {
  const first = windows[0];
  if (!first) return [];
  const forMs = Math.max(shortestSliceMs, Math.ceil((windows.at(-1)!.toMs - first.fromMs) / maxSlices / shortestSliceMs) * shortestSliceMs);
  const slices = Map.groupBy(windows, ({ fromMs }) => Math.floor(fromMs / forMs));
  return [...slices].map(([index, own]) => ({ atMs: (index + 0.5) * forMs, forMs, windows: own }));
}

function latencyOf({ atMs, windows }: Slice): JudgedStream['latency'][number][] {
  const summary = latenciesIn(windows).summary();
  return summary ? [{ atMs, ...summary }] : [];
}
