import type { JudgedRun, JudgedSlo, VerdictValue } from '../../runner/verdict.ts';
import { counted, listed } from '../words/lists.ts';
import { notBack, recoveryName } from '../words/recoveries.ts';
import { scoreText } from '../words/scores.ts';
import { length, middle, moment, nothing, utcOf, withError } from '../words/times.ts';
import { exitMeaning, headline, oddEnd, openFaults, recoverCommand, tally } from '../words/verdicts.ts';
import { percent } from './axis.ts';
import { figures, html, name } from './markup.ts';
import type { Content, Markup } from './markup.ts';
import { cell, rowHead, tableHead } from './tables.ts';

/** What must be read before anything else: that something may still be broken, and what to do. */
export function alarm(run: JudgedRun): Markup | null {
  const open = openFaults(run);
  if (open.length === 0) return null;
  return html`<section class="alarm" role="alert" aria-labelledby="alarm">
<h2 id="alarm">Something may still be broken</h2>
<p>${counted(open.length, 'fault was', 'faults were')} injected or begun, and no undo was verified:</p>
<ul>${open.map(
    (fault) => html`<li><b>${name(fault.id)}</b>: ${name(fault.says)}${fault.error !== null && html`; it failed: ${name(fault.error)}`}${
      fault.undone && html`; the undo at ${moment(fault.undone.atMs)} said: ${name(fault.undone.said)}`
    }</li>`,
  )}</ul>
<p>Run <code>${recoverCommand(run)}</code>, then check by hand.</p>
</section>`;
}

/** The verdict in one word and one sentence, how the run ended, and the figures that everyone asks for. */
export function hero(run: JudgedRun): Markup {
  const { value, exitCode } = run.verdict;
  const odd = oddEnd(run);
  return html`<section class="hero ${value}" aria-labelledby="verdict">
<div class="word">${sign(value)}<h2 id="verdict"><span class="unseen-text">Verdict: </span>${value}</h2></div>
<div class="sentence"><p class="headline">${figures(headline(run))}</p>
${odd !== null && html`<p class="odd">${name(odd)}</p>`}
<p class="exit">exit code <b>${exitCode}</b> <span>${exitMeaning(exitCode)}</span></p></div>
</section>
<dl class="figures">${keyFigures(run).map(
    (figure) => html`<div><dt>${figure.name}</dt><dd><b>${figure.value}</b><small>${figure.detail}</small></dd></div>`,
  )}</dl>`;
}

interface Figure {
  readonly name: string;
  readonly value: Content;
  readonly detail: Content;
}

function keyFigures(run: JudgedRun): Figure[] {
  return [
    held(run),
    hit(run),
    lastBack(run),
    withoutLeader(run),
    { name: 'score', value: scoreText(run.score.value), detail: name(run.score.says) },
    { name: 'run', value: length(run.run.endMs - run.run.startMs), detail: utcOf(run.run.startedAt) },
  ].filter((figure) => figure !== null);
}

function held(run: JudgedRun): Figure {
  const count = run.slos.filter((slo) => slo.verdict === 'held').length;
  const detail = count === run.slos.length ? 'all that was asked' : tally(run);
  return { name: 'objectives held', value: `${count} of ${run.slos.length}`, detail };
}

function hit(run: JudgedRun): Figure {
  const injected = run.faults.filter((fault) => fault.injectedMs !== null);
  const targets = new Set(injected.flatMap((fault) => fault.targets.map((target) => target.id)));
  const zones = run.plan?.blastRadius.zonesLost ?? [];
  if (injected.length === 0) return { name: 'hit', value: 'nothing', detail: 'no fault was injected' };
  const detail = zones.length > 0 ? html`all of ${name(listed(zones))}` : counted(injected.length, 'fault');
  return { name: 'hit', value: counted(targets.size, 'target'), detail };
}

