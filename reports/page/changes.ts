import type { JudgedChange } from '../../runner/verdict.ts';
import { callOf, purposeOf } from '../words/changes.ts';
import { counted, cut } from '../words/lists.ts';
import { moment, nothing } from '../words/times.ts';
import { html, name } from './markup.ts';
import type { Markup } from './markup.ts';
import { cell, rowHead, tableHead } from './tables.ts';

const mostChanges = 100;

/** Each call that changed something, by the id that the platform's own audit log has it under. */
export function changeTable(changes: readonly JudgedChange[]): Markup {
  const { shown, more } = cut(changes, mostChanges);
  return html`<details><summary>${counted(changes.length, 'call')}, each with the request id by which CloudTrail or the Kubernetes audit log knows it</summary>
<div class="scroll" tabindex="0" role="region" aria-label="calls that changed something"><table class="plain">
${tableHead([['call'], ['when'], ['on'], ['for'], ['request id'], ['outcome']])}
<tbody>${shown.map(
    (change) => html`<tr>${rowHead(html`<code>${callOf(change)}</code>`)}${cell(moment(change.atMs), 'num left')}
${cell(name(change.target))}${cell(name(purposeOf(change)))}
${cell(change.requestId === null ? nothing : html`<code>${change.requestId}</code>`)}${cell(name(change.outcome))}</tr>`,
  )}</tbody></table></div>${more > 0 && html`<p class="more">and ${counted(more, 'more call')}, in report.json</p>`}</details>`;
}
