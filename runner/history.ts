import { ExpectedError } from './errors.ts';
import type { Target, UndoRecord } from './fault.ts';
import { journalVersion, valueOf, type Entry, type EntryBodies, type Milestone, type PhaseName, type RawObservation } from './journal.ts';
import { ascending, quantile } from './latency.ts';
import { findOutages, type Observation, type Outages } from './outages.ts';
import { ObservationColumns } from './observation-columns.ts';
import type { Plan } from './plan.ts';
import { joined, type Standstill } from './presence.ts';
import { spacingOf } from './traffic/window-value.ts';
import type { LoadHistory } from './traffic/judged-loads.ts';
import { readWindow } from './traffic/raw-window.ts';
import { findRequestOutages, type ValuedWindow } from './traffic/request-outages.ts';
import { standsAt } from './traffic/vantage.ts';
import type { RequestWindow } from './traffic/window.ts';
import type { Bar, JudgedChange } from './verdict.ts';

/** One stream of a probe, with what is known about its outages. Times count from the first fault, in milliseconds. */
export interface StreamHistory extends Outages {
  readonly name: string;
  readonly observations: ObservationColumns;
  /** Of a probe that counts requests: each window, which is an observation too. */
  readonly requests?: RequestHistory;
}

export interface RequestHistory {
  /** By time. */
  readonly windows: readonly RequestWindow[];
  /** How far apart requests were due, in milliseconds. */
  readonly spacingMs: number;
}

export interface ProbeHistory {
  readonly name: string;
  readonly kind: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Where a probe that sends requests stands, in words. */
  readonly stands?: string;
  readonly streams: readonly StreamHistory[];
}

export interface FaultHistory {
  readonly id: string;
  readonly kind: string;
  readonly says: string;
  readonly sum: string;
  /** Without those that were not hit after all. */
  targets: readonly Target[];
  readonly undoRecord: UndoRecord | null;
  readonly intentMs: number;
  injectedMs: number | null;
  failedMs: number | null;
  error: string | null;
  undone: { readonly atMs: number; readonly verified: boolean; readonly said: string } | null;
}

/** What a journal says, sorted by what it is about. Times count from the first fault, in milliseconds. */
export interface History {
  readonly started: EntryBodies['run.started'];
  readonly startedAt: string;
  readonly endedAt: string;
  readonly firstFaultAt: string | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly ended: EntryBodies['run.ended'] | null;
  readonly plan: Plan | null;
  readonly phases: readonly { readonly phase: PhaseName; readonly fromMs: number; readonly toMs: number }[];
  readonly faults: readonly FaultHistory[];
  readonly probes: readonly ProbeHistory[];
  readonly loads: readonly LoadHistory[];
  /** Of endpoints whose requests are copied, as they came. */
  readonly comparisons: readonly EntryBodies['shadow'][];
  readonly blind: readonly Standstill[];
  readonly milestones: readonly Milestone[];
  readonly notes: readonly { readonly atMs: number; readonly text: string }[];
  readonly calls: EntryBodies['calls'] | null;
  readonly changes: readonly JudgedChange[];
  /** How often entries are missing between two. */
  readonly gaps: number;
  /** The probes that have recorded a whole history. */
  readonly recorded: readonly Pick<EntryBodies['history'], 'probe' | 'file' | 'lines'>[];
}

/** When a fault took hold: after its intent was written, before its injection had returned. */
export function faultBar(fault: FaultHistory): Bar {
  return { min: fault.intentMs, max: fault.injectedMs ?? fault.failedMs ?? fault.intentMs };
}

/** A fault by its id in the drill; the parts of a rolling one, which are taken one after another as `<id>/<target>`. */
export function partsOf(id: string, faults: readonly FaultHistory[]): FaultHistory[] {
  return faults.filter((fault) => fault.id === id || fault.id.startsWith(`${id}/`));
}

/** Until when a fault's recovery is looked for: the next part of a rolling fault has losses of its own. */
export function recoveryEndMs(fault: FaultHistory, faults: readonly FaultHistory[], endMs: number): number {
  const [whole, part] = fault.id.split('/');
  const next = part === undefined ? undefined : partsOf(whole!, faults).find(({ intentMs }) => intentMs > fault.intentMs);
  return next?.intentMs ?? endMs;
}

/** Used where neither the drill nor what was observed tells; milliseconds. */
const assumedTimeoutMs = 1_000;

/**
 * Sorts a journal's entries. Types that this version doesn't know are left out, with a note.
 *
 * @param entries all of a journal, or its beginning
 * @throws ExpectedError when there is no `run.started` among them: then nothing is known about the run
 */
