import { outcomes, steps, type EtcdHistory } from '../etcd-history.ts';
import type { WatchEvent, WatchRecord } from '../records.ts';
import type { Counterexample, Finding } from '../verdict.ts';
import { short } from '../short.ts';
import { named, shown } from './shown.ts';

const check = 'watch';

interface Told {
  readonly text: string;
  /** What else it tells of the key. */
  readonly detail: string;
  readonly stream: string;
  readonly t: number;
}

/**
 * Do all watches tell of every change, once, in the order of revisions, all of a revision together, and of what was written?
 * A stream covers the revisions from where it was opened to the last that it told of; where it was told of a compaction, what
 * lies before that is not missing. Streams are compared with the writes that were answered and with each other, so what an
 * operation without an answer did is looked at as well.
 *
 * @param placed by operation: when one without an answer is known to have taken effect; 0 when it isn't
 */
export function judgeWatches(history: EtcdHistory, placed?: Float64Array): Finding {
  if (history.watches.length === 0) return { check, verdict: 'unknown', says: 'nobody watched' };
  const streams = new Map<string, WatchRecord[]>();
  for (const record of history.watches) {
    const own = streams.get(record.watch);
    if (own) own.push(record);
    else streams.set(record.watch, [record]);
  }
  const log = new Map<number, Map<string, Told>>();
  const covered: Covered[] = [];
  for (const [name, records] of streams) {
    const read = readStream(name, records, log);
    if ('says' in read) return broken(read);
    covered.push(read);
  }
  const wrong = compareWithWrites(history, placed, log, covered) ?? findMissing(log, covered);
  if (wrong) return broken(wrong);
  const events = covered.reduce((sum, { revisions }) => sum + revisions.size, 0);
  return { check, verdict: 'held', says: `${streams.size} watches told of ${events} revisions: each once, in order, and the same` };
}

interface Covered {
  readonly stream: string;
  readonly revisions: ReadonlySet<number>;
  /** From the first to the last of these it must tell of everything. */
  readonly spans: readonly { from: number; to: number }[];
}

function readStream(stream: string, records: readonly WatchRecord[], log: Map<number, Map<string, Told>>): Covered | Counterexample {
  const revisions = new Set<number>();
  const spans: { from: number; to: number }[] = [];
  let last = 0;
  let span: { from: number; to: number } | undefined;
  for (const record of records) {
    if (record.from !== undefined) {
      // Resumed behind what it has: what lies between was not asked for.
      if (span && record.from > last + 1) span = undefined;
      if (!span) spans.push((span = { from: record.from, to: record.from - 1 }));
    }
    if (record.compacted !== undefined) {
      spans.push((span = { from: record.compacted, to: record.compacted - 1 }));
      continue;
    }
    let before = -1;
    for (const event of record.events ?? []) {
      const revision = modOf(event);
      if (revision < before) return said(stream, record, `tells of revision ${revision} behind ${before}: ${textOf(event)}`);
      if (revision !== before && revision <= last) return said(stream, record, `tells of revision ${revision} ${revisions.has(revision) ? 'again' : `after ${last}`}: ${textOf(event)}`);
      before = revision;
      revisions.add(revision);
      const known = log.get(revision) ?? new Map<string, Told>();
      log.set(revision, known);
      const text = textOf(event);
      const detail = event.slice(4).join();
      const other = known.get(event[1]);
      if (other?.stream === stream && other.t === record.t) return said(stream, record, `tells of ${event[1]} twice in revision ${revision}`);
      if (other && (other.text !== text || other.detail !== detail)) {
        return {
          says: `at revision ${revision} watch ${other.stream} tells "${other.text}" (${other.detail}), watch ${stream} "${text}" (${detail})`,
          operations: [shownTold(other, false), shownTold({ text, detail, stream, t: record.t }, true)],
          stuckAtMs: record.t,
        };
      }
      known.set(event[1], { text, detail, stream, t: record.t });
    }
    last = Math.max(last, before);
    const upTo = Math.max(before, record.events === undefined || record.events.length === 0 ? (record.r ?? 0) : 0);
    if (span && upTo > span.to) span.to = upTo;
  }
  return { stream, revisions, spans };
}

