import type { ProbeHistory, RequestHistory, StreamHistory } from '../history.ts';
import { failedIn } from '../traffic/window-value.ts';
import type { RequestWindow } from '../traffic/window.ts';
import type { Bar } from '../verdict.ts';
import type { Window } from './finding.ts';

/** The requests that were due in a stretch of time. Those of windows on its edges may belong to it or not: they make bars. */
export interface RequestSum {
  readonly ok: Bar;
  readonly failed: Bar;
  /** Not sent, not heard, or missing in the journal. */
  readonly unknown: number;
}

/** Whether a probe counts requests; its SLOs are about those then, and not about windows or time. */
export function countsRequests(probe: ProbeHistory): boolean {
  return probe.streams.some(({ requests }) => requests !== undefined);
}

/** Windows that are in a stretch of time whole, and those that are so in part. */
export function windowsIn({ windows }: RequestHistory, { fromMs, toMs }: Window): { readonly whole: RequestWindow[]; readonly cut: RequestWindow[] } {
  const overlap = windows.filter((one) => one.toMs > fromMs && one.fromMs < toMs);
  const isWhole = (one: RequestWindow): boolean => one.fromMs >= fromMs && one.toMs <= toMs;
  return { whole: overlap.filter(isWhole), cut: overlap.filter((one) => !isWhole(one)) };
}

export function requestsIn(stream: StreamHistory, window: Window): RequestSum {
  const { requests } = stream;
  if (!requests) return { ok: { min: 0, max: 0 }, failed: { min: 0, max: 0 }, unknown: 0 };
  const { whole, cut } = windowsIn(requests, window);
  const sum = (windows: readonly RequestWindow[], of: (one: RequestWindow) => number): number => windows.reduce((total, one) => total + of(one), 0);
  const ok = sum(whole, (one) => one.ok);
  const failed = sum(whole, failedIn);
  // In a window that is cut, failures between times inside are inside for sure; the others may be.
  const failedInside = sum(cut.filter(({ bad }) => bad && bad.firstMs >= window.fromMs && bad.lastMs < window.toMs), failedIn);
  return {
    ok: { min: ok, max: ok + sum(cut, (one) => one.ok) },
    failed: { min: failed + failedInside, max: failed + sum(cut, failedIn) },
    unknown: sum(whole, (one) => one.unknown) + missing(requests, window),
  };
}

/** How many requests were due in parts of the stretch that no window tells of. */
function missing({ windows, spacingMs }: RequestHistory, { fromMs, toMs }: Window): number {
  let reachedMs = fromMs;
  let missingMs = 0;
  for (const one of windows) {
    if (one.toMs <= fromMs) continue;
    if (one.fromMs >= toMs) break;
    missingMs += Math.max(0, one.fromMs - reachedMs);
    reachedMs = Math.max(reachedMs, one.toMs);
  }
  missingMs += Math.max(0, toMs - reachedMs);
  return Math.round(missingMs / spacingMs);
}
