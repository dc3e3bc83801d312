import type { JudgedSlo } from '../../runner/verdict.ts';
import { percent } from './axis.ts';
import type { View } from './lanes.ts';
import { html } from './markup.ts';
import type { Markup } from './markup.ts';
import { rounded } from './stairs.ts';

/** What an objective allows, as a line across the part of the run that it is about. */
export interface Limit {
  /** In pixels from the top. */
  readonly y: number;
  readonly text: string;
  readonly part: JudgedSlo['part'];
  readonly during: JudgedSlo['slo']['during'];
}

const words = { fault: ', during the fault', recovery: ', during recovery', all: '' } as const;
/** Texts on lines that are closer than this would run into each other: every second one stands at the other end. */
const textPx = 13;
/** A line that ends before this, in percent, has room for its text behind its end. */
const roomyAt = 55;

/** The limits that are in view, each with its text. */
export function limitLines({ axis }: View, limits: readonly Limit[]): readonly Markup[] {
  const shown = limits
    .map((limit) => ({ ...limit, from: axis.at(limit.part?.fromMs ?? -Infinity), to: axis.at(limit.part?.toMs ?? Infinity) }))
    .filter(({ from, to }) => to > from)
    .sort((left, right) => left.y - right.y);
  let lastY = -Infinity;
  let atEnd = true;
  return shown.map(({ y, text, during = 'all', from, to }) => {
    atEnd = y - lastY >= textPx || !atEnd;
    lastY = y;
    const place = to < roomyAt ? html`x="${percent(to)}" dx="4"` : atEnd ? html`x="${percent(to)}" dx="-3" text-anchor="end"` : html`x="${percent(from)}" dx="3"`;
    const below = to < roomyAt ? '0.35em' : '-0.3em';
    return html`<g class="limit-line"><line x1="${percent(from)}" x2="${percent(to)}" y1="${rounded(y)}" y2="${rounded(y)}"/>
<text class="scale" ${place} y="${rounded(Math.max(y, textPx - 2))}" dy="${below}">${text}${words[during]}</text></g>`;
  });
}
