import { usualLatencies, type UsualLatency } from './latency.ts';
import { ObservationColumns } from './observation-columns.ts';
import { presenceOf, type Presence } from './presence.ts';
import type { Value } from './probe.ts';
import type { Bar, Outage } from './verdict.ts';

/** One question and its answer; milliseconds on any one clock. */
export interface Observation {
  readonly start: number;
  readonly end: number;
  readonly value: Value;
  readonly why: string;
}

/** The stretch between two acknowledgements that follow each other. */
export interface Silence {
  /** The earliest that it can have begun: the last good answer was given after this. */
  readonly from: number;
  /** Arrival of the good answer that ended it. */
  readonly to: number;
}

export interface Outages {
  readonly outages: readonly Outage[];
  /**
   * All stretches without a good answer that are longer than two intervals, whatever the reason: no outage that is not
   * within one of them can have been longer than two intervals.
   */
  readonly silences: readonly Silence[];
}

/** An isolated bad answer makes one interval; two in a row make two. The border is between them, nearer to one. */
export const shortestIntervals = 1.25;

/** An answer that is late by less is just late. It matters for intervals that are shorter. */
const shortestWaitMs = 10;

/** How long it takes to read an answer that has come, while nothing is in the way. */
const readMs = 0.5;

/**
 * Finds the outages in one stream of observations. An outage is told by acknowledgements: it is a stretch between two
 * consecutive good answers, by arrival, in which questions were refused or left without an answer. Every outage that is
 * longer than two intervals is found. Where nothing was asked, or nothing is known, there is no outage.
 *
 * Its bounds. A good answer was given between its question's start and its arrival, so the outage began after the start
 * of the last good one; it began before the first bad answer came, and before the moment when an unanswered question
 * should have been answered at the latest. It ended before the first good answer came, and after the start of the last
 * question that was refused or should have been answered by then. The best figure for either end is the middle between
 * the moments when those two questions are most likely to have reached the service.
 *
 * @param observations of one stream; an array in any order
 * @param everyMs the probe's interval
 */
export function findOutages(observations: ObservationColumns | readonly Observation[], everyMs: number): Outages {
  const columns = observations instanceof ObservationColumns ? observations : ObservationColumns.of(observations);
  const asked = askedOf(columns);
  const goods = goodsOf(asked);
  const usualBefore = usualLatencies(Float64Array.from(goods, (one) => asked.end[one]! - asked.start[one]!), everyMs);
  const presence = presenceOf(columns, everyMs);
  const outages: Outage[] = [];
  const silences: Silence[] = [];

  // The latest start among the good answers that have arrived, and where in `asked` the questions after it begin.
  let lastStart = Number.NEGATIVE_INFINITY;
  let next = 0;
  for (let index = 0; index <= goods.length; index++) {
    const lastAt = index > 0 ? goods[index - 1]! : undefined;
    const firstAt = index < goods.length ? goods[index]! : undefined;
    if (lastAt !== undefined) lastStart = Math.max(lastStart, asked.start[lastAt]!);
    while (next < asked.size && asked.start[next]! <= lastStart) next++;
    if (lastAt !== undefined && firstAt !== undefined) {
      if (asked.end[firstAt]! - asked.end[lastAt]! <= everyMs / 2) continue;
      // Too short whatever is usual: `from` is no earlier than the start of the last good question. What is usual takes long to tell.
      if (asked.end[firstAt]! - lastStart <= 2 * everyMs) continue;
    }

    const last = lastAt === undefined ? undefined : asked.at(lastAt);
    const first = firstAt === undefined ? undefined : asked.at(firstAt);
    const usual = usualBefore(index);
    const from = last ? Math.max(lastStart, last.end - usual.sure) : asked.start[0];
    if (from === undefined) break;
    if (first && first.end - from <= 2 * everyMs) continue;
    if (first && last) silences.push({ from, to: first.end });
    const outage = outageBetween({ asked, next, from, last, first, usual, presence, everyMs });
    if (outage) outages.push(outage);
  }
  return { outages, silences };
}

/** Questions of which something is known, by start. */
interface Asked {
  readonly size: number;
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Whether the answer was good. */
  readonly good: Uint8Array;
  at(index: number): Observation;
}

function askedOf(observations: ObservationColumns): Asked {
  let size = 0;
  observations.each((_start, _end, value) => (size += value === 'unknown' ? 0 : 1));
  const [start, end, good] = [new Float64Array(size), new Float64Array(size), new Uint8Array(size)];
  const whys = new Map<number, string>();
  let index = 0;
  observations.each((from, to, value, why) => {
    if (value === 'unknown') return;
    start[index] = from;
    end[index] = to;
    good[index] = value === 'good' ? 1 : 0;
    if (why !== '') whys.set(index, why);
    index += 1;
  });
  return { size, start, end, good, at: (one) => ({ start: start[one]!, end: end[one]!, value: good[one] === 1 ? 'good' : 'bad', why: whys.get(one) ?? '' }) };
}

