import type { ListedRun, Listing } from '../../runner/past/listing.ts';
import { document, section } from '../page/document.ts';
import { figures, html, name, type Markup } from '../page/markup.ts';
import { cell, rowHead, tableHead } from '../page/tables.ts';
import { sign } from '../page/verdict.ts';
import { counted } from '../words/lists.ts';
import { scoreText } from '../words/scores.ts';
import { length, nothing, utcOf } from '../words/times.ts';

/**
 * The page over a folder of runs, which lies in that folder: its links are relative, so that it works from disk and wherever the
 * folder is copied. No network, no script. Pure, and ends in one newline.
 */
export function indexPage(listing: Listing): string {
  const { runs, areas, odd } = listing;
  const newest = runs[0]?.summary.startedAt;
  return `${
    document(
      'firedrill: runs',
      html`<header class="top"><p class="kind">firedrill <span>runs</span></p>
<h1>${counted(runs.length, 'run')}</h1>
${newest !== undefined && html`<p class="when">the newest began ${utcOf(newest)}</p>`}</header>
<main>
${areas.length > 0 && section('areas', 'Score by area', [html`<p class="faint">What the worst SLO of the worst drill left of its limit, by the newest run of each drill. What is not known counts as not known.</p>`, areaTable(listing)])}
${section('runs', 'Runs', runs.length === 0 ? html`<p>None.</p>` : runTable(runs))}
${odd.length > 0 && section('odd', 'Not listed', html`<ul class="notes">${odd.map(({ folder, why }) => html`<li><code>${folder}</code><span>${name(why)}</span></li>`)}</ul>`)}
</main>`,
    ).text
  }\n`;
}

function areaTable({ areas }: Listing): Markup {
  return html`<div class="scroll"><table class="plain" role="table">
${tableHead([['area'], ['score'], ['decided by'], ['drills']])}
<tbody role="rowgroup">${areas.map(
    ({ area, value, drill, drills }) => html`<tr role="row">${rowHead(name(area))}${cell(figures(scoreText(value)), 'num left')}${cell(html`<code>${drill}</code>`)}${cell(drills, 'num left')}</tr>`,
  )}</tbody></table></div>`;
}

function runTable(runs: readonly ListedRun[]): Markup {
  return html`<div class="scroll"><table class="plain runs" role="table">
${tableHead([['verdict'], ['drill'], ['began'], ['took'], ['back after'], ['score'], ['what came of it'], ['report']])}
<tbody role="rowgroup">${runs.map(runRow)}</tbody></table></div>`;
}

function runRow({ summary, folder, hasPage, problems }: ListedRun): Markup {
  const { verdict, drill, title, environment, startedAt, tookMs, recovery, score, headline } = summary;
  return html`<tr role="row">
${cell(html`<span class="badge ${verdict}">${sign(verdict)}${verdict}</span>`)}
${rowHead(html`<code>${drill}</code><small>${name(title)}, in ${name(environment)}</small>`)}
${cell(utcOf(startedAt).slice(0, 16), 'num left')}
${cell(figures(length(tookMs)), 'num left')}
${cell(recovery === null ? nothing : figures(length(recovery.ms)), 'num left')}
${cell(figures(scoreText(score.value)), 'num left')}
${cell([figures(headline), problems.map((problem) => html`<small class="bad">${name(problem)}</small>`)])}
${cell(hasPage ? html`<a href="${encodeURIComponent(folder)}/report.html">report</a>` : nothing)}
</tr>`;
}
