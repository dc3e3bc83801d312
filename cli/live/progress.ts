import type { Entry, Milestone, PhaseName, RawObservation } from '../../runner/journal.ts';

/** What a run is at, folded from its journal entry by entry. Times are those of the run's clock, in milliseconds. */
export interface Progress {
  run: string;
  environment: string;
  drill: string;
  title: string;
  seed: number;
  phase: PhaseName | undefined;
  /** When the first fault began; undefined before. */
  firstFaultMs: number | undefined;
  lastMs: number;
  /** Streams by name, in the order in which they first spoke. */
  readonly streams: Map<string, StreamProgress>;
  /** `stays`: it has to be undone; a kill is over when what it hit is back. */
  readonly faults: Map<string, { says: string; stays: boolean; state: 'under way' | 'injected' | 'failed' | 'undone' }>;
  /** What was hit and is not back yet, by name: the last that was seen of it. */
  readonly missing: Map<string, string>;
  ended: string | undefined;
}

export interface StreamProgress {
  value: RawObservation[2];
  why: string;
  /** The last observations' arrivals and values, oldest first. */
  recent: { atMs: number; value: RawObservation[2] }[];
}

/** How far back {@link StreamProgress.recent} goes, in milliseconds. */
export const recentMs = 20_000;

export function newProgress(): Progress {
  return {
    run: '',
    environment: '',
    drill: '',
    title: '',
    seed: 0,
    phase: undefined,
    firstFaultMs: undefined,
    lastMs: 0,
    streams: new Map(),
    faults: new Map(),
    missing: new Map(),
    ended: undefined,
  };
}

/** Takes an entry in. */
export function follow(progress: Progress, entry: Entry): void {
  progress.lastMs = entry.t;
  switch (entry.type) {
    case 'run.started':
      progress.run = entry.run;
      progress.environment = entry.environment.name;
      progress.drill = entry.scenario.name;
      progress.title = entry.scenario.title;
      progress.seed = entry.seed;
      return;
    case 'phase':
      progress.phase = entry.phase;
      return;
    case 'fault.intent':
      progress.firstFaultMs ??= entry.t;
      progress.faults.set(entry.fault, { says: entry.says, stays: entry.undo !== null, state: 'under way' });
      for (const target of entry.targets) progress.missing.set(target.name, 'hit');
      return;
    case 'fault.injected':
      setState(progress, entry.fault, 'injected');
      return;
    case 'fault.failed':
      setState(progress, entry.fault, 'failed');
      return;
    case 'fault.undone':
      setState(progress, entry.fault, entry.verified ? 'undone' : 'failed');
      return;
    case 'observations':
      observe(progress, entry.stream, entry.raw);
      return;
    case 'milestone':
      if (!progress.missing.has(entry.subject) || entry.seen < (progress.firstFaultMs ?? Infinity)) return;
      if (isBack(entry, progress.missing.get(entry.subject)!)) progress.missing.delete(entry.subject);
      else progress.missing.set(entry.subject, wordFor(entry.facet, entry.state));
      return;
    case 'run.ended':
      progress.ended = entry.reason;
      return;
    default:
  }
}

function setState(progress: Progress, id: string, state: 'injected' | 'failed' | 'undone'): void {
  const fault = progress.faults.get(id);
  if (fault) fault.state = state;
}

function observe(progress: Progress, name: string, raw: readonly RawObservation[]): void {
  const last = raw.at(-1);
  if (!last) return;
  const stream = progress.streams.get(name) ?? { value: last[2], why: '', recent: [] };
  stream.value = last[2];
  stream.why = last[3] ?? '';
  for (const [, endMs, value] of raw) stream.recent.push({ atMs: endMs, value });
  const fromMs = last[1] - recentMs;
  const firstKept = stream.recent.findIndex(({ atMs }) => atMs >= fromMs);
  if (firstKept > 0) stream.recent.splice(0, firstKept);
  progress.streams.set(name, stream);
}

/** A member that is up; or a door that is open again, where nothing worse than its being shut was seen. */
function isBack({ facet, state }: Pick<Milestone, 'facet' | 'state'>, wasSeen: string): boolean {
  return facet === 'door' ? state === 'open' && wasSeen === wordFor('door', 'closed') : facet === 'member' && state === 'up';
}

function wordFor(facet: string, state: string): string {
  const words: Record<string, string> = { instance: 'instance', group: 'group', volume: 'volume', dns: 'DNS', member: 'member', door: 'door' };
  return `${words[facet] ?? facet} ${state}`;
}