/** The good answers in the order of their arrival, by their places in `asked`. */
function goodsOf({ size, end, good }: Asked): Uint32Array {
  const goods = new Uint32Array(size);
  let count = 0;
  let inOrder = true;
  for (let index = 0; index < size; index++) {
    if (good[index] !== 1) continue;
    inOrder &&= count === 0 || end[goods[count - 1]!]! <= end[index]!;
    goods[count++] = index;
  }
  const found = goods.subarray(0, count);
  return inOrder ? found : found.sort((a, b) => end[a]! - end[b]! || a - b);
}

/**
 * The outages that may have been under way at some time between the two.
 *
 * @param outages in order of time, as they are found
 */
export function outagesBetween(outages: readonly Outage[], from: number, to: number): Outage[] {
  let low = 0;
  let high = outages.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((outages[mid]!.end?.max ?? Infinity) < from) low = mid + 1;
    else high = mid;
  }
  let until = low;
  while (until < outages.length && outages[until]!.start.min <= to) until++;
  return outages.slice(low, until);
}

interface Gap {
  /** By start; those from `next` on started after the last good one that had arrived. */
  readonly asked: Asked;
  readonly next: number;
  readonly from: number;
  readonly last: Observation | undefined;
  readonly first: Observation | undefined;
  readonly usual: UsualLatency;
  readonly presence: Presence;
  readonly everyMs: number;
}

function outageBetween(gap: Gap): Outage | undefined {
  const { asked, last, first, usual, presence, everyMs } = gap;
  const ended = first?.end ?? Number.POSITIVE_INFINITY;

  let firstBad = Number.POSITIVE_INFINITY;
  let lastBad = Number.NEGATIVE_INFINITY;
  let firstLikely: Observation | undefined;
  let lastLikely: Observation | undefined;
  let proved = false;
  let waited = first !== undefined && !isPrompt(first, usual);
  const reasons: string[] = [];
  for (let index = gap.next; index < asked.size; index++) {
    const one = asked.at(index);
    if (one.start >= ended) break;
    const refused = one.value === 'bad' && one.end <= ended;
    const sent = Math.max(presence.sent(one.start), gap.from);
    const likely = refused || presence.next(sent + usual.likely) + readMs < ended;
    if (!likely) continue;
    firstLikely ??= one;
    lastLikely = one;
    if (one.value === 'bad') reasons.push(one.why);
    proved ||= one.value === 'bad' || ended - sent >= Math.max(everyMs, shortestWaitMs);
    waited ||= one.value === 'good' && one.end <= ended + usual.sure;
    const sure = refused || presence.next(sent + usual.sure) + usual.slack < ended;
    if (!sure) continue;
    firstBad = Math.min(firstBad, refused ? one.end : Infinity, sent + usual.sure);
    lastBad = Math.max(lastBad, one.start);
  }
  if (!firstLikely || !lastLikely || !proved) return undefined;
  if (first && last && answeredAt(first, usual) - answeredAt(last, usual) <= 2 * everyMs) return undefined;

  const start: Bar = { min: gap.from, max: Math.min(ended, Math.max(firstBad, last?.end ?? gap.from)) };
  const end: Bar | null = first ? { min: Math.max(lastBad, start.min), max: first.end } : null;
  const bestStart = last ? within(start, middle(answeredAt(last, usual), refusedAt(firstLikely, usual))) : start.min;
  const back = first && answeredAt(first, usual);
  // What waited was answered as the service came back; else it came back between the last refusal and the first answer.
  const bestEnd = end && back ? within(end, waited ? back : middle(refusedAt(lastLikely, usual), back)) : lastLikely.start;
  if (bestEnd - bestStart < shortestIntervals * everyMs) return undefined;
  const length = {
    min: Math.max(0, (end?.min ?? lastBad) - start.max),
    max: end ? end.max - start.min : Number.POSITIVE_INFINITY,
  };
  return { start, end, length, lengthMs: bestEnd - bestStart, why: mostFrequent(reasons) ?? 'answered late' };
}

/** When the service most likely answered: half-way, or just before the answer came when that took long. */
function answeredAt(one: Observation, usual: UsualLatency): number {
  return isPrompt(one, usual) ? middle(one.start, one.end) : one.end - usual.median / 2;
}

/** When a question most likely reached the service that did not answer it. */
function refusedAt(one: Observation, usual: UsualLatency): number {
  return isPrompt(one, usual) ? middle(one.start, one.end) : one.start + usual.median / 2;
}

function isPrompt(one: Observation, usual: UsualLatency): boolean {
  return one.end - one.start <= usual.likely;
}

function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function middle(a: number, b: number): number {
  return (a + b) / 2;
}

function within(bar: Bar, value: number): number {
  return Math.min(bar.max, Math.max(bar.min, value));
}
