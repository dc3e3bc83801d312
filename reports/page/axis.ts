import { scaleUtc } from 'd3-scale';
import type { JudgedRun } from '../../runner/verdict.ts';

/** Time from left to right, in percent of the width: charts that are as wide as there is room need no script. */
export interface Axis {
  readonly fromMs: number;
  readonly toMs: number;
  /** Where a moment is, from 0 to 100; moments beyond the ends (infinity too) are at the ends. */
  at(atMs: number): number;
  /** Round moments, in milliseconds. */
  readonly ticks: readonly number[];
}

/**
 * @param count how many ticks at most; what is round decides
 */
export function timeAxis(fromMs: number, toMs: number, count = 8): Axis {
  const from = Number.isFinite(fromMs) ? fromMs : 0;
  const to = Number.isFinite(toMs) && toMs > from ? toMs : from + 1;
  // A time scale rather than a linear one, as its ticks are round in seconds and minutes: 15 s, 30 s, 1 min, 5 min.
  const scale = scaleUtc([new Date(from), new Date(to)], [0, 100]).clamp(true);
  return {
    fromMs: from,
    toMs: to,
    at: (atMs) => (Number.isNaN(atMs) ? 0 : scale(new Date(Math.min(Math.max(atMs, from), to)))),
    ticks: ticksOf(scale, count),
  };
}

/** No more than asked for, so that their texts don't run into each other. */
function ticksOf(scale: ReturnType<typeof scaleUtc>, most: number): number[] {
  for (let count = most; count > 1; count -= 1) {
    const ticks = scale.ticks(count);
    if (ticks.length <= most) return ticks.map((tick) => tick.getTime());
  }
  return [];
}

/** The axis of a whole run: wide enough for all that is drawn on it. */
export function axisOf(run: JudgedRun): Axis {
  const ends = [
    run.run.startMs, run.run.endMs,
    ...run.phases.flatMap((phase) => [phase.fromMs, phase.toMs]),
    ...run.lives.flatMap((life) => life.segments.flatMap((segment) => [segment.fromMs, segment.toMs])),
  ].filter(Number.isFinite);
  return timeAxis(Math.min(...ends), Math.max(...ends));
}

/** A coordinate for SVG attributes. */
export function percent(value: number): string {
  return `${Number(value.toFixed(3))}%`;
}

/** How a tick is called: `t+5 s`; fractions of a second only where the ticks are that close. */
export function tickName(atMs: number): string {
  const text = `${Number(Math.abs(atMs / 1_000).toFixed(3))} s`;
  return atMs < 0 ? `−${text}` : atMs === 0 ? '0' : text;
}

/** How text beside a point is anchored so that it doesn't leave the chart. */
export function anchorAt(position: number, edge = 5): 'start' | 'middle' | 'end' {
  if (position < edge) return 'start';
  return position > 100 - edge ? 'end' : 'middle';
}
