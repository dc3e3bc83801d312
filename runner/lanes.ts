import type { ProbeHistory, StreamHistory } from './history.ts';
import type { Milestone } from './journal.ts';
import { ascending, quantile } from './latency.ts';
import type { ObservationColumns } from './observation-columns.ts';
import type { Plan } from './plan.ts';
import { countedRequests } from './traffic/counted.ts';
import type { InstanceLife, JudgedProbe, JudgedRun, JudgedStream } from './verdict.ts';

/** A lane is a picture: more than this can't be told apart, and would only make the report large. */
const maxSegments = 600;
const maxSlices = 300;

/** What one probe saw, as lanes of a time axis. */
export function judgedProbe({ name, kind, everyMs, streams, stands }: ProbeHistory): JudgedProbe {
  return { name, kind, everyMs, streams: streams.map((stream) => judgedStream(stream, everyMs)), ...(stands === undefined ? {} : { stands }) };
}

function judgedStream({ name, observations, outages, requests }: StreamHistory, everyMs: number): JudgedStream {
  if (requests) return { name, segments: segmentsOf(observations, everyMs), outages, ...countedRequests(requests) };
  const counts = { good: 0, bad: 0, unknown: 0 };
  const reasons = new Map<string, number>();
  observations.each((_start, _end, value, why) => {
    counts[value] += 1;
    if (value !== 'good' && why) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  });
  return {
    name,
    ...counts,
    segments: segmentsOf(observations, everyMs),
    outages,
    latency: latencySlices(observations),
    reasons: [...reasons].map(([why, count]) => ({ why, count })).sort((a, b) => b.count - a.count),
  };
}

type Segment = JudgedStream['segments'][number];

/** Neighbours of one value and reason joined; what is too short to be seen goes to the worse of its neighbours. */
function segmentsOf(observations: ObservationColumns, everyMs: number): Segment[] {
  const joiner = joinerOf(everyMs, true);
  observations.each(joiner.add);
  const joined = joiner.segments;
  if (joined.length <= maxSegments) return joined;
  const values = join(joined, everyMs, false);
  if (values.length <= maxSegments) return values;
  const sliceMs = (values.at(-1)!.toMs - values[0]!.fromMs) / maxSegments;
  const coarse: Segment[] = [];
  for (const one of values) {
    const before = coarse.at(-1);
    if (before && one.toMs - before.fromMs < sliceMs) {
      const worse = badness[one.value] > badness[before.value] ? one : before;
      coarse[coarse.length - 1] = { ...worse, fromMs: before.fromMs, toMs: one.toMs };
    } else coarse.push(one);
  }
  return join(coarse, everyMs, false);
}

const badness = { good: 0, unknown: 1, bad: 2 } as const;

function join(segments: readonly Segment[], everyMs: number, byReason: boolean): Segment[] {
  const joiner = joinerOf(everyMs, byReason);
  for (const { fromMs, toMs, value, why } of segments) joiner.add(fromMs, toMs, value, why);
  return joiner.segments;
}

/** Takes segments by start; each but the last of its stretch is drawn up to the next one's start. */
function joinerOf(everyMs: number, byReason: boolean): { segments: Segment[]; add(fromMs: number, toMs: number, value: Segment['value'], why: string): void } {
  const segments: { fromMs: number; toMs: number; value: Segment['value']; why: string }[] = [];
  return {
    segments,
    add(fromMs, toMs, value, why) {
      const before = segments.at(-1);
      // A question that took long covers those after it: what counts is when each was asked.
      const follows = before !== undefined && fromMs - before.toMs <= 2.5 * everyMs;
      if (follows) before.toMs = fromMs;
      if (follows && before.value === value && (!byReason || before.why === why)) before.toMs = Math.max(fromMs, toMs);
      else segments.push({ fromMs, toMs, value, why });
      const last = segments.at(-1)!;
      last.toMs = Math.max(last.toMs, Math.min(toMs, fromMs + everyMs));
    },
  };
}

