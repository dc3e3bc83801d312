import { scaleLog } from 'd3-scale';
import type { JudgedProbe, JudgedStream, LatencySlice, LatencySummary } from '../../runner/verdict.ts';
import { length } from '../words/times.ts';
import { laneRow } from './lanes.ts';
import type { View } from './lanes.ts';
import { html } from './markup.ts';
import type { Markup } from './markup.ts';
import { stairs, stretched } from './stairs.ts';

const box = { heightPx: 112, padPx: 10 } as const;
const curves = ['max', 'p99', 'p50'] as const;

/** The shortest slice that the judge makes: how long one lasts that stands alone. */
const shortestSliceMs = 1_000;

/** Asked less often than this, a slice has too few answers for a 99th percentile to mean anything. */
const oftenEnoughMs = 50;

/** What is faster is drawn as fast as this: the scale has no zero. */
const fastestMs = 0.1;

/** A probe that asks seldom has none, unless an objective is about its latency. */
export function hasLatencyLane(probe: JudgedProbe, { latency }: JudgedStream, judged: boolean): boolean {
  return latency.length > 0 && (judged || probe.everyMs <= oftenEnoughMs);
}

/**
 * The latency of good answers on a logarithmic scale, as the interesting values span four decades. Null without any, and
 * where {@link hasLatencyLane} says so.
 *
 * @param judged whether an objective is
 */
export function latencyLane(view: View, probe: JudgedProbe, stream: JudgedStream, judged: boolean): Markup | null {
  if (!hasLatencyLane(probe, stream, judged)) return null;
  const known = stream.latency.filter((slice) => curves.every((curve) => Number.isFinite(slice[curve])));
  const sliceMs = usualGapMs(known);
  const slices = known.filter((slice) => slice.atMs + sliceMs / 2 >= view.axis.fromMs && slice.atMs - sliceMs / 2 <= view.axis.toMs);
  if (slices.length === 0) return null;
  const y = heightScale(slices);
  const decades = y.ticks().filter((tick) => Number.isInteger(Math.log10(tick)));
  return laneRow(view, {
    name: stream.name === probe.name ? html`${probe.name} latency` : html`${stream.name} latency`,
    detail: html`<span class="key p50">p50</span> <span class="key p99">p99</span> <span class="key max">max</span>, log scale`,
    label: `${stream.name} latency: ${inWords(slices)}`,
    heightPx: box.heightPx,
    drawing: [
      decades.map((tick) => html`<line class="tick" x1="0" x2="100%" y1="${round(y(tick))}" y2="${round(y(tick))}"/>`),
      stretched('curves', box.heightPx, curves.map((curve) => html`<path class="${curve}" d="${percentileStairs(slices, curve, view, y)}"/>`)),
      decades.map((tick) => html`<text class="scale" x="4" y="${round(y(tick))}" dy="-0.3em">${length(tick)}</text>`),
    ],
  });
}

function heightScale(slices: readonly LatencySlice[]) {
  const values = slices.flatMap((slice) => curves.map((curve) => Math.max(slice[curve], fastestMs)));
  const least = 10 ** Math.floor(Math.log10(Math.min(...values)));
  return scaleLog([least, Math.max(10 * least, ...values)], [box.heightPx - box.padPx, box.padPx]).nice();
}

/** A slice's figure stands for the whole slice. Nothing was good where slices are missing, and no line is drawn across. */
export function percentileStairs(slices: readonly LatencySlice[], curve: keyof LatencySummary, { axis }: View, y: (ms: number) => number): string {
  const halfMs = usualGapMs(slices) / 2;
  return stairs(slices.map(({ atMs, ...summary }) => ({ fromMs: atMs - halfMs, toMs: atMs + halfMs, y: y(Math.max(summary[curve] ?? 0, fastestMs)) })), axis);
}

/** How long a slice is, as most are. */
export function usualGapMs(slices: readonly Pick<LatencySlice, 'atMs'>[]): number {
  const gaps = slices.slice(1).map((slice, index) => slice.atMs - slices[index]!.atMs).sort((left, right) => left - right);
  return gaps[Math.floor(gaps.length / 2)] || shortestSliceMs;
}

function inWords(slices: readonly LatencySlice[]): string {
  const worst = slices.reduce((left, right) => (right.max > left.max ? right : left));
  const p50s = slices.map((slice) => slice.p50).sort((left, right) => left - right);
  return `p50 usually ${length(p50s[Math.floor(p50s.length / 2)]!)}, the slowest good answer ${length(worst.max)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
