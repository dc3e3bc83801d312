import type { JudgedRun, JudgedStream, Outage } from '../../runner/verdict.ts';
import { cut } from '../words/lists.ts';
import { length, moment, momentWithError, outageLength } from '../words/times.ts';
import { percent } from './axis.ts';
import type { Axis } from './axis.ts';
import { html } from './markup.ts';
import type { Content, Markup } from './markup.ts';

/** A chart's time axis, and the id of the grid that all its lanes show behind them. */
export interface View {
  readonly axis: Axis;
  readonly gridId: string;
}

/** One row of the time axis: what it is called, and its drawing. */
export interface Lane {
  readonly name: Content;
  readonly detail?: Content;
  /** The detail stands beside the name, for lanes that are no higher than a line. */
  readonly compact?: boolean;
  /** The drawing in words. */
  readonly label: string;
  readonly heightPx: number;
  readonly drawing: Content;
}

export function laneRow(view: View, lane: Lane): Markup {
  return html`<div class="lane${lane.compact && ' compact'}">
<div class="lane-name"><span>${lane.name}</span>${lane.detail && html`<small>${lane.detail}</small>`}</div>
<svg class="lane-chart" role="img" aria-label="${lane.label}" width="100%" height="${lane.heightPx}">
<use href="#${view.gridId}"/>${lane.drawing}</svg>
</div>`;
}

export interface Block {
  readonly fromMs: number;
  readonly toMs: number;
  /** Its look, a class of the style sheet. */
  readonly look: string;
  /** Shown when the pointer rests on it. */
  readonly hint: string;
  /** Written in it, as far as there is room. */
  readonly text?: Content;
}

/** A block on the time axis; nothing when it lies outside. Never thinner than a hair, so that no short outage is lost. */
export function block(axis: Axis, { fromMs, toMs, look, hint, text }: Block, y: number, heightPx: number): Markup | null {
  if (toMs < axis.fromMs || fromMs > axis.toMs) return null;
  const x = axis.at(fromMs);
  const width = Math.max(0, axis.at(toMs) - x);
  const place = html`x="${percent(x)}" y="${y}" width="${percent(width)}" height="${heightPx}"`;
  if (text === undefined) return html`<rect class="block ${look}" ${place}><title>${hint}</title></rect>`;
  return html`<svg ${place}><rect class="block ${look}" width="100%" height="100%"><title>${hint}</title></rect>${
    text !== '' && html`<text class="in ${look}" x="5" y="${heightPx / 2}" dy="0.35em">${text}</text>`
  }</svg>`;
}

/**
 * Joins what is too short to be seen into its neighbours, so that a flapping stream stays small on the page: of several
 * values within one thousandth of the width the worst is shown.
 */
export function drawable(segments: JudgedStream['segments'], axis: Axis): JudgedStream['segments'] {
  const rank = { good: 0, unknown: 1, bad: 2 } as const;
  const joined: { fromMs: number; toMs: number; value: JudgedStream['segments'][number]['value']; why: string }[] = [];
  for (const segment of segments) {
    const last = joined.at(-1);
    const tiny = (one: { fromMs: number; toMs: number }): boolean => axis.at(one.toMs) - axis.at(one.fromMs) < 0.1;
    if (last && (last.value === segment.value || (tiny(last) && tiny(segment)))) {
      const worse = rank[segment.value] > rank[last.value] ? segment : last;
      Object.assign(last, { toMs: segment.toMs, value: worse.value, why: worse.why });
    } else {
      joined.push({ ...segment });
    }
  }
  return joined;
}

const stripPx = 14;
const bracketPx = 18;

/** A stream of observations as a strip, with its outages and their error bars below. */
export function streamLane(view: View, stream: JudgedStream, name: Content, label: string, detail?: Content): Markup {
  const { axis } = view;
  const strip = drawable(stream.segments, axis).map((segment) =>
    block(axis, { ...segment, look: segment.value, hint: segmentHint(segment) }, 4, stripPx),
  );
  const outages = stream.outages.filter((outage) => (outage.end?.max ?? Infinity) >= axis.fromMs && outage.start.min <= axis.toMs);
  return laneRow(view, {
    name, detail, label,
    heightPx: outages.length > 0 ? stripPx + bracketPx + 8 : stripPx + 8,
    drawing: [brackets(axis, outages, stripPx + 13), strip],
  });
}

function segmentHint(segment: JudgedStream['segments'][number]): string {
  const why = segment.why === '' ? '' : `: ${segment.why}`;
  return `${segment.value}${why}\n${moment(segment.fromMs)} to ${moment(segment.toMs)}, ${length(segment.toMs - segment.fromMs)}`;
}

