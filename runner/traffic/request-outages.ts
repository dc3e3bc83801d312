import { shortestIntervals, type Outages, type Silence } from '../outages.ts';
import type { Value } from '../probe.ts';
import type { Bar, Outage } from '../verdict.ts';
import { latenciesIn } from './latencies.ts';
import { failuresOf, mostFailed } from './window-value.ts';
import type { RequestWindow } from './window.ts';

/** A window, and what it says as one answer. */
export interface ValuedWindow {
  readonly window: RequestWindow;
  readonly value: Value;
}

/** How many windows before an outage tell what answers usually take. */
const usualFrom = 10;
/** Timers and reads are late by about as much at the best of times. */
const slackMs = 1.5;

/**
 * Finds the outages in windows of requests. An outage is a run of bad windows whose failures are not further apart than
 * one window is long; it is measured between requests, from the last good one that was due before the first failed one to
 * the first good one after the last.
 *
 * Its bounds. It began after the last good request was due. It began before it was settled that the first failed one had
 * failed, and before that one should have been answered at the latest. It ended after the last failed one was due, and
 * before the first good answer came.
 *
 * @param windows by time
 * @param spacingMs how far apart requests are due
 */
export function findRequestOutages(windows: readonly ValuedWindow[], spacingMs: number): Outages {
  const outages: Outage[] = [];
  for (let index = 0; index < windows.length; index++) {
    if (windows[index]!.value !== 'bad') continue;
    const last = lastOfRun(windows, index);
    const outage = outageOf(windows, index, last, spacingMs);
    if (outage) outages.push(outage);
    index = last;
  }
  return { outages, silences: silencesOf(windows, spacingMs) };
}

/** Where a run of bad windows ends. Windows of which nothing is known don't end it. */
function lastOfRun(windows: readonly ValuedWindow[], first: number): number {
  let last = first;
  for (let next = first + 1; next < windows.length; next++) {
    const { window, value } = windows[next]!;
    if (value === 'good') break;
    if (value === 'unknown') continue;
    const before = windows[last]!.window;
    if (window.bad!.firstMs - before.bad!.lastMs > window.toMs - window.fromMs && window.bad!.beforeMs !== null) break;
    last = next;
  }
  return last;
}

function outageOf(windows: readonly ValuedWindow[], first: number, last: number, spacingMs: number): Outage | undefined {
  const begins = windows[first]!.window.bad!;
  const ends = windows[last]!.window.bad!;
  const goodBefore = windows.slice(0, first).findLast(({ window }) => window.good)?.window.good?.lastMs;
  const beforeMs = begins.beforeMs ?? goodBefore;
  const next = windows.slice(last + 1).find(({ window }) => window.good)?.window.good;
  const after = ends.afterMs !== null ? { dueMs: ends.afterMs, answeredMs: ends.answeredMs! } : next && { dueMs: next.firstMs, answeredMs: next.answeredMs };

  const usual = usualBefore(windows, first);
  const from = beforeMs ?? begins.firstMs;
  const start: Bar = { min: from, max: Math.max(from, Math.min(begins.settledMs, begins.firstMs + usual.sureMs, after?.answeredMs ?? Infinity)) };
  const end: Bar | null = after ? { min: Math.max(ends.lastMs, start.min), max: after.answeredMs } : null;
  const bestStart = beforeMs === undefined ? begins.firstMs : (beforeMs + begins.firstMs) / 2;
  // What waited was answered as the service came back; else it came back between the last failure and the request after.
  const waited = after !== undefined && after.answeredMs - after.dueMs > usual.sureMs;
  const back = after && (waited ? after.answeredMs - usual.medianMs / 2 : (ends.lastMs + after.dueMs) / 2);
  const bestEnd = back === undefined ? ends.lastMs : Math.max(bestStart, back);
  if (bestEnd - bestStart < shortestIntervals * spacingMs) return undefined;
  return {
    start,
    end,
    length: { min: Math.max(0, (end?.min ?? ends.lastMs) - start.max), max: end ? end.max - start.min : Number.POSITIVE_INFINITY },
    lengthMs: bestEnd - bestStart,
    why: mostFailed(failuresOf(windows.slice(first, last + 1).map(({ window }) => window))) ?? '',
  };
}

/** What good answers took in the windows before; a request that is unanswered for longer than `sureMs` is not being answered. */
function usualBefore(windows: readonly ValuedWindow[], index: number): { medianMs: number; sureMs: number } {
  const goods = windows.slice(0, index).filter(({ value, window }) => value === 'good' && window.latencies !== undefined);
  const latencies = latenciesIn(goods.slice(-usualFrom).map(({ window }) => window));
  if (latencies.count === 0) return { medianMs: 0, sureMs: Number.POSITIVE_INFINITY };
  return { medianMs: latencies.quantile(0.5).max, sureMs: 2 * latencies.maxMs + slackMs };
}

/** Stretches between good requests in which others were not sent or not heard, or that no window tells of. */
function silencesOf(windows: readonly ValuedWindow[], spacingMs: number): Silence[] {
  const silences: Silence[] = [];
  let lastGoodMs: number | undefined;
  let reachedMs: number | undefined;
  let openFromMs: number | undefined;
  const close = (toMs: number): void => {
    if (openFromMs !== undefined && toMs - openFromMs > 2 * spacingMs) silences.push({ from: openFromMs, to: toMs });
    openFromMs = undefined;
  };
  for (const { window } of windows) {
    const { good, unsure, fromMs, toMs } = window;
    if (reachedMs !== undefined && fromMs - reachedMs > spacingMs) openFromMs ??= lastGoodMs ?? reachedMs;
    if (openFromMs !== undefined && good) close(good.answeredMs);
    if (unsure) {
      openFromMs ??= unsure.beforeMs ?? lastGoodMs ?? fromMs;
      if (unsure.answeredMs !== null) close(unsure.answeredMs);
    }
    lastGoodMs = good?.lastMs ?? lastGoodMs;
    reachedMs = toMs;
  }
  if (openFromMs !== undefined && reachedMs !== undefined) close(reachedMs);
  return silences;
}