function lastBack(run: JudgedRun): Figure | null {
  const expected = run.waterfall.filter(({ forGood }) => forGood === undefined);
  if (expected.length === 0) return null;
  const missing = expected.filter((recovery) => recovery.whole === null);
  if (missing.length > 0) {
    return {
      name: notBack, value: `${missing.length} of ${expected.length}`,
      detail: name(listed(missing.map(recoveryName), 4)),
    };
  }
  const last = expected.reduce((left, right) => (middle(right.whole!) > middle(left.whole!) ? right : left));
  if (last.whole!.max === 0) return { name: 'lost for a time', value: 'none', detail: 'no target was seen to be away' };
  const detail = html`${name(recoveryName(last))}, ${withError(last.whole!)}`;
  return { name: 'slowest to come back', value: length(middle(last.whole!)), detail };
}

function withoutLeader(run: JudgedRun): Figure | null {
  if (run.leader.length === 0) return null;
  const gaps = run.leader.filter((one) => one.leader === null);
  const elections = new Set(run.leader.map((one) => one.term)).size - 1;
  return {
    name: 'without a leader',
    value: gaps.length === 0 ? 'never' : length(gaps.reduce((sum, gap) => sum + gap.toMs - gap.fromMs, 0)),
    detail: elections === 0 ? 'no new term' : counted(elections, 'new term'),
  };
}

/** Each objective: what was asked, what was measured, and how much of what was allowed was used up. */
export function objectives(run: JudgedRun): Markup {
  if (run.slos.length === 0) return html`<p>No objective was judged.</p>`;
  return html`<table class="slos" role="table">
${tableHead([['verdict'], ['objective'], ['measured'], ['used of what is allowed', 'chart']])}
<tbody role="rowgroup">${run.slos.map(sloRow)}</tbody></table>`;
}

function sloRow(slo: JudgedSlo): Markup {
  return html`<tr role="row" class="${slo.verdict}">
${cell(html`<span class="badge ${slo.verdict}">${sign(slo.verdict)}${slo.verdict}</span>`, 'value')}
${rowHead(html`${figures(slo.name)}<small>${figures(slo.objective)} · probe ${name(slo.probe)}</small>`)}
${cell(html`<b class="measured">${figures(slo.measured)}</b>${slo.reason !== '' && html`<small>${figures(slo.reason)}</small>`}`)}
${cell(html`${usedBar(slo)}<small>${slo.margin === '' ? nothing : figures(slo.margin)}</small>`, 'chart')}
</tr>`;
}

/** All that is allowed ends at four fifths of the bar, so that what is over can be seen. */
const allowed = 80;

/** How much of what is allowed was used up, as a bar. */
export function usedBar(slo: JudgedSlo): Markup {
  if (slo.used === null || Number.isNaN(slo.used)) {
    return html`<svg class="used" width="100%" height="16" role="img" aria-label="not known">
<rect class="track unknown" width="${percent(allowed)}" y="3" height="10"/></svg>`;
  }
  const used = Math.max(0, slo.used) * allowed;
  const share = Number.isFinite(slo.used) ? `${Math.round(slo.used * 100)} % of what is allowed was used` : 'far over what is allowed';
  return html`<svg class="used" width="100%" height="16" role="img" aria-label="${share}"><title>${share}</title>
<rect class="track" width="${percent(allowed)}" y="3" height="10"/>
<rect class="part ${slo.verdict}" width="${percent(Math.min(used, allowed))}" y="3" height="10"/>${
    used > allowed &&
    html`<rect class="over" x="${percent(allowed)}" width="${percent(Math.min(used, 100) - allowed)}" y="3" height="10"/>`
  }<line class="limit" x1="${percent(allowed)}" x2="${percent(allowed)}" y1="0" y2="16"/></svg>`;
}

/** The verdict's sign, drawn: a tick, a cross, a question mark. */
export function sign(value: VerdictValue): Markup {
  const drawings: Readonly<Record<VerdictValue, Markup>> = {
    held: html`<polyline points="5,12.5 10,17.5 19,7"/>`,
    broken: html`<line x1="6" y1="6" x2="18" y2="18"/><line x1="6" y1="18" x2="18" y2="6"/>`,
    inconclusive: html`<text x="12" y="20" text-anchor="middle">?</text>`,
  };
  return html`<svg class="sign" viewBox="0 0 24 24" aria-hidden="true">${drawings[value]}</svg>`;
}
