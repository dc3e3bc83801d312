import { scaleLog } from 'd3-scale';
import type { JudgedSlo, RequestSlice } from '../../runner/verdict.ts';
import { length } from '../words/times.ts';
import type { Axis } from './axis.ts';
import { laneRow } from './lanes.ts';
import type { View } from './lanes.ts';
import { percentileStairs } from './latency.ts';
import { limitLines } from './limits.ts';
import type { Limit } from './limits.ts';
import { html } from './markup.ts';
import type { Markup } from './markup.ts';
import { dueIn, spanOf } from './request-slices.ts';
import type { DrawnRequests } from './request-slices.ts';
import { across, follows, rounded, stretched } from './stairs.ts';

const box = { heightPx: 132, padPx: 8 } as const;
/** The last is on top: of few requests the 99.9th percentile is the 99th. */
const curves = ['p99', 'p99.9', 'p50'] as const;
const limitParts = ['p50', 'p99', 'p99.9', 'max'] as const;

/** Buckets are so many to a decade: the judge's. */
const perDecade = 10;
/** From which share of a slice's requests on a cell has its shade. */
const shades = [0, 0.05, 0.15, 0.3, 0.5] as const;

/**
 * How long requests took that succeeded: the darker, the larger the share of all that were due. The percentiles and what
 * the objectives allow are lines above it. Null where none succeeded.
 */
export function heatLane(view: View, { name, slices, latencies, slos }: DrawnRequests): Markup | null {
  const cells = cellsOf(slices);
  const shown = latencies.filter(({ atMs, p50, p99, max }) => [atMs, p50, p99, max].every(Number.isFinite));
  if (cells.length === 0 || shown.length === 0) return null;
  const asked = limitsOf(slos);
  const y = heightScale(cells, asked.map(({ ms }) => ms));
  const decades = y.ticks().filter((tick) => Number.isInteger(Math.log10(tick)));
  const limits = asked.map(({ ms, text, part, during }): Limit => ({ y: y(ms), text, part, during }));
  return laneRow(view, {
    name: html`${name} latency`,
    detail: html`<span class="key p50">p50</span> <span class="key p99">p99</span> <span class="key p999">p99.9</span>, shade: share`,
    label: `${name} latency: ${inWords(view, shown)}${asked.map(({ text }) => `; limit ${text}`).join('')}`,
    heightPx: box.heightPx,
    drawing: [
      stretched('heat', box.heightPx, shades.map((_, shade) => html`<path class="heat-${shade}" d="${cellPath(cells.filter((cell) => cell.shade === shade), view.axis, y)}"/>`)),
      decades.map((tick) => html`<line class="tick" x1="0" x2="100%" y1="${rounded(y(tick))}" y2="${rounded(y(tick))}"/>`),
      stretched('curves over', box.heightPx, curves.map((curve) => {
        const path = percentileStairs(shown, curve, view, y);
        return html`${curve !== 'p99.9' && html`<path class="casing" d="${path}"/>`}<path class="${curve.replace('.', '')}" d="${path}"/>`;
      })),
      decades.map((tick) => html`<text class="scale" x="4" y="${rounded(y(tick))}" dy="-0.3em">${length(tick)}</text>`),
      limitLines(view, limits),
    ],
  });
}

/** A bucket over some slices in which it has about the same share. */
interface Cell {
  readonly fromMs: number;
  toMs: number;
  /** The upper end: so many tenths of a decade above a millisecond. */
  readonly row: number;
  readonly shade: number;
}

/** Neighbours of one shade are one cell, so that a steady service is a few of them. */
function cellsOf(slices: readonly RequestSlice[]): Cell[] {
  const cells: Cell[] = [];
  const open = new Map<number, Cell>();
  for (const slice of slices) {
    const span = spanOf(slice);
    for (const [bound, count] of Object.entries(slice.buckets)) {
      const row = Math.round(perDecade * Math.log10(Number(bound)));
      if (!Number.isFinite(row) || count <= 0) continue;
      const shade = shades.findLastIndex((from) => count / dueIn(slice) > from);
      const before = open.get(row);
      if (before && before.shade === shade && follows(before, span)) {
        before.toMs = span.toMs;
        continue;
      }
      const cell = { ...span, row, shade };
      open.set(row, cell);
      cells.push(cell);
    }
  }
  return cells;
}

function cellPath(cells: readonly Cell[], axis: Axis, y: (ms: number) => number): string {
  const x = across(axis);
  const edge = (row: number): number => rounded(y(10 ** (row / perDecade)));
  return cells
    .map(({ fromMs, toMs, row }) => `M${rounded(x(fromMs))},${edge(row)}H${rounded(x(toMs))}V${edge(row - 1)}H${rounded(x(fromMs))}Z`)
    .join('');
}

function limitsOf(slos: readonly JudgedSlo[]): { ms: number; text: string; part: JudgedSlo['part']; during: JudgedSlo['slo']['during'] }[] {
  return slos.flatMap(({ slo, part }) =>
    limitParts.flatMap((which) => {
      const ms = slo.latency?.[which];
      return ms === undefined || !(ms > 0) ? [] : [{ ms, text: `${which} ≤ ${length(ms)}`, part, during: slo.during }];
    }),
  );
}

function heightScale(cells: readonly Cell[], limits: readonly number[]) {
  const rows = cells.map(({ row }) => row);
  const ends = [...limits, 10 ** ((Math.min(...rows) - 1) / perDecade), 10 ** (Math.max(...rows) / perDecade)];
  return scaleLog([Math.min(...ends), Math.max(...ends)], [box.heightPx - box.padPx, box.padPx + 6]);
}

function inWords({ axis }: View, latencies: DrawnRequests['latencies']): string {
  const near = latencies.filter(({ atMs }) => atMs >= axis.fromMs - 1_000 && atMs <= axis.toMs + 1_000);
  const p50s = (near.length > 0 ? near : latencies).map(({ p50 }) => p50).sort((left, right) => left - right);
  return `p50 usually ${length(p50s[Math.floor(p50s.length / 2)]!)}, the slowest that succeeded ${length(Math.max(...latencies.map(({ max }) => max)))}`;
}
