import type { Slo } from '../../scenarios/schema.ts';
import type { JudgedConsistency } from '../consistency/judge-recorded.ts';
import type { FaultHistory, History, ProbeHistory, StreamHistory } from '../history.ts';
import type { ObservationColumns } from '../observation-columns.ts';
import { outagesBetween, type Observation, type Silence } from '../outages.ts';
import type { Standstill } from '../presence.ts';
import type { Bar, JudgedSlo, MeasuredTime, Outage, VerdictValue } from '../verdict.ts';

/** What one form of SLO finds out; the judge adds whose it is. */
export type Finding = Pick<JudgedSlo, 'verdict' | 'objective' | 'measured' | 'margin' | 'used' | 'reason' | 'times'>;

/** All that an SLO is judged from. Times count from the first fault, in milliseconds. */
export interface SloInput {
  readonly slo: Slo;
  readonly probe: ProbeHistory;
  /** The part of the run that it is about, which ends with the recovery phase at the latest. */
  readonly window: Window;
  readonly faults: readonly FaultHistory[];
  /** How long a streak of good answers must last to be a recovery. */
  readonly stableForMs: number;
  readonly blind: readonly Standstill[];
  /** What became of the history that the probe has recorded; undefined when it has none. */
  readonly consistency?: JudgedConsistency | undefined;
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** From the first fault to the end of the recovery phase, or as far as the journal goes. */
export function windowOf({ phases, endMs }: Pick<History, 'phases' | 'endMs'>): Window {
  const over = phases.findLast(({ phase, fromMs }) => phase === 'recover' && fromMs >= 0)?.toMs;
  const undone = phases.find(({ phase, fromMs }) => fromMs >= 0 && (phase === 'undo' || phase === 'done'))?.fromMs;
  return { fromMs: 0, toMs: over ?? undone ?? endMs };
}

/** Held only if the whole bar meets the objective, broken only if the whole bar misses it. */
export function atMost(measured: Bar, limit: number): VerdictValue {
  if (measured.max <= limit) return 'held';
  return measured.min > limit ? 'broken' : 'inconclusive';
}

/** As {@link atMost}, the other way round. */
export function atLeast(measured: Bar, limit: number): VerdictValue {
  if (measured.min >= limit) return 'held';
  return measured.max < limit ? 'broken' : 'inconclusive';
}

/** How much of a limit was used up; a limit of nothing is used up by anything. */
export function usedOf(value: number, limit: number): number {
  if (limit > 0) return value / limit;
  return value > 0 ? 2 : 0;
}

/**
 * The questions of the window. Those that were still under way when the window ended say nothing: they are left out.
 */
export function inWindow(stream: StreamHistory, window: Window): Observation[] {
  const found: Observation[] = [];
  eachInWindow(stream, window, (start, end, value, why) => found.push({ start, end, value, why }));
  return found;
}

/** The same, one by one: a long drill has millions. */
export function eachInWindow({ observations }: StreamHistory, { fromMs, toMs }: Window, visit: Parameters<ObservationColumns['each']>[0]): void {
  observations.each((start, end, value, why) => {
    if (start >= fromMs && start <= toMs && !(value === 'unknown' && end >= toMs)) visit(start, end, value, why);
  });
}

/**
 * The longest stretch without anything known that is still no lack of data: a question may take as long as its deadline
 * to be told, and one that is missing here or there hides nothing that could be seen otherwise.
 */
export function toleratedMs(probe: Pick<ProbeHistory, 'everyMs' | 'timeoutMs'>): number {
  return Math.max(2.5 * probe.everyMs, probe.timeoutMs);
}

/**
 * The longest stretch without an answer that breaks no streak of good ones, though it may be an outage by itself: answers
 * may be late within their deadline, and are, on a busy machine. Beyond this, waiting something out is not being good.
 */
export function longestLateMs({ everyMs, timeoutMs }: Pick<ProbeHistory, 'everyMs' | 'timeoutMs'>): number {
  return Math.max(2 * everyMs, timeoutMs / 2);
}

/** Stretches of the window, longer than tolerated, in which nothing is known of a stream. */
export function uncovered(stream: StreamHistory, probe: ProbeHistory, window: Window): Standstill[] {
  const tolerated = toleratedMs(probe);
  const found: Standstill[] = [];
  // The last question may have been asked a deadline before the end, and the first an interval after the beginning.
  let from = window.fromMs;
  const knownAt = (to: number): void => {
    if (to - from > tolerated) found.push({ from, to });
    from = to;
  };
  eachInWindow(stream, window, (start, _end, value) => {
    if (value !== 'unknown') knownAt(start);
  });
  knownAt(Math.max(window.fromMs, window.toMs - tolerated));
  return found;
}

/** The outages of a stream that were under way at some time of the window. */
export function outagesIn(stream: StreamHistory, { fromMs, toMs }: Window): Outage[] {
  return stream.outages.filter(({ start, end }) => start.max <= toMs && (end?.max ?? Infinity) > fromMs);
}

/**
 * Stretches of the window without a good answer that are no outages, as far as is known: an outage could hide in each of
 * them. The one before the first good answer and the one after the last count when they are longer than two intervals.
 */
export function silencesIn(stream: StreamHistory, { everyMs }: ProbeHistory, window: Window): Silence[] {
  const { fromMs, toMs } = window;
  let firstGood = toMs;
  let lastGood = fromMs;
  stream.observations.each((start, end, value) => {
    if (value !== 'good' || start > toMs) return;
    firstGood = Math.min(firstGood, end);
    lastGood = Math.max(lastGood, end);
  });
  const edges = [{ from: fromMs, to: firstGood }, { from: lastGood, to: toMs }].filter(({ from, to }) => to - from > 2.5 * everyMs);
  return [...stream.silences.filter(({ from, to }) => from <= toMs && to > fromMs), ...edges].filter(
    ({ from, to }) => !outagesBetween(stream.outages, from, to).some(({ start, end }) => start.min < to && from < (end?.max ?? Infinity)),
  );
}

/** A length of time for comparing runs, with the middle of its bar as the best figure where no better one is known. */
export function timeOf(of: string, length: Bar, bestMs = length.max === Infinity ? Infinity : (length.min + length.max) / 2): MeasuredTime {
  return { of, length, bestMs };
}

/** An SLO that can't be judged, and why. */
export function notMeasured(objective: string, reason: string): Finding {
  return { verdict: 'inconclusive', objective, measured: 'nothing', margin: '', used: null, reason };
}
