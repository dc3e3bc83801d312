import type { RequestHistory } from '../history.ts';
import type { JudgedStream } from '../verdict.ts';
import { requestsOverTime } from './slices.ts';
import { failedIn, failuresOf } from './window-value.ts';
import type { RequestWindow } from './window.ts';

/** What a report shows of a probe's requests: their sums, and how they went over time. */
export function countedRequests(requests: RequestHistory): Omit<JudgedStream, 'name' | 'segments' | 'outages'> {
  const { windows } = requests;
  const sum = (of: (window: RequestWindow) => number): number => windows.reduce((total, window) => total + of(window), 0);
  const reasons = Object.entries(failuresOf(windows)).map(([why, count]) => ({ why, count }));
  const unknown = sum((window) => window.unknown);
  if (unknown > 0) reasons.push({ why: 'not sent, or not heard', count: unknown });
  const { slices, latencies, latency } = requestsOverTime(requests);
  return {
    good: sum(({ ok }) => ok),
    bad: sum(failedIn),
    unknown,
    latency: latencies,
    requests: { lateMs: windows.reduce((most, { lateMs }) => Math.max(most, lateMs), 0), latency, slices },
    reasons: reasons.sort((a, b) => b.count - a.count),
  };
}
