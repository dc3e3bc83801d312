import { scaleLinear, scaleUtc } from 'd3-scale';
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
export function timeAxis(fromMs: number, toMs: number, count = 10): Axis {
  const from = Number.isFinite(fromMs) ? fromMs : 0;
  const to = Number.isFinite(toMs) && toMs - from >= 1 ? toMs : from + 1;
  const scale = scaleLinear([from, to], [0, 100]).clamp(true);
  return {
    fromMs: from,
    toMs: to,
    at: (atMs) => (Number.isNaN(atMs) ? 0 : scale(Math.min(Math.max(atMs, from), to))),
    ticks: ticksOf(from, to, count),
  };
}

/**
 * Round seconds for a minute or two, round minutes for what is longer. No more than asked for, so that their texts don't
 * run into each other.
 */
function ticksOf(fromMs: number, toMs: number, most: number): number[] {
  const round =
    toMs - fromMs < 120_000
      ? (count: number) => scaleLinear([fromMs, toMs], [0, 1]).ticks(count)
      : (count: number) => scaleUtc([new Date(fromMs), new Date(toMs)], [0, 1]).ticks(count).map((tick) => tick.getTime());
  for (let count = most; count > 1; count -= 1) {
    const ticks = round(count);
    if (ticks.length <= most) return ticks;
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
export function anchorAt(position: number, edge = 3): 'start' | 'middle' | 'end' {
  if (position < edge) return 'start';
  return position > 100 - edge ? 'end' : 'middle';
}
