import type { JudgedProbe, JudgedRun, JudgedStream, LatencySlice, RequestSlice } from '../../runner/verdict.ts';
import { cut } from '../words/lists.ts';
import { loadName } from '../words/requests.ts';
import { firstLabel } from '../words/targets.ts';
import { length, zeroTimeOf } from '../words/times.ts';
import { visible } from '../words/untrusted.ts';
import type { LaneReading, Readings } from './browser/readings.ts';
import { drawnStreams, withoutPrefix } from './drawn-streams.ts';
import { hasLatencyLane, usualGapMs } from './latency.ts';
import { Markup } from './markup.ts';
import { answeredIn, dueIn, spanOf } from './request-slices.ts';

/** As many as there are lanes of them. */
const most = { faults: 12, lives: 40, loads: 6 };

interface Said {
  readonly fromMs: number;
  readonly toMs: number;
  readonly text: string;
}

interface Spoken {
  readonly group: string;
  readonly name: string;
  readonly said: readonly Said[];
}

/** What every lane says over time, as the block of JSON that the page's script reads. */
export function readingsElement(run: JudgedRun): Markup {
  const json = JSON.stringify(readingsOf(run)).replaceAll('<', String.raw`\u003c`);
  return new Markup(`<script type="application/json" id="readings">${json}</script>`);
}

export function readingsOf(run: JudgedRun): Readings {
  const places = new Map<string, number>();
  const lanes = spokenLanes(run)
    .map((lane): LaneReading => ({ group: visible(lane.group), name: visible(lane.name), spans: spansOf(lane.said, places) }))
    .filter(({ spans }) => spans.length > 0);
  return { zeroMs: zeroTimeOf(run), texts: [...places.keys()], lanes };
}

/** In order and without overlap, as they are looked up by halving. */
function spansOf(said: readonly Said[], places: Map<string, number>): number[] {
  const sorted = said.filter(({ fromMs, toMs }) => Number.isFinite(fromMs) && toMs > fromMs).sort((left, right) => left.fromMs - right.fromMs);
  return sorted.flatMap(({ fromMs, toMs, text }, index) => {
    const shown = visible(text);
    if (!places.has(shown)) places.set(shown, places.size);
    const [from, to] = [Math.round(fromMs), Math.round(Math.min(toMs, sorted[index + 1]?.fromMs ?? Infinity, Number.MAX_SAFE_INTEGER))];
    return [from, to - from, places.get(shown)!];
  });
}

function spokenLanes(run: JudgedRun): Spoken[] {
  return [
    { group: 'phase', name: 'phase', said: run.phases.map(({ fromMs, toMs, phase }) => ({ fromMs, toMs, text: phase })) },
    ...cut(run.faults, most.faults).shown.map((fault): Spoken => ({ group: 'in place', name: fault.id, said: whileInPlace(run, fault) })),
    ...run.probes.flatMap((probe) => ofProbe(run, probe)),
    ...cut(run.loads ?? [], most.loads).shown.flatMap((load) => ofRequests(`load ${loadName(load)}`, load.slices, load.latencies)),
    { group: 'leader', name: 'leader', said: run.leader.map(({ fromMs, toMs, leader, term }) => ({ fromMs, toMs, text: leader === null ? `none (term ${term})` : `${leader}, term ${term}` })) },
    ...cut(run.lives, most.lives).shown.map((life): Spoken => ({
      group: life.kind === undefined ? 'instances' : `${life.kind}s`,
      name: life.kind === 'node' ? firstLabel(life.name) : life.name,
      said: life.segments.map(({ fromMs, toMs, state }) => ({ fromMs, toMs, text: state })),
    })),
  ];
}

/** A kill is over in an instant; what is undone, or not, lasts. */
function whileInPlace(run: JudgedRun, { kind, injectedMs, open, undone }: JudgedRun['faults'][number]): Said[] {
  if (injectedMs === null) return [];
  return [{ fromMs: injectedMs, toMs: open ? run.run.endMs : (undone?.atMs ?? injectedMs), text: kind }];
}

function ofProbe(run: JudgedRun, probe: JudgedProbe): Spoken[] {
  const { shown, withRequests } = drawnStreams(probe);
  const judged = run.slos.some((slo) => slo.probe === probe.name && slo.form === 'latency');
  return shown.flatMap((stream) => {
    const values: Spoken = {
      group: probe.name, name: withoutPrefix(stream.name, probe.name),
      said: stream.segments.map(({ fromMs, toMs, value, why }) => ({ fromMs, toMs, text: why === '' ? value : `${value}: ${why}` })),
    };
    return [values, ...figuresOf(probe, stream, judged, withRequests.has(stream))];
  });
}

function figuresOf(probe: JudgedProbe, stream: JudgedStream, judged: boolean, withRequests: boolean): Spoken[] {
  if (stream.requests) return withRequests ? ofRequests(stream.name, stream.requests.slices, stream.latency) : [];
  return hasLatencyLane(probe, stream, judged) ? [latencyOf(stream.name, stream.latency)] : [];
}

function ofRequests(called: string, slices: readonly RequestSlice[], latencies: readonly LatencySlice[]): Spoken[] {
  const group = `${called} requests`;
  return [{ group, name: group, said: slices.map((slice) => ({ ...spanOf(slice), text: requestsInWords(slice) })) }, latencyOf(called, latencies)];
}

function requestsInWords(slice: RequestSlice): string {
  const failed = Object.entries(slice.failed).filter(([, count]) => count > 0).map(([kind, count]) => `${count} × ${kind}`);
  const unheard = slice.unknown > 0 ? [`${slice.unknown} not sent, or not heard`] : [];
  return [`${answeredIn(slice)} of ${dueIn(slice)} answered`, ...failed, ...unheard].join(', ');
}

function latencyOf(called: string, latencies: readonly LatencySlice[]): Spoken {
  const halfMs = usualGapMs(latencies) / 2;
  const said = latencies.map(({ atMs, ...summary }) => ({
    fromMs: atMs - halfMs, toMs: atMs + halfMs,
    text: (['p50', 'p99', 'p99.9', 'max'] as const).flatMap((which) => (summary[which] === undefined ? [] : [`${which} ${length(summary[which])}`])).join(', '),
  }));
  return { group: `${called} latency`, name: `${called} latency`, said };
}
