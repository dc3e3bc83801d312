import type { JudgedRun, Recovery } from '../../runner/verdict.ts';
import type { RunEvent } from '../words/events.ts';
import { counted, cut } from '../words/lists.ts';
import { recoveryName } from '../words/recoveries.ts';
import { clock, length, middle, moment, nothing } from '../words/times.ts';
import { timeLink } from './browser/instants.ts';
import { eventRows } from './events.ts';
import { html, name } from './markup.ts';
import type { Markup } from './markup.ts';
import { cell, rowHead, tableHead } from './tables.ts';

const most = { steps: 30, events: 60 };

/** The part of an address that leads to a target: `target-peer-1`. The same name a second time gets a number. */
export function targetIds(recoveries: readonly Recovery[]): string[] {
  const taken = new Map<string, number>();
  return recoveries.map(({ target }) => {
    const id = `target-${target.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '').slice(0, 60)}`;
    const count = (taken.get(id) ?? 0) + 1;
    taken.set(id, count);
    return count === 1 ? id : `${id}-${count}`;
  });
}

/**
 * All that is known of how one target came back: both ends of each error bar, and what was seen of it.
 *
 * @param all the run's events
 */
export function targetDetails(run: JudgedRun, recovery: Recovery, all: readonly RunEvent[]): Markup {
  const { shown, more } = cut(recovery.steps, most.steps);
  const called = recoveryName(recovery);
  const own = all.filter(({ subjects }) => subjects.some((subject) => subject === recovery.target || subject === called || subject === recovery.node));
  const events = cut(own, most.events);
  return html`<details><summary>details of ${name(called)}</summary>
<div class="scroll" tabindex="0" role="region" aria-label="steps of ${called}"><table class="plain" role="table">
${tableHead([['step'], ['not before'], ['not after'], ['UTC, about'], ['took', 'num'], ['seen by']])}
<tbody role="rowgroup">${shown.map(({ step, at, tookMs, source, note }) => {
    const head = at === null || !Number.isFinite(middle(at)) ? name(step) : html`<a href="${timeLink(middle(at))}">${name(step)}</a>`;
    return html`<tr role="row">${rowHead(head)}${cell(at === null ? nothing : moment(at.min), 'num left')}${cell(at === null ? nothing : moment(at.max), 'num left')}
${cell(at === null ? nothing : clock(run, middle(at)), 'num left')}${cell(tookMs === null ? nothing : length(tookMs), 'num')}${cell(name([source, note].filter(Boolean).join(', ')))}</tr>`;
  })}</tbody></table></div>
${more > 0 && html`<p class="more">and ${counted(more, 'more step')}, in report.json</p>`}
${events.shown.length > 0 && eventRows(run, events.shown, `events of ${called}`)}
${events.more > 0 && html`<p class="more">and ${counted(events.more, 'more event')}, in report.json</p>`}</details>`;
}
