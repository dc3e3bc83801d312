import type { JudgedLoad, JudgedRun, JudgedSlo, JudgedStream } from '../../runner/verdict.ts';
import { counted, cut } from '../words/lists.ts';
import { failureLane } from './failures.ts';
import { heatLane } from './heat-map.ts';
import type { View } from './lanes.ts';
import { html, name } from './markup.ts';
import type { Markup } from './markup.ts';
import { rateLane } from './request-rate.ts';
import { spanOf } from './request-slices.ts';
import type { DrawnRequests } from './request-slices.ts';

/** Each has three lanes. */
const mostLoads = 6;

/**
 * How the requests of a stream went: how many there were, how they failed and how long they took.
 *
 * @param slos those that are about its probe
 */
export function streamRequests(view: View, { name: called, latency, requests }: JudgedStream, slos: readonly JudgedSlo[]): Markup {
  return requestLanes(view, { name: called, slices: requests?.slices ?? [], latencies: latency, slos });
}

/** The same of the background loads, which no objective is about. */
export function loadRequests(view: View, run: JudgedRun): Markup {
  const { shown, more } = cut(run.loads ?? [], mostLoads);
  return html`${shown.map((load) => ofLoad(view, load))}
${more > 0 && html`<p class="more">and ${counted(more, 'more endpoint')} of loads, in report.json</p>`}`;
}

function ofLoad(view: View, { load, endpoint, copiedTo, slices, latencies }: JudgedLoad): Markup {
  const copies = copiedTo === undefined ? '' : ', its shadow';
  return html`<div class="lane-group"><div class="lane-name"><span>${name(load)}</span></div>
<small>background load, endpoint ${name(endpoint)}${copiedTo !== undefined && html`, copied to ${name(copiedTo)}`}</small></div>
${requestLanes(view, { name: `${load}/${endpoint}${copies}`, slices, latencies, slos: [] })}`;
}

function requestLanes(view: View, requests: DrawnRequests): Markup {
  const { axis } = view;
  const slices = requests.slices.filter((slice) => slice.forMs > 0 && spanOf(slice).toMs >= axis.fromMs && spanOf(slice).fromMs <= axis.toMs);
  const shown = { ...requests, slices };
  return html`${rateLane(view, shown)}
${failureLane(view, shown)}
${heatLane(view, shown)}`;
}
