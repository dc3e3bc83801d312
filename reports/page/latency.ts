import { scaleLog } from 'd3-scale';
import { curveMonotoneX, line } from 'd3-shape';
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

/** The latency of good answers on a logarithmic scale, as the interesting values span four decades; null without any. */
export function latencyLane(view: View, probe: JudgedProbe, stream: JudgedStream): Markup | null {
  const slices = stream.latency.filter(
    (slice) => curves.every((curve) => Number.isFinite(slice[curve])) && slice.atMs >= view.axis.fromMs && slice.atMs <= view.axis.toMs,
  );
  if (slices.length === 0) return null;
  const y = heightScale(slices);
  const decades = y.ticks(4).filter((tick) => Number.isInteger(Math.log10(tick)) || y.domain()[1]! / y.domain()[0]! < 30);
  return laneRow(view, {
    name: stream.name === probe.name ? html`${probe.name} latency` : html`${stream.name} latency`,
    detail: html`<span class="key p50">p50</span> <span class="key p99">p99</span> <span class="key max">max</span>, log scale`,
    label: `${stream.name} latency: ${inWords(slices)}`,
    heightPx: box.heightPx,
    drawing: [
      decades.map((tick) => html`<line class="tick" x1="0" x2="100%" y1="${round(y(tick))}" y2="${round(y(tick))}"/>`),
      html`<svg class="curves" width="100%" height="${box.heightPx}" viewBox="0 0 ${box.width} ${box.heightPx}" preserveAspectRatio="none">${curves.map(
        (curve) => html`<path class="${curve}" d="${path(slices, curve, view.axis, y)}"/>`,
      )}</svg>`,
      decades.map((tick) => html`<text class="scale" x="4" y="${round(y(tick))}" dy="-0.3em">${length(tick)}</text>`),
    ],
  });
}

type HeightScale = ReturnType<typeof heightScale>;

function heightScale(slices: readonly Slice[]) {
  const values = slices.flatMap((slice) => curves.map((curve) => Math.max(slice[curve], 0.01)));
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  return scaleLog([least, Math.max(greatest, least * 2)], [box.heightPx - box.padPx, box.padPx]).nice();
}

/** A line is broken where slices are missing: nothing was good then, and no line says so better than one across. */
function path(slices: readonly Slice[], curve: (typeof curves)[number], axis: Axis, y: HeightScale): Content {
  const usual = usualGapMs(slices);
  const withGaps = slices.flatMap((slice, index): (Slice | null)[] => {
    const before = slices[index - 1];
    return before && slice.atMs - before.atMs > usual * 1.9 ? [null, slice] : [slice];
  });
  return line<Slice | null>()
    .defined((slice) => slice !== null)
    .x((slice) => round((axis.at(slice!.atMs) / 100) * box.width))
    .y((slice) => round(y(Math.max(slice![curve], 0.01))))
    .curve(curveMonotoneX)
    .digits(1)(withGaps);
}

function usualGapMs(slices: readonly Slice[]): number {
  const gaps = slices.slice(1).map((slice, index) => slice.atMs - slices[index]!.atMs).sort((left, right) => left - right);
  return gaps[Math.floor(gaps.length / 2)] ?? Infinity;
}

function inWords(slices: readonly Slice[]): string {
  const worst = slices.reduce((left, right) => (right.max > left.max ? right : left));
  const p50s = slices.map((slice) => slice.p50).sort((left, right) => left - right);
  return `p50 usually ${length(p50s[Math.floor(p50s.length / 2)]!)}, the slowest good answer ${length(worst.max)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
