import type { JudgedSlo, LatencySlice, RequestSlice } from '../../runner/verdict.ts';

/** Requests of one stream or endpoint, as they are drawn. */
export interface DrawnRequests {
  readonly name: string;
  /** Those in view. */
  readonly slices: readonly RequestSlice[];
  readonly latencies: readonly LatencySlice[];
  /** The objectives that are about them. */
  readonly slos: readonly JudgedSlo[];
}

/** From when to when a slice is, in milliseconds. */
export function spanOf({ atMs, forMs }: RequestSlice): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: atMs - forMs / 2, toMs: atMs + forMs / 2 };
}

export function failedIn({ failed }: RequestSlice): number {
  return Object.values(failed).reduce((sum, count) => sum + count, 0);
}

/** How many were to be sent. */
export function dueIn(slice: RequestSlice): number {
  return slice.ok + failedIn(slice) + slice.unknown;
}

/** Failures that are answers all the same. */
const answers: ReadonlySet<string> = new Set(['5xx', 'wrong answer']);

/** How many were answered, well or not. */
export function answeredIn({ ok, failed }: RequestSlice): number {
  return Object.entries(failed).reduce((sum, [kind, count]) => sum + (answers.has(kind) ? count : 0), ok);
}
