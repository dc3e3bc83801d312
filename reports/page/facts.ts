import type { Target } from '../../runner/fault.ts';
import type { JudgedFault, JudgedProbe, JudgedRun, JudgedStream } from '../../runner/verdict.ts';
import { counted, cut, flattened, listed } from '../words/lists.ts';
import { length, moment, momentWithError, nothing, outageLength, utcOf } from '../words/times.ts';
import { percentiles, rateOf } from '../words/requests.ts';
import { calledOf, firstLabel } from '../words/targets.ts';
import { longestOutage } from '../words/verdicts.ts';
import { html, joined, name } from './markup.ts';
import type { Content, Markup } from './markup.ts';
import { cell, rowHead, tableHead } from './tables.ts';

const most = { targets: 40, streams: 60, outages: 60, reasons: 6, notes: 200, settings: 120, values: 40 };

/** Each fault with its targets, the quorum sum just before it, and how it was undone. */
export function faultCards(run: JudgedRun): Markup {
  return html`${blastRadius(run)}
${
    run.faults.length === 0
      ? html`<p>Nothing: no fault was injected.</p>`
      : html`<div class="cards">${run.faults.map(faultCard)}</div>`
  }`;
}

function blastRadius(run: JudgedRun): Markup {
  if (run.plan === null) return html`<p>There is no plan in the journal.</p>`;
  const { blastRadius: blast, quorum } = run.plan;
  const left = quorum && quorum.voters - quorum.down - quorum.taken;
  return html`<p>Planned blast radius: <b>${reach(blast)}</b>,
zones lost: <b>${name(listed(blast.zonesLost))}</b>, etcd members down at worst: <b>${blast.etcdMembersDown}</b>.
${
    quorum &&
    html`Quorum: ${quorum.voters} voters − ${quorum.down} down − ${quorum.taken} taken = <b>${left}</b>,
needed ${quorum.needed}: <b>${quorum.holds ? 'holds' : 'is lost'}</b>.`
  }</p>`;
}

function reach({ instances, nodes, pods }: NonNullable<JudgedRun['plan']>['blastRadius']): string {
  const onCluster = [nodes !== undefined && counted(nodes, 'node'), pods !== undefined && counted(pods, 'pod')].filter((part) => part !== false);
  return listed(instances === 0 && onCluster.length > 0 ? onCluster : [counted(instances, 'instance'), ...onCluster]);
}

function faultCard(fault: JudgedFault): Markup {
  const { shown, more } = cut(fault.targets, most.targets);
  return html`<article class="card${fault.open && ' open'}">
<h3>${name(fault.id)} <code>${fault.kind}</code></h3>
<p>${name(fault.says)}</p>
<dl class="pairs">
${pair('intent', moment(fault.intentMs))}
${pair('injected', fault.injectedMs === null ? html`<b class="bad">no</b>` : moment(fault.injectedMs))}
${fault.error !== null && pair('error', html`<b class="bad">${name(fault.error)}</b>`)}
${pair('undo', undo(fault))}
${fault.sum !== '' && pair('quorum just before', fault.sum)}
</dl>
<ul class="targets">${shown.map(
    (target) => html`<li><b>${name(calledOf(target))}</b> <code>${target.id}</code>
<span class="faint">${name(whereOf(target))}${target.etcdMember && html`, member <code>${target.etcdMember}</code>`}</span></li>`,
  )}${more > 0 && html`<li>and ${more} more</li>`}</ul>
</article>`;
}

/** Of a pod, also what keeps it alive and the node that it was on. */
function whereOf({ kind, zone, namespace, workload, node }: Target): string {
  const onCluster = kind === 'pod' ? [namespace && `in ${namespace}`, workload && `of ${workload}`, node && `on ${firstLabel(node)}`] : [kind === 'workload' && namespace && `in ${namespace}`];
  return [zone, onCluster.filter(Boolean).join(' ')].filter(Boolean).join(', ');
}

function undo(fault: JudgedFault): Content {
  if (fault.undone !== null) {
    const said = html`${moment(fault.undone.atMs)}: ${name(fault.undone.said)}`;
    return fault.undone.verified ? html`verified, ${said}` : html`<b class="bad">not verified</b>, ${said}`;
  }
  return fault.open ? html`<b class="bad">may still be in place</b>` : 'nothing to undo';
}

