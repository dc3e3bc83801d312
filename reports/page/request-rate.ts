import { scaleLinear } from 'd3-scale';
import { area } from 'd3-shape';
import type { RequestSlice } from '../../runner/verdict.ts';
import { moment } from '../words/times.ts';
import type { Axis } from './axis.ts';
import { laneRow } from './lanes.ts';
import type { View } from './lanes.ts';
import { html } from './markup.ts';
import type { Markup } from './markup.ts';
import { answeredIn, dueIn, failedIn, spanOf } from './request-slices.ts';
import type { DrawnRequests } from './request-slices.ts';
import { across, stairs, stretched } from './stairs.ts';
import type { Step } from './stairs.ts';

const box = { heightPx: 52, padPx: 6 } as const;

/** How many requests a second were due, and how many of them were answered. Null where there are none. */
export function rateLane(view: View, { name, slices }: DrawnRequests): Markup | null {
  if (slices.length === 0) return null;
  const most = Math.max(1e-3, ...slices.map((slice) => perSecond(slice, dueIn(slice))));
  const y = scaleLinear([0, most], [box.heightPx - box.padPx, box.padPx]);
  const due = slices.map((slice) => ({ ...spanOf(slice), y: y(perSecond(slice, dueIn(slice))) }));
  const answered = slices.map((slice) => ({ ...spanOf(slice), y: y(perSecond(slice, answeredIn(slice))) }));
  return laneRow(view, {
    name: html`${name} requests`,
    detail: html`<span class="key due">due</span> <span class="key answered">answered</span>, per second`,
    label: `${name} requests: ${inWords(slices, most)}`,
    heightPx: box.heightPx,
    drawing: [
      stretched('rates', box.heightPx, [
        html`<path class="answered" d="${filled(answered, view.axis, y(0))}"/>`,
        html`<path class="due" d="${stairs(due, view.axis)}"/>`,
      ]),
      html`<text class="scale" x="4" y="${box.padPx + 3}" dy="0.8em">${rounded(most)} a second</text>`,
    ],
  });
}

function perSecond({ forMs }: RequestSlice, count: number): number {
  return (count / forMs) * 1_000;
}

function filled(steps: readonly Step[], axis: Axis, floor: number): string {
  const x = across(axis);
  const corners = steps.flatMap((step) => [[x(step.fromMs), step.y], [x(step.toMs), step.y]] as const);
  return area<readonly [number, number]>().x(([at]) => at).y0(floor).y1(([, top]) => top).digits(1)(corners) ?? '';
}

function inWords(slices: readonly RequestSlice[], most: number): string {
  const due = slices.reduce((sum, slice) => sum + dueIn(slice), 0);
  const answered = slices.reduce((sum, slice) => sum + answeredIn(slice), 0);
  const failed = slices.reduce((sum, slice) => sum + failedIn(slice), 0);
  const fewest = slices.reduce((left, right) => (answeredIn(right) / dueIn(right) < answeredIn(left) / dueIn(left) ? right : left));
  const worst = `the fewest ${answeredIn(fewest)} of ${dueIn(fewest)} around ${moment(fewest.atMs)}`;
  return `${due} due, ${rounded(most)} a second at most; ${answered} answered, ${failed} failed; ${worst}`;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