function compareWithWrites(history: EtcdHistory, placed: Float64Array | undefined, log: ReadonlyMap<number, ReadonlyMap<string, Told>>, covered: readonly Covered[]): Counterexample | undefined {
  const answered = new Map<number, number>();
  const may = new Set<string>();
  for (let item = 0; item < history.length; item += 1) {
    if (history.outcome.data[item] === outcomes.ambiguous) {
      for (const text of changesOf(history, item)) may.add(text);
      if (placed && placed[item] !== 0) answered.set(placed[item]!, item);
    } else if (history.raises.data[item] === 1) answered.set(history.revision.data[item]!, item);
  }
  const leased = new Set<string>();
  for (let step = 0; step < history.stepKind.length; step += 1) if (history.stepLease.data[step]! >= 0) leased.add(history.keyText(history.stepLo.data[step]!));
  for (const [revision, item] of answered) {
    const told = log.get(revision);
    const expected = [...changesOf(history, item)];
    if (!told) {
      const blind = covered.find(({ spans }) => spans.some(({ from, to }) => from <= revision && revision <= to));
      if (!blind) continue;
      return { says: `watch ${blind.stream} says nothing of ${named(history, item)}, and went on to later revisions`, operations: [shown(history, item, true)], stuckAtMs: null };
    }
    const lie = [...told.values()].find(({ text }) => !expected.includes(text));
    if (lie) return { says: `watch ${lie.stream} tells "${lie.text}" at revision ${revision}, which is ${named(history, item)}`, operations: [shown(history, item), shownTold(lie, true)], stuckAtMs: lie.t };
    if (history.outcome.data[item] === outcomes.ambiguous) continue;
    const missing = expected.find((own) => own.startsWith('put ') && ![...told.values()].some(({ text }) => text === own));
    if (missing !== undefined) return { says: `the watches tell of a part of revision ${revision} only: "${missing}" is missing of ${named(history, item)}`, operations: [shown(history, item, true)], stuckAtMs: null };
  }
  for (const [revision, told] of log) {
    if (answered.has(revision)) continue;
    for (const [key, event] of told) {
      if (may.has(event.text) || (event.text.startsWith('delete ') && leased.has(key))) continue;
      return { says: `watch ${event.stream} tells "${event.text}" at revision ${revision}, which nobody did`, operations: [shownTold(event, true)], stuckAtMs: event.t };
    }
  }
  return undefined;
}

/** What one tells of, every other tells of that covers it. */
function findMissing(log: ReadonlyMap<number, ReadonlyMap<string, Told>>, covered: readonly Covered[]): Counterexample | undefined {
  const revisions = [...log.keys()].sort((a, b) => a - b);
  for (const { stream, spans, revisions: own } of covered) {
    for (const { from, to } of spans) {
      const missing = revisions.find((revision) => revision >= from && revision <= to && !own.has(revision));
      if (missing === undefined) continue;
      const [told] = log.get(missing)!.values();
      return { says: `watch ${stream} skipped revision ${missing} ("${told!.text}", told by watch ${told!.stream}) and went on to ${to}`, operations: [shownTold(told!, true)], stuckAtMs: told!.t };
    }
  }
  return undefined;
}

/** What an operation does, as a watch would tell it. */
function* changesOf(history: EtcdHistory, item: number): Generator<string> {
  for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) {
    const kind = history.stepKind.data[step];
    if (kind === steps.put) yield `put ${history.keyText(history.stepLo.data[step]!)} = ${history.values.texts[history.stepValue.data[step]!]}`;
    else if (kind === steps.delete) for (let key = history.stepLo.data[step]!; key < history.stepHi.data[step]!; key += 1) yield `delete ${history.keyText(key)}`;
  }
}

function textOf(event: WatchEvent): string {
  return event[0] === 'put' ? `put ${event[1]} = ${event[2]}` : `delete ${event[1]}`;
}

function modOf(event: WatchEvent): number {
  return event[0] === 'put' ? event[3] : event[2];
}

function said(stream: string, { t }: WatchRecord, what: string): Counterexample {
  return { says: `watch ${stream} ${what}`, operations: [shownTold({ text: what, detail: '', stream, t }, true)], stuckAtMs: t };
}

function shownTold({ text, stream, t }: Told, impossible: boolean): Counterexample['operations'][number] {
  return { client: stream, callMs: t, returnMs: t, text: short(text), impossible, line: 0 };
}

function broken(counterexample: Counterexample): Finding {
  return { check, verdict: 'broken', says: 'the watches do not tell what was written', counterexample };
}
