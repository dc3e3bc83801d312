import { scaleLinear, scalePoint } from 'd3-scale';
import { line } from 'd3-shape';
import type { Trend, TrendPoint, TrendSeries } from '../../runner/past/trend.ts';
import { document, section } from '../page/document.ts';
import { figures, html, name, type Markup } from '../page/markup.ts';
import { cell, rowHead, tableHead } from '../page/tables.ts';
import { sign } from '../page/verdict.ts';
import { counted } from '../words/lists.ts';
import { length, nothing, utcOf } from '../words/times.ts';
import { trendTime } from '../words/trends.ts';

const box = { width: 900, height: 200, left: 70, right: 20, top: 12, bottom: 26 } as const;

/** Recovery times over runs as a page: a chart and a table for each time. No network, no script. Pure, and ends in one newline. */
export function trendPage({ drill, series, leftOut }: Trend): string {
  return `${
    document(
      `firedrill: ${drill} over time`,
      html`<header class="top"><p class="kind">firedrill <span>trend</span></p>
<h1>${name(drill)}</h1>
${leftOut > 0 && html`<p class="when">${counted(leftOut, 'run')} left out: not ended, or nothing broken</p>`}</header>
<main>
${series.length === 0 && html`<p>No run measured a time.</p>`}
${series.map((one, index) => section(`series-${index}`, `${one.name} (${one.of})`, [chart(one), html`<details><summary>${counted(one.points.length, 'run')} as a table</summary>${tableOf(one)}</details>`]))}
</main>`,
    ).text
  }\n`;
}

function chart({ name: called, of, points }: TrendSeries): Markup {
  const ends = points.flatMap(({ ms, plusMs, limitMs }) => [ms + plusMs, limitMs ?? 0]).filter(Number.isFinite);
  const x = scalePoint<number>(points.map((_, index) => index), [box.left, box.width - box.right]).padding(0.5);
  const y = scaleLinear([0, Math.max(...ends, 1)], [box.height - box.bottom, box.top]).nice();
  const at = (index: number): number => rounded(x(index)!);
  const path = line<TrendPoint>((_, index) => at(index), ({ ms }) => rounded(y(ms))).defined(({ ms }) => Number.isFinite(ms))([...points]);
  const limit = line<TrendPoint>((_, index) => at(index), ({ limitMs }) => rounded(y(limitMs ?? 0))).defined(({ limitMs }) => limitMs !== null)([...points]);
  const [first, last] = [points[0]!, points.at(-1)!];
  return html`<div class="lane trend"><svg viewBox="0 0 ${box.width} ${box.height}" width="100%" role="img" aria-label="${inWords(called, of, points)}">
${y.ticks(4).map((tick) => html`<line class="tick" x1="${box.left}" x2="${box.width - box.right}" y1="${rounded(y(tick))}" y2="${rounded(y(tick))}"/><text class="faint" x="${box.left - 8}" y="${rounded(y(tick))}" dy="0.35em" text-anchor="end">${length(tick)}</text>`)}
<g class="curves"><path class="p99" d="${path ?? ''}"/><path class="max" d="${limit ?? ''}"/></g>
${points.map((point, index) => mark(point, at(index), y))}
<text class="faint" x="${at(0)}" y="${box.height - 6}" text-anchor="${points.length === 1 ? 'middle' : 'start'}">${utcOf(first.startedAt).slice(0, 16)}</text>
${points.length > 1 && html`<text class="faint" x="${at(points.length - 1)}" y="${box.height - 6}" text-anchor="end">${utcOf(last.startedAt).slice(0, 16)}</text>`}
</svg></div>${last.limitMs !== null && html`<p class="faint">The dotted line is what was allowed, ${figures(length(last.limitMs))} in the newest run.</p>`}`;
}

/** A run: a dot with its error bar; a broken one is hollow, and one that had not ended is a cross at the top. */
function mark(point: TrendPoint, x: number, y: (ms: number) => number): Markup {
  const { ms, plusMs, minusMs, run, verdict, startedAt } = point;
  const told = html`<title>${`${run}: ${trendTime(point)}, ${verdict}, ${utcOf(startedAt)}`}</title>`;
  if (!Number.isFinite(ms)) return html`<g class="outage">${told}<line class="sure" x1="${x - 4}" x2="${x + 4}" y1="${box.top - 4}" y2="${box.top + 4}"/><line class="sure" x1="${x - 4}" x2="${x + 4}" y1="${box.top + 4}" y2="${box.top - 4}"/></g>`;
  const middle = rounded(y(ms));
  return html`<g class="${verdict === 'broken' ? 'fault' : 'seen'}">${told}<line class="error" x1="${x}" x2="${x}" y1="${rounded(y(ms + plusMs))}" y2="${rounded(y(Math.max(0, ms - minusMs)))}"/><circle cx="${x}" cy="${middle}" r="4"/>${verdict === 'broken' && html`<circle class="core" cx="${x}" cy="${middle}" r="2"/>`}</g>`;
}

function tableOf({ points }: TrendSeries): Markup {
  return html`<div class="scroll"><table class="plain" role="table">
${tableHead([['verdict'], ['run'], ['began'], ['took', 'num'], ['allowed', 'num']])}
<tbody role="rowgroup">${points.map(
    (point) => html`<tr role="row">${cell(html`<span class="badge ${point.verdict}">${sign(point.verdict)}${point.verdict}</span>`)}${rowHead(html`<code>${point.run}</code>`)}${cell(utcOf(point.startedAt).slice(0, 16))}${cell(figures(trendTime(point)), 'num')}${cell(point.limitMs === null ? nothing : figures(length(point.limitMs)), 'num')}</tr>`,
  )}</tbody></table></div>`;
}

function inWords(called: string, of: string, points: readonly TrendPoint[]): string {
  return `${called}, ${of}, over ${counted(points.length, 'run')}: ${trendTime(points[0]!)} at first, ${trendTime(points.at(-1)!)} in the newest`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
