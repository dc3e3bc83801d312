import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import type { JudgedProbe, JudgedStream } from '../../runner/verdict.ts';
import { length } from '../words/times.ts';
import type { Axis } from './axis.ts';
import { html } from './markup.ts';
import type { Content, Markup } from './markup.ts';
import { laneRow } from './lanes.ts';
import type { View } from './lanes.ts';

type Slice = JudgedStream['latency'][number];

/** The drawing's own units; it is stretched to the room there is, its lines are not. */
const box = { width: 1_000, heightPx: 112, padPx: 10 } as const;
const curves = ['max', 'p99', 'p50'] as const;

/** The shortest slice that the judge makes: how long one lasts that stands alone. */
const shortestSliceMs = 1_000;

/** Asked less often than this, a slice has too few answers for a 99th percentile to mean anything. */
const oftenEnoughMs = 50;

/** What is faster is drawn as fast as this: the scale has no zero. */
const fastestMs = 0.1;

/**
 * The latency of good answers on a logarithmic scale, as the interesting values span four decades. Null without any, and
 * for a probe that asks seldom, unless an objective is about its latency.
 *
 * @param judged whether an objective is
 */
export function latencyLane(view: View, probe: JudgedProbe, stream: JudgedStream, judged: boolean): Markup | null {
  if (!judged && probe.everyMs > oftenEnoughMs) return null;
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
      html`<svg class="curves" width="100%" height="${box.heightPx}" viewBox="0 0 ${box.width} ${box.heightPx}"
preserveAspectRatio="none">${curves.map(
        (curve) => html`<path class="${curve}" d="${path(slices, sliceMs, curve, view.axis, y)}"/>`,
      )}</svg>`,
      decades.map((tick) => html`<text class="scale" x="4" y="${round(y(tick))}" dy="-0.3em">${length(tick)}</text>`),
    ],
  });
}

type HeightScale = ReturnType<typeof heightScale>;

function heightScale(slices: readonly Slice[]) {
  const values = slices.flatMap((slice) => curves.map((curve) => Math.max(slice[curve], fastestMs)));
  const least = 10 ** Math.floor(Math.log10(Math.min(...values)));
  return scaleLog([least, Math.max(10 * least, ...values)], [box.heightPx - box.padPx, box.padPx]).nice();
}

/**
 * Stairs, as a slice's figure stands for the whole slice. Broken where slices are missing: nothing was good then, and no
 * line says so better than one across.
 */
function path(slices: readonly Slice[], sliceMs: number, curve: (typeof curves)[number], axis: Axis, y: HeightScale): Content {
  // Not clamped as the axis is: a step may begin before the chart does.
  const x = scaleLinear([axis.fromMs, axis.toMs], [0, box.width]);
  const corners = slices.flatMap((slice, index): (readonly [number, number] | null)[] => {
    const before = slices[index - 1];
    const height = y(Math.max(slice[curve], fastestMs));
    const stair = [[x(slice.atMs - sliceMs / 2), height], [x(slice.atMs + sliceMs / 2), height]] as const;
    return before && slice.atMs - before.atMs > sliceMs * 1.5 ? [null, ...stair] : [...stair];
  });
  return line<readonly [number, number] | null>()
    .defined((corner) => corner !== null)
    .x((corner) => corner![0])
    .y((corner) => corner![1])
    .digits(1)(corners);
}

function usualGapMs(slices: readonly Slice[]): number {
  const gaps = slices.slice(1).map((slice, index) => slice.atMs - slices[index]!.atMs).sort((left, right) => left - right);
  return gaps[Math.floor(gaps.length / 2)] || shortestSliceMs;
}

function inWords(slices: readonly Slice[]): string {
  const worst = slices.reduce((left, right) => (right.max > left.max ? right : left));
  const p50s = slices.map((slice) => slice.p50).sort((left, right) => left - right);
  return `p50 usually ${length(p50s[Math.floor(p50s.length / 2)]!)}, the slowest good answer ${length(worst.max)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