/** What each probe counted, and why its answers were bad. */
export function probeTable(run: JudgedRun): Markup {
  const rows = run.probes.flatMap((probe) => probe.streams.map((stream) => ({ probe, stream })));
  if (rows.length === 0) return html`<p>No probe answered.</p>`;
  const { shown, more } = cut(rows, most.streams);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="probes"><table class="plain">
${tableHead([['stream'], ['good', 'num'], ['bad', 'num'], ['unknown', 'num'], ['outages', 'num'], ['longest outage'], ['reasons']])}
<tbody>${shown.map(({ probe, stream }) => {
    const longest = longestOutage(stream);
    return html`<tr>${rowHead(streamName(probe, stream))}
${[stream.good, stream.bad, stream.unknown, stream.outages.length].map((count) => cell(count, 'num'))}
${cell(longest ? outageLength(longest) : nothing, 'num left')}${cell(reasons(stream))}</tr>`;
  })}</tbody></table></div>
${more > 0 && html`<p class="more">and ${counted(more, 'more stream')}, in report.json</p>`}
${outageTable(run)}`;
}

/** Of requests, also from where they are sent, how many and how fast they were. */
function streamName({ stands }: JudgedProbe, { name: called, requests }: JudgedStream): Markup {
  return html`${name(called)}${stands !== undefined && html`<small>${name(stands)}</small>`}${
    requests && html`<small>${rateOf(requests.slices)}, p50 / p99 / p99.9: ${percentiles(requests.latency)}</small>`
  }`;
}

function reasons(stream: JudgedStream): Content {
  const { shown, more } = cut(stream.reasons, most.reasons);
  const rows = shown.map((reason) => html`<span class="row">${reason.count} × ${name(reason.why)}</span>`);
  return [rows, more > 0 && `and ${more} more`];
}

function outageTable(run: JudgedRun): Markup | null {
  const all = run.probes
    .flatMap((probe) => probe.streams.flatMap((stream) => stream.outages.map((outage) => ({ stream: stream.name, outage }))))
    .sort((left, right) => left.outage.start.min - right.outage.start.min);
  if (all.length === 0) return null;
  const { shown, more } = cut(all, most.outages);
  return html`<details><summary>${counted(all.length, 'outage')} with error bars</summary>
<div class="scroll" tabindex="0" role="region" aria-label="outages"><table class="plain">
${tableHead([['stream'], ['began'], ['ended'], ['lasted'], ['most frequent reason']])}
<tbody>${shown.map(
    ({ stream, outage }) => html`<tr>${rowHead(name(stream))}${cell(momentWithError(outage.start), 'num left')}
${cell(outage.end ? momentWithError(outage.end) : 'not seen', 'num left')}
${cell(outageLength(outage), 'num left')}${cell(name(outage.why))}</tr>`,
  )}</tbody></table></div>${more > 0 && html`<p class="more">and ${counted(more, 'more outage')}, in report.json</p>`}</details>`;
}

export function notes(run: JudgedRun): Markup {
  const { shown, more } = cut(run.notes, most.notes);
  const items = shown.map((note) => html`<li><span class="num">${moment(note.atMs)}</span> <span>${name(note.text)}</span></li>`);
  return html`<ol class="notes">${items}</ol>
${more > 0 && html`<p class="more">and ${counted(more, 'more note')}, in report.json</p>`}`;
}

/** What an auditor needs to place this run and to repeat it. */
export function runFacts(run: JudgedRun): Markup {
  const { outcome, outcomeReason, tags } = run.run;
  return html`<dl class="pairs">
${pair('run', html`<code>${run.run.id}</code>`)}
${pair('drill', html`<code>${run.run.drill}</code>${tags.length > 0 && html` <span class="faint">${name(tags.join(', '))}</span>`}`)}
${pair('started', utcOf(run.run.startedAt))}
${pair('first fault', run.run.firstFaultAt === null ? 'none' : utcOf(run.run.firstFaultAt))}
${pair('ended', html`${utcOf(run.run.endedAt)}, ${length(run.run.endMs - run.run.startMs)} after the start`)}
${pair('outcome', html`${outcome ?? 'none: the run did not end'}${outcomeReason !== '' && html`: ${name(outcomeReason)}`}`)}
${pair('seed', String(run.run.seed))}
${Object.entries(run.plan?.zones ?? {}).map(([parameter, zone]) => pair(parameter, name(zone)))}
${pair('firedrill', name(run.run.firedrillVersion))}
${pair('Node', name(run.run.nodeVersion))}
</dl>`;
}

export function settings(value: unknown): Markup {
  const { shown, more } = cut(flattened(value), most.settings);
  const rows = shown.map(({ path, values }) =>
    pair(breakable(path), cut(values, most.values).shown.map((one) => html`<span class="row">${name(one)}</span>`)),
  );
  return html`<dl class="pairs">${rows}${more > 0 && pair('and', `${more} more, in report.json`)}</dl>`;
}

/** A long path may break behind its dots. */
function breakable(path: string): Content {
  return joined(path.split('.'), html`.<wbr/>`);
}

function pair(term: Content, value: Content): Markup {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`;
}
