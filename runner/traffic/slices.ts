import type { RequestHistory } from '../history.ts';
import type { LatencySlice, LatencySummary, RequestSlice } from '../verdict.ts';
import { Latencies } from './latencies.ts';
import { failuresOf } from './window-value.ts';
import type { RequestWindow } from './window.ts';

/** Requests over time, for a picture of them. */
export interface RequestsOverTime {
  readonly slices: readonly RequestSlice[];
  /** Coarser: a percentile of few requests would be chance. */
  readonly latencies: readonly LatencySlice[];
  /** Of all that succeeded; null when none did. */
  readonly latency: LatencySummary | null;
}

/** More can't be told apart in a picture. */
const most = { slices: 600, latencies: 300 };
/** A slice has at least so many requests, where they are that many: a share of fewer says little. */
const fewestRequests = 10;
const shortestLatencyMs = 1_000;

/** Cuts windows of requests into slices, each of whole windows. */
export function requestsOverTime({ windows, spacingMs }: RequestHistory): RequestsOverTime {
  const first = windows[0];
  if (!first) return { slices: [], latencies: [], latency: null };
  const wholeMs = windows.at(-1)!.toMs - first.fromMs;
  const windowMs = Math.max(1, Math.round(first.toMs - first.fromMs));
  const whole = new Latencies();
  const coarse = new Map<number, Latencies>();
  const coarseMs = multipleOf(shortestLatencyMs, wholeMs / most.latencies);
  const own = new Latencies();
  const slices = slicesOf(windows, multipleOf(windowMs, Math.max(wholeMs / most.slices, fewestRequests * spacingMs))).map((part): RequestSlice => {
    own.reset();
    for (const { latencies } of part) if (latencies !== undefined) own.add(latencies);
    whole.addAll(own);
    const slice = sliceOf(part, own);
    const index = Math.floor(slice.atMs / coarseMs);
    const at = coarse.get(index) ?? new Latencies();
    at.addAll(own);
    coarse.set(index, at);
    return slice;
  });
  const latencies = [...coarse].flatMap(([index, one]) => {
    const summary = one.summary();
    return summary ? [{ atMs: (index + 0.5) * coarseMs, ...summary }] : [];
  });
  return { slices, latencies, latency: whole.summary() };
}

function multipleOf(unitMs: number, leastMs: number): number {
  return unitMs * Math.max(1, Math.ceil(leastMs / unitMs - 1e-9));
}

function slicesOf(windows: readonly RequestWindow[], forMs: number): readonly (readonly RequestWindow[])[] {
  return [...Map.groupBy(windows, ({ fromMs, toMs }) => Math.floor((fromMs + toMs) / 2 / forMs)).values()];
}

function sliceOf(windows: readonly RequestWindow[], latencies: Latencies): RequestSlice {
  const fromMs = windows[0]!.fromMs;
  const forMs = windows.at(-1)!.toMs - fromMs;
  return {
    atMs: rounded(fromMs + forMs / 2),
    forMs: rounded(forMs),
    ok: windows.reduce((total, { ok }) => total + ok, 0),
    failed: failuresOf(windows),
    unknown: windows.reduce((total, { unknown }) => total + unknown, 0),
    buckets: latencies.buckets(),
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
