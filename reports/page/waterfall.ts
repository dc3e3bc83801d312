import type { Bar, JudgedRun, Recovery, RecoveryStep } from '../../runner/verdict.ts';
import { eventsOf } from '../words/events.ts';
import { counted, cut } from '../words/lists.ts';
import { awayFor, criticalPath, recoveryName, unseenWay } from '../words/recoveries.ts';
import { length, middle, moment, momentWithError, nothing, utc } from '../words/times.ts';
import { anchorAt, percent, tickName, timeAxis } from './axis.ts';
import type { Axis } from './axis.ts';
import { errorBar, upright } from './lanes.ts';
import { html, name } from './markup.ts';
import type { Markup } from './markup.ts';
import { cell, rowHead, tableHead } from './tables.ts';
import { targetDetails, targetIds } from './target-details.ts';

const most = { targets: 24, steps: 30 };

/** One Gantt chart for each lost target, all on one scale, so that they can be compared by eye. */
export function waterfalls(run: JudgedRun): Markup {
  const { shown, more } = cut(run.waterfall, most.targets);
  const axis = sharedAxis(run);
  const ids = targetIds(shown);
  const events = eventsOf(run);
  return html`<div class="recoveries">${shown.map(
    (recovery, index) => html`<article id="${ids[index]}">${recoveryTable(run, recovery, ids[index]!, axis)}
${targetDetails(run, recovery, events)}</article>`,
  )}</div>
${more > 0 && html`<p class="more">and ${counted(more, 'more target')}, in report.json</p>`}`;
}

function sharedAxis(run: JudgedRun): Axis {
  const steps = run.waterfall.flatMap((recovery) => recovery.steps);
  const moments = steps.flatMap(({ at }) => (at ? [at.min, at.max] : [])).filter(Number.isFinite);
  const from = Math.min(0, ...moments);
  return timeAxis(from, Math.max(from + 100, ...moments), 5);
}

function recoveryTable(run: JudgedRun, recovery: Recovery, id: string, axis: Axis): Markup {
  const { shown, more } = cut(recovery.steps, most.steps);
  const away = awayFor(recovery);
  const slowest = criticalPath(recovery);
  const rows = shown.map((step, index) => stepRow(run, recovery, step, lastSeenMs(recovery.steps.slice(0, index)), axis));
  return html`<table class="recovery" role="table" data-from="${axis.fromMs}" data-to="${axis.toMs}">
<caption role="caption"><b><a href="#${id}">${name(recoveryName(recovery))}</a></b> <span class="faint">${name(recovery.zone)}, fault ${name(recovery.fault)}</span>
<span class="whole">${away === null ? html`<b class="bad">${unseenWay(recovery)}</b>` : html`<b>${away}</b>`}</span>
${slowest !== null && html`<span class="critical">most of it: ${name(slowest)}</span>`}</caption>
${tableHead([['step'], [scale(axis), 'chart'], ['at', 'num'], ['took', 'num']])}
<tbody role="rowgroup">${rows}</tbody>
</table>${more > 0 && html`<p class="more">and ${counted(more, 'more step')}, in report.json</p>`}`;
}

function scale(axis: Axis): Markup {
  const label = `time from ${moment(axis.fromMs)} to ${moment(axis.toMs)}`;
  return html`<svg width="100%" height="14" role="img" aria-label="${label}">${axis.ticks.map((tick) => {
    const x = axis.at(tick);
    return html`<text x="${percent(x)}" y="11" text-anchor="${anchorAt(x)}">${tickName(tick)}</text>`;
  })}</svg>`;
}

function lastSeenMs(steps: readonly RecoveryStep[]): number | null {
  const last = steps.findLast((step) => step.at !== null);
  return last?.at ? middle(last.at) : null;
}

function stepRow(run: JudgedRun, recovery: Recovery, step: RecoveryStep, beforeMs: number | null, axis: Axis): Markup {
  const slowest = step.step === recovery.slowest;
  const look = step.at === null ? 'unseen' : slowest ? 'slowest' : '';
  return html`<tr role="row" class="${look}">
${rowHead(html`${step.step}<small>${name(step.source)}${step.note !== '' && step.at !== null && html`, ${name(step.note)}`}</small>`)}
${
    step.at === null
      ? html`<td role="cell" class="why" colspan="3">${notSeen(step.note)}</td>`
      : html`${cell(gantt(step, step.at, beforeMs, axis, slowest), 'chart')}
<td role="cell" class="num" title="${utc(run, middle(step.at))}">${moment(middle(step.at))}<small>± ${spread(step.at)}</small></td>
${cell([step.tookMs === null ? nothing : length(step.tookMs), slowest && html`<span class="tag">longest</span>`], 'num')}`
  }
</tr>`;
}

function notSeen(note: string): string {
  if (note === '') return 'not seen';
  return note.startsWith('not seen') ? note : `not seen: ${note}`;
}

function spread(bar: Bar): string {
  return length((bar.max - bar.min) / 2);
}

/** A bar from the step before to this one, and the error bar of this one at its end. */
function gantt(step: RecoveryStep, at: Bar, beforeMs: number | null, axis: Axis, slowest: boolean): Markup {
  const from = axis.at(beforeMs ?? middle(at));
  const to = axis.at(middle(at));
  const label = `${step.step} at ${momentWithError(at)}${step.tookMs === null ? '' : `, took ${length(step.tookMs)}`}`;
  return html`<svg width="100%" height="20" role="img" aria-label="${label}"><title>${label}</title>${axis.ticks.map((tick) =>
    upright(axis, tick, '0', '100%', 'tick'),
  )}
<rect class="step${slowest && ' slowest'}" x="${percent(Math.min(from, to))}" y="5" width="${percent(Math.abs(to - from))}" height="10"/>
<g class="seen">${errorBar(axis, at, 10, 5)}</g></svg>`;
}
