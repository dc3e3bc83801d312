import type { DayDrill, JudgedDay } from '../../runner/gameday/judge-day.ts';
import { document, section } from '../page/document.ts';
import { figures, html, name } from '../page/markup.ts';
import type { Markup } from '../page/markup.ts';
import { cell, rowHead, tableHead } from '../page/tables.ts';
import { sign } from '../page/verdict.ts';
import { dayEnd, dayExit, dayHeadline, dayVerdict, drillSays, drillState, drillVerdict, leftBroken, momentText, momentTime, reportLink } from '../words/day.ts';
import { cut } from '../words/lists.ts';
import { nothing, utcOf } from '../words/times.ts';

/** Long days are cut here; the day's journal has all of it. */
const mostMoments = 2_000;
const blankRows = [1, 2, 3, 4];

/** The report of a whole day: one page that needs no network and no script. Pure, and ends in one newline. */
export function dayHtml(day: JudgedDay): string {
  const verdict = dayVerdict(day);
  const end = dayEnd(day);
  const { title, why, environment, startedAt, endedAt, seed, by, command, id, unattended, firedrillVersion } = day.day;
  return `${
    document(
      `${verdict}: ${title}`,
      html`${alarm(day)}
<header class="top"><p class="kind">firedrill <span>game day</span></p>
<h1>${name(title)}</h1>
${why !== null && html`<p class="why">${name(why)}</p>`}
<p class="when"><code>${environment}</code> · ${utcOf(startedAt)} to ${utcOf(endedAt)} · seed ${seed} · led by ${name(by)}</p></header>
<main>
<section class="hero ${verdict}" aria-labelledby="verdict">
<div class="word">${sign(verdict)}<h2 id="verdict"><span class="unseen-text">The day: </span>${verdict}</h2></div>
<div class="sentence"><p class="headline">${dayHeadline(day)}</p>
${end !== null && html`<p class="odd">${name(end)}</p>`}
${unattended && html`<p class="odd">Nobody was asked (--yes), for all of the day or a part of it</p>`}
<p class="exit">exit code <b>${day.exitCode}</b> <span>${dayExit(day)}</span></p></div>
</section>
${section('drills', 'Drills', drills(day))}
${section('timeline', 'Timeline', [html`<p class="faint">All times are UTC; t counts from the first fault of the drill that was under way.</p>`, timeline(day)])}
${day.drills.map(objectives)}
${section('findings', 'Findings', blanks(['finding']))}
${section('actions', 'Action items', blanks(['what', 'who', 'by when']))}
${day.announcement !== null && section('announcement', 'Announcement', html`<div class="command">${day.announcement.split('\n').map((line) => html`<span class="row">${line === '' ? '\u00a0' : line}</span>`)}</div>`)}
${section('again', 'Run it again', html`<pre class="command"><code>${command}</code></pre>`)}
</main>
<footer>firedrill ${name(firedrillVersion)} · <code>${id}</code></footer>`,
    ).text
  }\n`;
}

function alarm(day: JudgedDay): Markup | null {
  const left = leftBroken(day);
  if (left.length === 0) return null;
  return html`<section class="alarm" role="alert" aria-labelledby="alarm">
<h2 id="alarm">Something may still be broken</h2>
<ul>${left.map(({ planned, runId }) => html`<li><b>${name(planned.title)}</b>: run <code>${`firedrill recover ${runId ?? ''}`.trim()}</code>, then check by hand.</li>`)}</ul>
</section>`;
}

function drills(day: JudgedDay): Markup {
  return html`<div class="scroll"><table class="plain" role="table">
${tableHead([['verdict'], ['drill'], ['what came of it'], ['report']])}
<tbody role="rowgroup">${day.drills.map(
    (drill) => html`<tr role="row">
${cell(badge(drill))}
${rowHead(html`${drill.number}. ${name(drill.planned.title)}<small><code>${drill.planned.drill}</code>${drill.planned.drawnBy !== null && html` · drawn by <code>${drill.planned.drawnBy}</code>`} · seed ${drill.planned.seed}</small>`)}
${cell(figures(drillSays(drill)))}
${cell(link(drill))}
</tr>`,
  )}</tbody></table></div>`;
}

function badge(drill: DayDrill): Markup {
  if (drill.state !== 'run') return html`<b>${drillState(drill)}</b>`;
  const value = drillVerdict(drill);
  return html`<span class="badge ${value}">${sign(value)}${value}</span>`;
}

function link(drill: DayDrill): Markup | string {
  const target = reportLink(drill);
  return target === null ? nothing : html`<a href="${target}">report</a>`;
}

function objectives(drill: DayDrill): Markup | null {
  if (!drill.run || drill.run.slos.length === 0) return null;
  const { slos } = drill.run;
  return section(`drill-${drill.number}`, `${drill.number}. ${drill.planned.title}`, [
    html`<p>${figures(drillSays(drill))} ${link(drill)}</p>`,
    html`<div class="scroll"><table class="plain" role="table">
${tableHead([['verdict'], ['objective'], ['measured'], ['margin'], ['why']])}
<tbody role="rowgroup">${slos.map(
      ({ verdict, name: called, objective, measured, margin, reason }) => html`<tr role="row">
${cell(html`<span class="badge ${verdict}">${sign(verdict)}${verdict}</span>`)}
${rowHead(html`${figures(called)}<small>${figures(objective)}</small>`)}
${cell(html`<b class="measured">${figures(measured)}</b>`)}
${cell(margin === '' ? nothing : figures(margin))}
${cell(figures(reason))}
</tr>`,
    )}</tbody></table></div>`,
  ]);
}

function timeline(day: JudgedDay): Markup {
  const { shown, more } = cut(day.timeline, mostMoments);
  return html`<ul class="notes">${shown.map((moment) => html`<li><span class="num">${momentTime(moment)}</span><span>${name(momentText(moment))}</span></li>`)}${
    more > 0 && html`<li><span></span><span>and ${more} more, in day.ndjson</span></li>`
  }</ul>`;
}

/** To be filled in by hand, on paper or in the Markdown. */
function blanks(columns: readonly string[]): Markup {
  return html`<table class="plain" role="table">
${tableHead(columns.map((column) => [column]))}
<tbody role="rowgroup">${blankRows.map(() => html`<tr role="row">${columns.map(() => cell('\u00a0'))}</tr>`)}</tbody></table>`;
}
