import type { Target } from '../../runner/fault.ts';
import type { Entry, EntryBodies, EntryType, Milestone, Outcome, RawObservation } from '../../runner/journal.ts';
import { scenarioSchema, type Scenario } from '../../scenarios/schema.ts';

/** A drill with probes `writes` (20 ms), `quorum` (100 ms) and `groups` (500 ms), as its YAML would say it. */
export function drill(changes: Record<string, unknown> = {}): Scenario {
  const parsed = scenarioSchema.parse({
    name: 'etcd-zone-plus-one',
    title: 'Lose a whole zone and one more etcd member',
    why: 'A zone may fail while another node is down for maintenance.',
    tags: ['etcd'],
    probes: {
      quorum: { kind: 'etcd-quorum', every: '100ms', timeout: '1s' },
      writes: { kind: 'etcd-write', every: '20ms', timeout: '1s' },
      groups: { kind: 'asg-capacity', every: '500ms', timeout: '5s' },
    },
    baseline: { for: '5s' },
    faults: [{ id: 'zone', kind: 'instance-terminate', at: '0s' }],
    slos: [{ name: 'writes are back within 5 s', probe: 'writes', longestOutage: '5s' }],
    recovery: { timeout: '10m', stableFor: '2s' },
    ...changes,
  });
  return { ...parsed, parameters: {} };
}

/** Where the first fault's intent stands on the run's clock; the rest of a test counts from there. */
export const faultAtMs = 6_000;
const wallMs = Date.UTC(2026, 10, 23, 10, 21, 33, 0);

/** A journal in the making. Times count from the first fault, in milliseconds. */
export class JournalBuilder {
  readonly entries: Entry[] = [];

  constructor(scenario: Scenario = drill()) {
    this.add(-faultAtMs, 'run.started', {
      version: 1,
      run: '20261123T102133Z-etcd-zone-plus-one-7f3a',
      firedrill: '0.1.0',
      node: '24.21.0',
      command: 'firedrill run etcd-zone-plus-one --seed 42',
      seed: 42,
      scenario,
      source: 'etcd-zone-plus-one',
      environment: { name: 'lab', protected: false, roles: {}, limits: {} },
    });
    this.add(-5_900, 'phase', { phase: 'baseline' });
    this.add(-10, 'phase', { phase: 'inject' });
  }

  add<T extends EntryType>(atMs: number, type: T, body: EntryBodies[T]): this {
    const t = atMs + faultAtMs;
    const at = new Date(wallMs + t).toISOString();
    this.entries.push({ seq: this.entries.length, at, t, type, ...body } as unknown as Entry);
    return this;
  }

  /** A fault whose intent is written at `atMs` and which is injected 8 ms later. */
  fault(atMs: number, id: string, targets: readonly Target[] = [], undo: Record<string, unknown> | null = null): this {
    this.add(atMs, 'fault.intent', { fault: id, kind: 'instance-terminate', says: `terminate ${id}`, sum: '', targets, undo });
    return this.add(atMs + 8, 'fault.injected', { fault: id });
  }

  observe(probe: string, rows: readonly RawObservation[], stream = probe): this {
    const raw = rows.map(([start, end, ...rest]): RawObservation => [start + faultAtMs, end + faultAtMs, ...rest]);
    const last = rows.at(-1);
    return last ? this.add(Math.max(...rows.map(([, end]) => end)), 'observations', { probe, stream, raw }) : this;
  }

  milestone({ notYet, seen, ...rest }: Milestone): this {
    return this.add(seen, 'milestone', { ...rest, notYet: notYet === null ? null : notYet + faultAtMs, seen: seen + faultAtMs });
  }

  blind(from: number, to: number): this {
    return this.add(to, 'blind', { from: from + faultAtMs, to: to + faultAtMs });
  }

  /** The recovery phase from `recoverMs` to `endMs`, and the run's end. */
  end(recoverMs: number, endMs: number, outcome: Outcome = 'finished', reason = 'every probe was good again'): this {
    this.add(recoverMs, 'phase', { phase: 'recover' });
    this.add(endMs, 'phase', { phase: 'done' });
    this.add(endMs + 5, 'run.ended', { outcome, reason });
    this.entries.sort((a, b) => a.t - b.t || a.seq - b.seq);
    this.entries.forEach((entry, index) => Object.assign(entry, { seq: index }));
    return this;
  }
}

/** Answers `latencyMs` after each question, one question every `everyMs`, from `from` up to `to`. */
export function answers(
  from: number,
  to: number,
  letter: 'g' | 'b' | 'u' = 'g',
  { everyMs = 20, latencyMs = 2, why = letter === 'b' ? 'connection refused' : '' } = {},
): RawObservation[] {
  const rows: RawObservation[] = [];
  for (let start = from; start < to; start += everyMs) {
    rows.push(why ? [start, start + latencyMs, letter, why] : [start, start + latencyMs, letter]);
  }
  return rows;
}

export function instance(index: number, zone = 'eu-west-1b'): Target {
  return {
    kind: 'instance',
    name: `peer-${index}`,
    id: `i-0000000000000000${index}`,
    zone,
    roles: ['etcd'],
    group: `peer-${index}.etcd3.eu-west-1.i.lab.firedrill.test`,
    etcdMember: `abc${index}`,
  };
}