/** The longest outages are drawn; those whose text would run into another's go without text. */
const most = { brackets: 60, texts: 3 };

function brackets(axis: Axis, outages: readonly Outage[], y: number): Content {
  const byLength = [...outages].sort((left, right) => right.lengthMs - left.lengthMs);
  const { shown } = cut(byLength, most.brackets);
  const texts: BracketText[] = [];
  for (const text of shown.map((outage) => bracketText(axis, outage))) {
    if (texts.length < most.texts && texts.every((other) => text.from > other.to || text.to < other.from)) texts.push(text);
  }
  // Texts last, so that no mark is drawn across one.
  return [shown.map((outage) => bracket(axis, outage, y)), texts.map((text) => drawnText(text, y))];
}

/** From where it certainly had begun to where it certainly still was: thick. The error bars: thin, with whiskers. */
function bracket(axis: Axis, outage: Outage, y: number): Markup {
  const end = outage.end ?? { min: axis.toMs, max: axis.toMs };
  return html`<g class="outage"><title>outage of ${outageInWords(outage)}: ${outage.why}
from ${momentWithError(outage.start)} to ${outage.end === null ? 'after the run' : momentWithError(outage.end)}</title>
${line(axis, outage.start.max, Math.max(outage.start.max, end.min), y, 'sure')}
${errorBar(axis, outage.start, y)}${outage.end && errorBar(axis, outage.end, y)}</g>`;
}

function outageInWords(outage: Outage): string {
  return outage.end === null ? `${outageLength(outage)}, no end seen` : outageLength(outage);
}

interface BracketText {
  readonly text: string;
  readonly x: number;
  readonly anchor: 'start' | 'middle' | 'end';
  /** What it covers, in percent of the width. */
  readonly from: number;
  readonly to: number;
}

/** About the width of a letter in percent, on a page that is neither wide nor narrow. */
const letterWidth = 1.2;

/** On the side where there is room; on the bracket itself when it takes nearly all of the width. */
function bracketText(axis: Axis, outage: Outage): BracketText {
  const [left, right] = [axis.at(outage.start.min), axis.at(outage.end?.max ?? axis.toMs)];
  const text = outageInWords(outage);
  const width = text.length * letterWidth;
  if (right < 68) return { text, x: right, anchor: 'start', from: right, to: right + width };
  if (left > 32) return { text, x: left, anchor: 'end', from: left - width, to: left };
  const x = (left + right) / 2;
  return { text, x, anchor: 'middle', from: x - width / 2, to: x + width / 2 };
}

function drawnText({ text, x, anchor }: BracketText, y: number): Markup {
  const look = anchor === 'middle' ? 'note over' : 'note';
  const dx = { start: 5, middle: 0, end: -5 }[anchor];
  return html`<text class="${look}" x="${percent(x)}" y="${y}" dx="${dx}" dy="0.35em" text-anchor="${anchor}">${text}</text>`;
}

export function errorBar(axis: Axis, bar: { readonly min: number; readonly max: number }, y: number, halfPx = 4): Markup {
  const whiskers = [bar.min, bar.max].map((edge) => upright(axis, edge, y - halfPx, y + halfPx, 'error'));
  return html`${line(axis, bar.min, bar.max, y, 'error')}${whiskers}`;
}

export function line(axis: Axis, fromMs: number, toMs: number, y: number, look: string): Markup {
  return html`<line class="${look}" x1="${percent(axis.at(fromMs))}" x2="${percent(axis.at(toMs))}" y1="${y}" y2="${y}"/>`;
}

/** An upright line at a moment; nothing when it lies outside. */
export function upright(axis: Axis, atMs: number, y1: number | string, y2: number | string, look: string): Markup | null {
  if (!(atMs >= axis.fromMs && atMs <= axis.toMs)) return null;
  const x = percent(axis.at(atMs));
  return html`<line class="${look}" x1="${x}" x2="${x}" y1="${y1}" y2="${y2}"/>`;
}

/** What stands behind every lane: a hair line at each tick, a dashed line at each injection. Defined once, used by all. */
export function grid(view: View, run: JudgedRun): Markup {
  const injections = cut([...new Set(run.faults.map((fault) => fault.injectedMs))], 40).shown.filter((atMs) => atMs !== null);
  return html`<svg class="defs" aria-hidden="true" width="0" height="0">
<symbol id="${view.gridId}" width="100%" height="100%">${view.axis.ticks.map((tick) =>
    upright(view.axis, tick, '0', '100%', 'tick'),
  )}${injections.map((atMs) => upright(view.axis, atMs, '0', '100%', 'injection'))}</symbol></svg>`;
}
