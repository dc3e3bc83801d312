import type { JudgedRun } from '../../runner/verdict.ts';
import { counted, cut } from '../words/lists.ts';
import { moment } from '../words/times.ts';
import { html, name } from './markup.ts';
import type { Markup } from './markup.ts';
import { readingsOf } from './readings.ts';
import type { LaneReading } from './browser/readings.ts';
import { cell, rowHead, tableHead } from './tables.ts';

/** What a reader takes in; all of it is in the JSON. */
const most = { lanes: 80, spans: 100 };

/** What every lane draws, as a table of its own: for those who can't see the charts, and for those who want the figures. */
export function chartTables(run: JudgedRun): Markup | null {
  const { lanes, texts } = readingsOf(run);
  if (lanes.length === 0) return null;
  const { shown, more } = cut(lanes, most.lanes);
  return html`<details id="chart-tables"><summary>the charts as tables</summary>
${shown.map((lane) => laneTable(lane, texts))}
${more > 0 && html`<p class="more">and ${counted(more, 'more lane')}, in report.json</p>`}</details>`;
}

function laneTable({ group, name: called, spans }: LaneReading, texts: readonly string[]): Markup {
  const rows = Array.from({ length: spans.length / 3 }, (_, index) => spans.slice(3 * index, 3 * index + 3) as [number, number, number]);
  const { shown, more } = cut(rows, most.spans);
  return html`<table class="plain said" role="table"><caption role="caption">${name(group === called ? called : `${group}: ${called}`)}</caption>
${tableHead([['from'], ['to'], ['what it says']])}
<tbody role="rowgroup">${shown.map(
    ([fromMs, forMs, text]) => html`<tr role="row">${rowHead(moment(fromMs))}${cell(moment(fromMs + forMs), 'num left')}${cell(name(texts[text]!))}</tr>
`,
  )}</tbody></table>${more > 0 && html`<p class="more">and ${counted(more, 'more row')}, in report.json</p>`}`;
}
