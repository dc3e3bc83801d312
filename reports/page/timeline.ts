import type { JudgedFault, JudgedProbe, JudgedRun } from '../../runner/verdict.ts';
import { counted, cut, listed } from '../words/lists.ts';
import { firstLabel, targetsByZone } from '../words/targets.ts';
import { clock, length, moment, zeroOf } from '../words/times.ts';
import { streamInWords } from '../words/verdicts.ts';
import { anchorAt, percent, tickName } from './axis.ts';
import { drawnStreams, withoutPrefix } from './drawn-streams.ts';
import { block, grid, laneRow, streamLane, upright } from './lanes.ts';
import type { View } from './lanes.ts';
import { latencyLane } from './latency.ts';
import { html, name } from './markup.ts';
import type { Content, Markup } from './markup.ts';
import { loadRequests, streamRequests } from './requests.ts';
import { rounded } from './stairs.ts';

/** What a page can hold without becoming a scroll of lanes; the rest is counted, and is in the JSON. */
const most = { faults: 12, lives: 40, segments: 400 };

/** All that happened on one time axis, lane under lane. */
export function timeline(run: JudgedRun, view: View): Markup {
  return html`<div class="lanes" data-from="${rounded(view.axis.fromMs)}" data-to="${rounded(view.axis.toMs)}">
${grid(view, run)}
${axisLane(run, view)}
${phaseLane(run, view)}
${run.faults.length > 0 && faultLane(run, view)}
${run.probes.map((probe) => probeLanes(run, view, probe))}
${run.loads && run.loads.length > 0 && loadRequests(view, run)}
${run.leader.length > 0 && leaderLane(run, view)}
${run.lives.length > 0 && lifeLanes(run, view)}
${axisLane(run, view)}
</div>`;
}

function axisLane(run: JudgedRun, view: View): Markup {
  const { axis } = view;
  const wanted = axis.ticks.filter((tick) => axis.at(tick) <= 99.5);
  // The narrower the page, the fewer ticks have texts; zero always has.
  const zero = Math.max(0, wanted.indexOf(0));
  const label = `time axis from ${moment(axis.fromMs)} to ${moment(axis.toMs)}; t counts from ${zeroOf(run)}`;
  const spacing = wanted.length > 1 ? axis.at(wanted[1]!) - axis.at(wanted[0]!) : 100;
  return html`<div class="lane axis">
<div class="lane-name"><small>from ${run.run.firstFaultAt === null ? 'the start' : 'the first fault'}<br/>UTC</small></div>
<svg class="lane-chart" role="img" aria-label="${label}" width="100%" height="34">${wanted.map((tick, index) => {
    const x = axis.at(tick);
    const rank = ['whole', 'odd', 'half', 'odd'][Math.abs(index - zero) % 4];
    const place = html`x="${percent(x)}" text-anchor="${anchorAt(x)}"`;
    // The time of day is wide: close to an end it is left out where it would run into its neighbour or off the page.
    const roomy = (x > 4.6 && x < 95.4) || (anchorAt(x) !== 'middle' && spacing > 12);
    return html`
<g class="${rank}${x < 13 && ' early'}${x > 87 && ' late'}"><text ${place} y="13">${tickName(tick)}</text>${
      roomy && html`<text class="faint" ${place} y="28">${clock(run, tick)}</text>`
    }</g>`;
  })}</svg></div>`;
}

function phaseLane(run: JudgedRun, view: View): Markup {
  const words = run.phases.map((phase) => `${phase.phase} from ${moment(phase.fromMs)} to ${moment(phase.toMs)}`);
  return laneRow(view, {
    name: 'phases',
    label: `phases: ${words.length > 0 ? words.join(', ') : 'none'}`,
    heightPx: 26,
    drawing: run.phases.map((phase, index) =>
      block(view.axis, { ...phase, look: `phase-${phase.phase}`, hint: words[index]!, text: phase.phase }, 3, 20),
    ),
  });
}

const faultRowPx = 22;

