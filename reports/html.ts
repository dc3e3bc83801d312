import type { JudgedRun } from '../runner/verdict.ts';
import { defineFormat } from './format.ts';
import { changeTable } from './page/changes.ts';
import { chartTables } from './page/chart-tables.ts';
import { consistencySection, counterexampleSection } from './page/consistency.ts';
import { document, section } from './page/document.ts';
import { eventTable } from './page/events.ts';
import { keysDialog, readout, tools } from './page/explore.ts';
import { faultCards, notes, probeTable, runFacts, settings } from './page/facts.ts';
import { patterns } from './page/hatchings.ts';
import { loadTable } from './page/loads.ts';
import { html, name } from './page/markup.ts';
import type { Markup } from './page/markup.ts';
import { readingsElement } from './page/readings.ts';
import { scriptElement, scriptHash } from './page/script.ts';
import { alarm, hero, objectives } from './page/verdict.ts';
import { timelines } from './page/views.ts';
import { waterfalls } from './page/waterfall.ts';
import { utcOf, zeroOf } from './words/times.ts';

export default defineFormat({
  summary: 'For people: the recovery report, one page to explore, that needs no network and reads well without its script.',
  extension: 'html',
  render: (run) => `${page(run).text}\n`,
});

function page(run: JudgedRun): Markup {
  return document(`${run.verdict.value}: ${run.run.title}`, html`${patterns}
${alarm(run)}
<header class="top"><p class="kind">firedrill <span>recovery report</span></p>
<h1>${name(run.run.title)}</h1>
<p class="why">${name(run.run.why)}</p>
<p class="when"><code>${run.run.drill}</code> in <code>${run.environment.name}</code> · ${utcOf(run.run.startedAt)}</p></header>
<main>
${hero(run)}
${counterexampleSection(run)}${section('objectives', 'Objectives', objectives(run))}
${section('timeline', 'What happened', [html`<p class="faint">All times count from ${zeroOf(run)}.</p>`, legend, tools, timelines(run), readout, chartTables(run)])}
${
    run.waterfall.length > 0 &&
    section('recovery', 'How each target came back', [
      html`<p class="faint">Each bar runs from the step before to this one; the whiskers are the interval in which it happened.</p>`,
      waterfalls(run),
    ])
  }
${section('events', 'Events', eventTable(run))}
${section('faults', 'What was broken', faultCards(run))}
${section('probes', 'What the probes saw', probeTable(run))}
${consistencySection(run)}${run.loads && run.loads.length > 0 && section('loads', 'Background load', loadTable(run))}${run.changes && run.changes.length > 0 && section('changes', 'Calls that changed something', changeTable(run.changes))}
${run.notes.length > 0 && section('notes', 'Notes', notes(run))}
<div class="columns">
${section('run', 'The run', runFacts(run))}
${section('environment', 'The environment', settings(run.environment))}
</div>
${section('again', 'Run it again', [
    html`<pre class="command"><code>${run.run.command}</code></pre>`,
    html`<details><summary>the drill as it was run</summary>${settings(run.scenario)}</details>`,
  ])}
</main>
<footer>firedrill ${name(run.run.firedrillVersion)} · <code>${run.run.id}</code></footer>
${keysDialog}
${readingsElement(run)}`, { element: scriptElement, hash: scriptHash });
}

const legend = html`<ul class="legend" aria-label="legend">
<li><i class="good"></i>good</li>
<li><i class="bad"></i>bad</li>
<li><i class="unknown"></i>unknown</li>
<li><i class="outage-key"></i>outage with error bars</li>
<li><i class="injection-key"></i>injection</li>
</ul>`;
