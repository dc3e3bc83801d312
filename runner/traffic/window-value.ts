import { ascending, quantile } from '../latency.ts';
import type { Answer } from '../probe.ts';
import type { FailureKind } from './outcome.ts';
import type { RequestWindow } from './window.ts';

export function failedIn({ failed }: Pick<RequestWindow, 'failed'>): number {
  return Object.values(failed).reduce((sum, count) => sum + count, 0);
}

/**
 * How far apart requests were due, in milliseconds: the median, as the last window may have been cut off.
 *
 * @param windows at least one
 */
export function spacingOf(windows: readonly RequestWindow[]): number {
  const distances = windows.map((window) => (window.toMs - window.fromMs) / (window.ok + failedIn(window) + window.unknown));
  return quantile(distances.sort(ascending), 0.5)!;
}

/** How many failed in all of these, by kind. */
export function failuresOf(windows: readonly Pick<RequestWindow, 'failed'>[]): RequestWindow['failed'] {
  const sum: Partial<Record<FailureKind, number>> = {};
  for (const { failed } of windows) {
    for (const [kind, count] of Object.entries(failed) as [FailureKind, number][]) sum[kind] = (sum[kind] ?? 0) + count;
  }
  return sum;
}

/** The most frequent kind of failure. */
export function mostFailed(failed: RequestWindow['failed']): FailureKind | undefined {
  const kinds = Object.entries(failed) as [FailureKind, number][];
  return kinds.toSorted((a, b) => b[1] - a[1])[0]?.[0];
}

/**
 * What a window says as one answer: bad when more than `badAbove` of the requests of which something is known failed,
 * unknown when nothing is known of most of them.
 *
 * @param badAbove 0 to 1; 0: any failure makes it bad
 */
export function valueOfWindow(window: RequestWindow, badAbove: number): Answer {
  const failed = failedIn(window);
  const known = window.ok + failed;
  if (known > 0 && failed / known > badAbove) return { value: 'bad', why: mostFailed(window.failed)! };
  return known > window.unknown ? { value: 'good' } : { value: 'unknown', why: 'not sent, or not heard' };
}