function faultLane(run: JudgedRun, view: View): Markup {
  const { shown, more } = cut(run.faults, most.faults);
  return laneRow(view, {
    name: 'faults',
    detail: more > 0 && `and ${more} more`,
    label: `faults: ${shown.map((fault) => `${fault.id}, ${faultInWords(fault)}`).join('; ')}`,
    heightPx: shown.length * faultRowPx + 6,
    drawing: shown.map((fault, row) => faultMarks(run, view, fault, row * faultRowPx + 14)),
  });
}

export function faultInWords(fault: JudgedFault): string {
  const { undone, error, injectedMs } = fault;
  return [
    `${fault.kind} on ${targetsByZone(fault.targets)}`,
    injectedMs === null ? 'not injected' : `injected at ${moment(injectedMs)}`,
    error !== null && `failed: ${error}`,
    undone && `${undone.verified ? 'undone' : 'undo not verified'} at ${moment(undone.atMs)}: ${undone.said}`,
    fault.open && 'may still be in place',
  ]
    .filter(Boolean)
    .join('; ');
}

const cross = html`<line x1="-5" y1="-5" x2="5" y2="5"/><line x1="-5" y1="5" x2="5" y2="-5"/>`;
const bull = html`<circle r="6"/><circle class="core" r="2"/>`;

/** From intent to injection and on to the undo, or to the end of the run when it is open; a kill is a mark alone. */
function faultMarks(run: JudgedRun, view: View, fault: JudgedFault, y: number): Markup {
  const { axis } = view;
  const startMs = fault.injectedMs ?? fault.intentMs;
  const endMs = fault.open ? run.run.endMs : (fault.undone?.atMs ?? startMs);
  const x = axis.at(startMs);
  const side = x > 62 ? { anchor: 'end', dx: -12 } : { anchor: 'start', dx: 12 };
  const look = fault.injectedMs === null ? 'failed' : fault.open ? 'open' : 'done';
  const hint = `${fault.id}: ${faultInWords(fault)}`;
  const words = [
    `${fault.id}: ${fault.kind}${fault.targets.length > 0 ? ` × ${fault.targets.length}` : ''}`,
    fault.injectedMs === null && 'not injected',
    fault.open && 'may still be in place',
  ];
  return html`<g class="fault ${look}"><title>${hint}</title>
${endMs > startMs && block(axis, { fromMs: startMs, toMs: endMs, look: `fault-span ${look}`, hint }, y - 8, 16)}
${fault.undone && upright(axis, fault.undone.atMs, y - 8, y + 8, 'undo')}
<svg class="mark" x="${percent(x)}" y="${y}">${fault.injectedMs === null ? cross : bull}</svg>
<text class="note" x="${percent(x)}" y="${y}" dx="${side.dx}" dy="0.35em" text-anchor="${side.anchor}">${words.filter(Boolean).join(', ')}</text></g>`;
}

function probeLanes(run: JudgedRun, view: View, probe: JudgedProbe): Markup {
  const slos = run.slos.filter((slo) => slo.probe === probe.name);
  const judged = slos.some((slo) => slo.form === 'latency');
  const every = `${probe.kind}, every ${length(probe.everyMs)}`;
  const only = probe.streams.length === 1 ? probe.streams[0] : undefined;
  if (only) {
    return html`${streamLane(view, only, name(probe.name), `${probe.name}: ${streamInWords(only)}`, every)}
${only.requests ? streamRequests(view, only, slos) : latencyLane(view, probe, only, judged)}`;
  }
  const { shown, withRequests } = drawnStreams(probe);
  const left = probe.streams.length - shown.length;
  const lanes = shown.map((stream) => [
    streamLane(view, stream, name(withoutPrefix(stream.name, probe.name)), `${stream.name}: ${streamInWords(stream)}`),
    stream.requests ? withRequests.has(stream) && streamRequests(view, stream, slos) : latencyLane(view, probe, stream, judged),
  ]);
  return html`<div class="lane-group"><div class="lane-name"><span>${name(probe.name)}</span></div>
<small>${every}${probe.streams.length === 0 && ', no stream'}</small></div>
${lanes}
${left > 0 && html`<p class="more">and ${counted(left, 'more stream')} of ${probe.name}, in report.json</p>`}`;
}

