import type { PhaseName } from '../../runner/journal.ts';
import type { JudgedRun, JudgedSlo } from '../../runner/verdict.ts';
import { axisOf } from '../page/axis.ts';
import { html, name, type Markup } from '../page/markup.ts';
import { timeline } from '../page/timeline.ts';
import { sign, usedBar } from '../page/verdict.ts';

/** What a run is at. Times are those of its clock, in milliseconds. */
export interface WallState {
  readonly title: string;
  readonly drill: string;
  readonly environment: string;
  readonly run: string;
  /** Undefined before the baseline. */
  readonly phase: PhaseName | undefined;
  readonly faults: readonly { readonly id: string; readonly says: string; readonly stays: boolean; readonly state: 'under way' | 'injected' | 'failed' | 'undone' }[];
  /** What was hit and is not back, and the last that was seen of it. */
  readonly missing: readonly { readonly name: string; readonly last: string }[];
  readonly streams: readonly { readonly name: string; readonly value: 'g' | 'b' | 'u'; readonly why: string }[];
  /** How it ended; undefined while it goes on. */
  readonly ended: string | undefined;
  /** What the one who pressed stop was told. */
  readonly stopSaid: string;
}

const phaseWords: Readonly<Record<PhaseName, string>> = { baseline: 'baseline', inject: 'breaking', recover: 'recovering', undo: 'undoing', done: 'done' };

/** The phase in one word, for the largest letters on the wall. */
export function phaseWord({ phase, ended }: Pick<WallState, 'phase' | 'ended'>): string {
  if (ended !== undefined) return 'ended';
  return phase === undefined ? 'starting' : phaseWords[phase];
}

/** What is broken now, what is missing, and what the probes say: quick to draw, and drawn often. */
export function nowMarkup(state: WallState): Markup {
  const bad = state.streams.filter(({ value }) => value !== 'g');
  return html`<div class="now-part"><h2>Broken now</h2>
${state.faults.length === 0 ? html`<p class="quiet">nothing yet</p>` : html`<ul class="hits">${state.faults.map((fault) => faultLine(fault, state.missing.length > 0))}</ul>`}</div>
<div class="now-part"><h2>Not back yet</h2>
${
    state.missing.length === 0
      ? html`<p class="quiet">${state.faults.length === 0 ? 'nothing was hit' : 'nothing: all are back'}</p>`
      : html`<ul class="hits">${state.missing.map(({ name: who, last }) => html`<li><b>${name(who)}</b> <span>${name(last)}</span></li>`)}</ul>`
  }</div>
<div class="now-part"><h2>Probes</h2>
<p class="tally">${state.streams.length - bad.length} of ${state.streams.length} good</p>
<ul class="hits">${bad.slice(0, mostStreams).map(
    ({ name: who, value, why }) => html`<li class="${value === 'b' ? 'is-bad' : 'is-unknown'}"><b>${name(who)}</b> <span>${value === 'b' ? 'bad' : 'unknown'}${why !== '' && html`: ${name(why)}`}</span></li>`,
  )}${bad.length > mostStreams && html`<li>and ${bad.length - mostStreams} more</li>`}</ul></div>`;
}

const mostStreams = 6;
const faultWords = { 'under way': 'being injected', injected: 'injected', failed: 'failed', undone: 'undone' } as const;

/** A kill has nothing to undo: it is over when all that was hit is back. */
function faultLine({ id, says, stays, state }: WallState['faults'][number], isMissing: boolean): Markup {
  const isOver = state === 'undone' || (state === 'injected' && !stays && !isMissing);
  return html`<li class="${isOver ? 'is-over' : 'is-bad'}"><b>${name(id)}</b> <em>${faultWords[state]}</em> <span>${name(says)}</span></li>`;
}

/** How an SLO stands while its run goes on. */
export type Standing = 'broken' | 'at risk' | 'fine so far' | 'not known yet';

/** From this part of what is allowed on, an SLO is at risk. */
const riskyPart = 0.5;

/**
 * @param badProbes those that say something else than good right now
 */
export function standingOf({ verdict, used, probe }: JudgedSlo, badProbes: ReadonlySet<string>, isBroken: boolean): Standing {
  if (verdict === 'broken') return 'broken';
  if (isBroken && ((used ?? 0) >= riskyPart || badProbes.has(probe))) return 'at risk';
  return verdict === 'held' ? 'fine so far' : 'not known yet';
}

const signOf = { broken: 'broken', 'at risk': 'inconclusive', 'fine so far': 'held', 'not known yet': undefined } as const;
const rank: readonly Standing[] = ['broken', 'at risk', 'not known yet', 'fine so far'];

/** The objectives, the worst first. */
export function slosMarkup(run: JudgedRun, badProbes: ReadonlySet<string>): Markup {
  const isBroken = run.faults.length > 0;
  const ended = run.run.outcome !== null;
  const all = run.slos
    .map((slo) => ({ slo, standing: standingOf(slo, ended ? new Set() : badProbes, isBroken && !ended) }))
    .sort((a, b) => rank.indexOf(a.standing) - rank.indexOf(b.standing));
  return html`<ul class="slo-list">${all.map(({ slo, standing }) => {
    const look = signOf[standing];
    return html`<li class="standing ${standing.replaceAll(' ', '-')}"><span class="badge ${look ?? 'open'}">${look && sign(look)}${ended ? slo.verdict : standing}</span>
<b>${name(slo.name)}</b><span class="measured">${name(slo.measured)}</span>${usedBar(slo)}</li>`;
  })}</ul>`;
}

/** The same picture as in the report, as far as it has come. */
export function chartsMarkup(run: JudgedRun): Markup {
  return timeline(run, { axis: axisOf(run), gridId: 'wall-grid' });
}
