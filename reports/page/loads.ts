import type { JudgedRun } from '../../runner/verdict.ts';
import { counted, cut } from '../words/lists.ts';
import { loadCells, loadHeads, shadowsInWords } from '../words/loads.ts';
import { html, name } from './markup.ts';
import type { Markup } from './markup.ts';
import { cell, rowHead, tableHead } from './tables.ts';

const mostRows = 60;

/** What came of the requests of each background load, and how the answers to those that were copied compared. */
export function loadTable(run: JudgedRun): Markup {
  const { shown, more } = cut(run.loads ?? [], mostRows);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="loads"><table class="plain">
${tableHead(loadHeads.map((head) => [head] as const))}
<tbody>${shown.map((load) => {
    const [first, ...rest] = loadCells(load);
    return html`<tr>${rowHead(name(first))}${rest.map((text) => cell(name(text), 'num left'))}</tr>`;
  })}</tbody></table></div>
${more > 0 && html`<p class="more">and ${counted(more, 'more endpoint')}, in report.json</p>`}
${shadowsInWords(run).map(
    ({ sentence, differences }) => html`<p class="more">${name(sentence)}</p>
${differences.length > 0 && html`<ul class="differences">${differences.map((one) => html`<li>${name(one)}</li>`)}</ul>`}`,
  )}`;
}