export function readHistory(entries: Iterable<Entry>): History {
  const { first, zero, all } = beginningOf(entries);
  const zeroMs = zero?.t ?? first.t;

  const faults = new Map<string, FaultHistory>();
  const phases: { phase: PhaseName; fromMs: number; toMs: number }[] = [];
  const raw = new Map<string, Map<string, StreamRead>>();
  const loads = new Map<string, { load: string; endpoint: string; shadow: boolean; windows: RequestWindow[] }>();
  const comparisons: EntryBodies['shadow'][] = [];
  const blind: Standstill[] = [];
  const milestones: Milestone[] = [];
  const notes: { atMs: number; text: string }[] = [];
  const changes: JudgedChange[] = [];
  const recorded: EntryBodies['history'][] = [];
  const unknownTypes = new Set<string>();
  let plan: Plan | null = null;
  let ended: EntryBodies['run.ended'] | null = null;
  let calls: EntryBodies['calls'] | null = null;
  let endMs = first.t - zeroMs;
  let endedAt = first.at;
  let before: Entry | undefined;
  let gaps = 0;

  for (const entry of all) {
    const atMs = entry.t - zeroMs;
    // Who is told of a run, and when, is no part of it.
    if (entry.type !== 'notification') {
      endMs = Math.max(endMs, atMs);
      endedAt = entry.at;
    }
    if (before && entry.seq > before.seq + 1) {
      gaps += 1;
      notes.push({ atMs, text: `the journal has a gap: entry ${entry.seq} comes after entry ${before.seq}` });
    }
    before = entry;
    switch (entry.type) {
      case 'run.started':
        if (entry.version > journalVersion) {
          notes.push({ atMs, text: `this journal has format ${entry.version}; this firedrill knows up to ${journalVersion}` });
        }
        break;
      case 'plan':
        plan = entry.plan;
        break;
      case 'phase': {
        const before = phases.at(-1);
        if (before) before.toMs = atMs;
        phases.push({ phase: entry.phase, fromMs: atMs, toMs: atMs });
        break;
      }
      case 'fault.intent':
        faults.set(entry.fault, {
          id: entry.fault,
          kind: entry.kind,
          says: entry.says,
          sum: entry.sum,
          targets: entry.targets,
          undoRecord: entry.undo,
          intentMs: atMs,
          injectedMs: null,
          failedMs: null,
          error: null,
          undone: null,
        });
        break;
      case 'fault.injected': {
        const fault = faults.get(entry.fault);
        if (fault) fault.injectedMs = atMs;
        if (fault && entry.spared) fault.targets = fault.targets.filter(({ id }) => !entry.spared!.includes(id));
        break;
      }
      case 'fault.failed': {
        const fault = faults.get(entry.fault);
        if (fault) Object.assign(fault, { failedMs: atMs, error: entry.error });
        break;
      }
      case 'fault.undone': {
        const fault = faults.get(entry.fault);
        if (fault) fault.undone = { atMs, verified: entry.verified, said: entry.said };
        break;
      }
      case 'observations': {
        const streams = raw.get(entry.probe) ?? new Map<string, StreamRead>();
        raw.set(entry.probe, streams);
        const stream = streams.get(entry.stream) ?? { observations: new ObservationColumns(), windows: [] };
        streams.set(entry.stream, stream);
        for (const one of entry.raw) readObservation(one, zeroMs, stream);
        break;
      }
      case 'load': {
        const { load, endpoint, shadow = false } = entry;
        const key = JSON.stringify([load, endpoint, shadow]);
        const one = loads.get(key) ?? { load, endpoint, shadow, windows: [] };
        loads.set(key, one);
        one.windows.push(readWindow(entry.start, entry.end, entry.requests, (ms) => ms - zeroMs));
        break;
      }
      case 'shadow':
        comparisons.push(entry);
        break;
      case 'blind':
        blind.push({ from: entry.from - zeroMs, to: entry.to - zeroMs });
        break;
      case 'milestone': {
        const { facet, subject, state, detail, notYet, seen, source } = entry;
        milestones.push({
          facet,
          subject,
          state,
          ...(detail ? { detail } : {}),
          notYet: notYet === null ? null : notYet - zeroMs,
          seen: seen - zeroMs,
          source,
        });
        break;
      }
      case 'history':
        recorded.push(entry);
        break;
      case 'probe.leaves':
      case 'probe.cleaned':
        break;
      case 'abort':
        notes.push({ atMs, text: `stop condition: ${entry.reason}` });
        break;
      case 'note':
        notes.push({ atMs, text: entry.text });
        break;
      case 'change': {
        const { service, action, target, requestId, outcome, from, fault = null, during = null } = entry;
        changes.push({ atMs: from - zeroMs, service, action, target, requestId, outcome, fault, during });
        break;
      }
      case 'notification':
        if (entry.outcome !== 'delivered') notes.push({ atMs, text: `${entry.to} was not told of the ${entry.about}: ${entry.outcome}` });
        break;
      case 'calls':
        calls = { byAction: entry.byAction, mostInASecond: entry.mostInASecond };
        break;
      case 'run.ended':
        ended = { outcome: entry.outcome, reason: entry.reason };
        break;
      default:
        unknownTypes.add(String((entry as { type?: unknown }).type));
    }
  }
  const last = phases.at(-1);
  if (last) last.toMs = endMs;
  for (const type of unknownTypes) {
    notes.push({ atMs: endMs, text: `entries of type ${type} were left out: this firedrill doesn't know them` });
  }
  // Every stream tells of a standstill.
  const standstills = joined(blind);
  return {
    started: first,
    startedAt: first.at,
    endedAt,
    firstFaultAt: zero?.at ?? null,
    startMs: first.t - zeroMs,
    endMs,
    ended,
    plan,
    phases,
    faults: [...faults.values()],
    probes: probesOf(first, raw),
    // Told in the order of their names: which one's first window came first is chance.
    loads: [...loads.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
    comparisons,
    blind: standstills,
    milestones: milestones.sort((a, b) => a.seen - b.seen),
    notes,
    calls,
    changes,
    gaps,
    recorded,
  };
}

/**
 * The beginning of a run, up to its first fault, and with it all entries: those behind it are not read yet, as they may be
 * more than fit into memory.
 */
function beginningOf(entries: Iterable<Entry>): { first: Extract<Entry, { type: 'run.started' }>; zero: Entry | undefined; all: Iterable<Entry> } {
  const rest = entries[Symbol.iterator]();
  const begun: Entry[] = [];
  let zero: Entry | undefined;
  for (let next = rest.next(); !next.done; next = rest.next()) {
    begun.push(next.value);
    if (next.value.type !== 'fault.intent') continue;
    zero = next.value;
    break;
  }
  const first = begun.find((entry) => entry.type === 'run.started');
  if (!first) throw new ExpectedError('the journal has no run.started entry: there is nothing to judge');
  return { first, zero, all: { *[Symbol.iterator]() {
    yield* begun;
    for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
  } } };
}

/** What the journal says of one stream. */
interface StreamRead {
  readonly observations: ObservationColumns;
  readonly windows: ValuedWindow[];
}

function readObservation([start, end, letter, why, , requests]: RawObservation, zeroMs: number, { observations, windows }: StreamRead): void {
  const value = valueOf[letter];
  const window = requests && readWindow(start, end, requests, (ms) => ms - zeroMs);
  if (window) windows.push({ window, value });
  // A bad window is bad from its first failure on: it may have begun before the fault.
  const startMs = (value === 'bad' ? window?.bad?.firstMs : undefined) ?? start - zeroMs;
  observations.add(startMs, end - zeroMs, value, why ?? '');
}

function probesOf(
  { scenario }: EntryBodies['run.started'],
  raw: ReadonlyMap<string, ReadonlyMap<string, StreamRead>>,
): ProbeHistory[] {
  const names = new Set([...Object.keys(scenario.probes), ...raw.keys()]);
  return [...names].map((name) => {
    const spec = scenario.probes[name];
    const streams = [...(raw.get(name) ?? [])];
    const stands = spec && standsAt(spec);
    const everyMs = spec?.every ?? usualDistance(streams.map(([, { observations }]) => observations.toArray()));
    return {
      name,
      kind: spec?.kind ?? 'unknown',
      everyMs,
      ...(stands === undefined ? {} : { stands }),
      timeoutMs: spec?.timeout ?? Math.max(assumedTimeoutMs, 2 * everyMs),
      streams: streams.map(([stream, { observations, windows }]) => ({
        name: stream,
        observations,
        ...(windows.length > 0 ? ofRequests(windows) : findOutages(observations, everyMs)),
      })),
    };
  });
}

function ofRequests(valued: readonly ValuedWindow[]): Outages & Required<Pick<StreamHistory, 'requests'>> {
  const inOrder = valued.toSorted((a, b) => a.window.fromMs - b.window.fromMs);
  const windows = inOrder.map(({ window }) => window);
  const spacingMs = spacingOf(windows);
  return { requests: { windows, spacingMs }, ...findRequestOutages(inOrder, spacingMs) };
}

/** How far apart the questions of a probe were asked, for drills that leave it to the probe's kind. */
function usualDistance(streams: readonly (readonly Observation[])[]): number {
  const distances = streams.flatMap((observations) =>
    observations.slice(1).map((one, index) => one.start - observations[index]!.start),
  );
  return Math.max(1, Math.round(quantile(distances.sort(ascending), 0.5) ?? assumedTimeoutMs));
}