function leaderLane(run: JudgedRun, view: View): Markup {
  const names = [...new Set(run.leader.map((one) => one.leader))].filter((leader) => leader !== null);
  const words = run.leader.map(
    (one) => `${one.leader ?? 'none'} in term ${one.term} from ${moment(one.fromMs)} to ${moment(one.toMs)}`,
  );
  return laneRow(view, {
    name: 'leader', detail: 'and its term',
    label: `leader: ${cut(words, 20).shown.join(', ')}`,
    heightPx: 28,
    drawing: cut(run.leader, most.segments).shown.map((one, index) =>
      block(
        view.axis,
        {
          ...one,
          look: one.leader === null ? 'no-leader' : `leader-${names.indexOf(one.leader) % 2}`,
          hint: `${words[index]!}, ${length(one.toMs - one.fromMs)}`,
          text: one.leader === null ? 'none' : html`${one.leader} · ${one.term}`,
        },
        4,
        20,
      ),
    ),
  });
}

/** How states look: a machine's, as EC2 names them, and those of pods and nodes. One that isn't here looks like `stopped`. */
const looks = new Map(
  Object.entries({
    ...Object.fromEntries(['pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped'].map((state) => [state, state])),
    started: 'pending',
    ready: 'running',
    terminating: 'shutting-down',
  }),
);

type Life = JudgedRun['lives'][number];

/** The groups of lanes, each with the states that its key explains. */
const lifeKinds = [
  { kind: undefined, title: 'instances', states: ['pending', 'running', 'shutting-down', 'terminated'] },
  { kind: 'node', title: 'nodes', states: ['pending', 'ready', 'not ready'] },
  { kind: 'pod', title: 'pods', states: ['pending', 'ready', 'terminating', 'not ready'] },
] as const;

function lifeLanes(run: JudgedRun, view: View): Content {
  return lifeKinds.map(({ kind, title, states }) => {
    const lives = run.lives.filter((life) => life.kind === kind).sort(kind === undefined ? byZone : byBeginning);
    return lives.length > 0 && lifeGroup(lives, view, title, states);
  });
}

/** So that a lost zone is seen as one. */
function byZone(left: Life, right: Life): number {
  return left.zone < right.zone ? -1 : Number(left.zone > right.zone);
}

/** What was hit, and below it what came in its place. */
function byBeginning(left: Life, right: Life): number {
  return (left.segments[0]?.fromMs ?? 0) - (right.segments[0]?.fromMs ?? 0);
}

/** As many letters as a name and its detail may have to stand on one line; pods have long ones, and two. */
const oneLine = 24;

function lifeGroup(lives: JudgedRun['lives'], view: View, title: string, states: readonly string[]): Content {
  const { shown, more } = cut(lives, most.lives);
  return html`<div class="lane-group"><div class="lane-name"><span>${title}</span></div>
<small>${states.map((state) => html`<span class="state-key"><i class="${lookOf(state)}"></i>${state}</span> `)}</small></div>
${shown.map((life) => {
  const [called, where] = [life.kind === 'node' ? firstLabel(life.name) : life.name, firstLabel(life.zone)];
  return laneRow(view, {
    name: name(called), detail: name(where), compact: life.kind !== 'pod' && called.length + where.length <= oneLine,
    label: `${life.name} in ${life.zone}: ${listed(life.segments.map((one) => `${one.instanceId} ${one.state} from ${moment(one.fromMs)}`), 20)}`,
    heightPx: 22,
    drawing: cut(life.segments, most.segments).shown.map((one) =>
      block(
        view.axis,
        {
          ...one,
          look: lookOf(one.state),
          hint: `${one.instanceId} ${one.state}\n${moment(one.fromMs)} to ${moment(one.toMs)}, ${length(one.toMs - one.fromMs)}`,
          text: one.state === 'running' ? one.instanceId : '',
        },
        3,
        16,
      ),
    ),
  });
})}
${more > 0 && html`<p class="more">and ${counted(more, `more ${title.slice(0, -1)}`)}, in report.json</p>`}`;
}

function lookOf(state: string): string {
  return looks.get(state) ?? 'stopped';
}