function latencySlices(observations: ObservationColumns): JudgedStream['latency'] {
  let firstMs = Infinity;
  let lastMs = -Infinity;
  observations.each((start, _end, value) => {
    if (value !== 'good') return;
    if (firstMs === Infinity) firstMs = start;
    lastMs = start;
  });
  if (firstMs === Infinity) return [];
  const sliceMs = Math.max(1_000, Math.ceil((lastMs - firstMs) / maxSlices / 1_000) * 1_000);
  const slices = new Map<number, number[]>();
  observations.each((start, end, value) => {
    if (value !== 'good') return;
    const index = Math.floor(start / sliceMs);
    const slice = slices.get(index);
    if (slice) slice.push(end - start);
    else slices.set(index, [end - start]);
  });
  return [...slices].map(([index, latencies]) => {
    const sorted = latencies.sort(ascending);
    return {
      atMs: (index + 0.5) * sliceMs,
      p50: rounded(quantile(sorted, 0.5)!),
      p99: rounded(quantile(sorted, 0.99)!),
      max: rounded(sorted.at(-1)!),
    };
  });
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** Who led, from when it was first seen. */
export function leaderTimeline(milestones: readonly Milestone[], endMs: number): JudgedRun['leader'] {
  const changes = milestones.filter(({ facet }) => facet === 'leader');
  let term = 0;
  return changes.map(({ state, detail, seen }, index) => {
    if (typeof detail?.['term'] === 'number') term = detail['term'];
    return { fromMs: seen, toMs: changes[index + 1]?.seen ?? endMs, leader: state === 'none' ? null : state, term };
  });
}

/**
 * The instances that went by each name, one after the other. Where two of one name ran at once, as in a group of
 * many, each has a lane of its own.
 */
export function instanceLives(milestones: readonly Milestone[], plan: Plan | null, endMs: number): InstanceLife[] {
  const zones = new Map(plan?.faults.flatMap(({ targets }) => targets).map(({ name, zone }) => [name, zone]));
  // EC2 goes on to show what ended long before the run.
  const alive = [...instancesSeen(milestones, endMs).values()].filter(({ segments }) => segments.some(({ state }) => state !== 'terminated'));
  return [...Map.groupBy(alive, ({ subject }) => subject)]
    .flatMap(([name, instances]) => {
      const segments = instances.flatMap((instance) => instance.segments);
      if (ranAtOnce(segments)) return instances.map((instance) => ({ name, zone: instance.zone ?? '', segments: instance.segments }));
      const inOrder = segments.sort((a, b) => a.fromMs - b.fromMs);
      return [{ name, zone: instances.findLast(({ zone }) => zone !== undefined)?.zone ?? zones.get(name) ?? '', segments: cutTerminated(inOrder) }];
    })
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

interface InstanceSeen {
  readonly subject: string;
  zone?: string;
  readonly segments: { fromMs: number; toMs: number; state: string; instanceId: string }[];
}

/** By id, in the order of their first sight: each state until the next one was seen. */
function instancesSeen(milestones: readonly Milestone[], endMs: number): ReadonlyMap<string, InstanceSeen> {
  const instances = new Map<string, InstanceSeen>();
  for (const { facet, subject, state, detail, seen } of milestones) {
    if (facet !== 'instance') continue;
    const instanceId = String(detail?.['id'] ?? '');
    const instance = instances.get(instanceId) ?? { subject, segments: [] };
    instances.set(instanceId, instance);
    const zone = detail?.['zone'];
    if (typeof zone === 'string') instance.zone = zone;
    const before = instance.segments.at(-1);
    if (before) before.toMs = seen;
    instance.segments.push({ fromMs: seen, toMs: endMs, state, instanceId });
  }
  return instances;
}

/** A replacement may start while the old one goes; two that run are two machines of one name. */
function ranAtOnce(segments: InstanceLife['segments']): boolean {
  const running = segments.filter(({ state }) => state === 'running');
  return running.some((one) =>
    running.some((other) => other.instanceId !== one.instanceId && one.fromMs < other.toMs && other.fromMs < one.toMs),
  );
}

/** EC2 goes on to show a terminated instance for long: its lane ends where the next one's begins. */
function cutTerminated(segments: InstanceLife['segments']): InstanceLife['segments'] {
  return segments.map((one) => {
    if (one.state !== 'terminated') return one;
    const next = segments.find((other) => other.instanceId !== one.instanceId && other.fromMs >= one.fromMs);
    return next ? { ...one, toMs: Math.min(one.toMs, next.fromMs) } : one;
  });
}
