import type { JudgedRun } from '../../runner/verdict.ts';
import { cutEvents, eventKinds, eventsOf } from '../words/events.ts';
import type { RunEvent } from '../words/events.ts';
import { counted } from '../words/lists.ts';
import { clock, moment, utcOf } from '../words/times.ts';
import { timeLink } from './browser/instants.ts';
import { html, name } from './markup.ts';
import type { Markup } from './markup.ts';
import { cell, rowHead, tableHead } from './tables.ts';

const mostEvents = 1_500;

/** What happened, in the order of time, each with a link to its instant. The page's script searches in it. */
export function eventTable(run: JudgedRun): Markup {
  const all = eventsOf(run);
  const { shown, more } = cutEvents(all, mostEvents);
  const kinds = eventKinds.filter((kind) => shown.some((event) => event.kind === kind));
  return html`<div class="search scripted-only" role="search">
<label for="search">search</label><input id="search" type="search" autocomplete="off" spellcheck="false" aria-describedby="found"/>
<label for="event-kind">kind</label><select id="event-kind"><option value="">all</option>${kinds.map((kind) => html`<option value="${kind}">${kind}</option>`)}</select>
<output id="found"></output></div>
<details id="event-list"><summary>${counted(all.length, 'event')}${shown.length > 0 && html`, the first on ${utcOf(run.run.startedAt).slice(0, 10)}`}</summary>
${eventRows(run, shown, 'events')}
${more > 0 && html`<p class="more">and ${counted(more, 'more event')}, in report.json</p>`}</details>`;
}

/** Events as a table, each with both names of its instant. */
export function eventRows(run: JudgedRun, events: readonly RunEvent[], called: string): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${called}"><table class="plain events" role="table">
${tableHead([['at'], ['UTC'], ['kind'], ['what happened']])}
<tbody role="rowgroup">${events.map(
    ({ atMs, kind, what }) => html`<tr role="row" data-kind="${kind}">${rowHead(html`<a href="${timeLink(atMs)}">${moment(atMs)}</a>`)}${cell(clock(run, atMs), 'num left')}${cell(kind)}${cell(name(what))}</tr>
`,
  )}</tbody></table></div>`;
}
