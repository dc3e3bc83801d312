import type { EtcdStore, ReadOptions, WatchListener } from '../../../runner/clients/etcd-store.ts';
import { EtcdFailure, type EtcdFleet, type EtcdMemberClient } from '../../../runner/clients/etcd.ts';
import type { Compare, Kv, Row, Step, StepAnswer, WatchEvent } from '../../../runner/consistency/records.ts';
import type { SimulatedClock } from '../simulated-clock.ts';

type Stored = { value: string; mod: number; create: number; version: number; lease?: string };
type State = ReadonlyMap<string, Stored>;

/** How one member takes questions, and how it lies. */
export interface SampleMood {
  /** `silent` takes writes and never answers; `deaf` takes none. */
  answers: 'well' | 'silent' | 'deaf' | 'refused';
  tookMs: number;
  /** Reads show the state of so many revisions ago. */
  behind: number;
  /** Every so many events, one is left out of watches. */
  skips: number;
  hash: string;
}

/** etcd in memory: linearizable, with revisions, leases and watches, unless a test makes it lie. */
export class SampleEtcd {
  readonly moods: SampleMood[];
  readonly fleet: EtcdFleet;
  readonly deleted: string[] = [];
  readonly writesAtMs: number[] = [];
  readonly #clock: SimulatedClock;
  #states: State[] = [new Map(), new Map()];
  #events: WatchEvent[][] = [[], []];
  readonly #leases = new Set<string>();
  readonly #watches = new Set<{ member: number; listener: WatchListener }>();
  /** All before it is gone. */
  compactedAt = 0;

  constructor(size: number, clock: SimulatedClock) {
    this.#clock = clock;
    this.moods = Array.from({ length: size }, () => ({ answers: 'well', tookMs: 4, behind: 0, skips: 0, hash: 'h' }));
    const members = this.moods.map((_, index) => this.#member(index));
    this.fleet = { members, warm: async () => {}, statuses: async () => [], close: async () => {} };
  }

  get revision(): number {
    return this.#states.length - 1;
  }

  /** Comes back from an older copy. */
  forget(revisions: number): void {
    this.#states = this.#states.slice(0, -revisions);
    this.#events = this.#events.slice(0, -revisions);
  }

  /** All watches end, as those of a member that is killed. */
  cutWatches(): void {
    for (const { listener } of [...this.#watches]) listener.ended('connection lost');
    this.#watches.clear();
  }

  #member(index: number): EtcdMemberClient {
    const mood = this.moods[index]!;
    const asked = async <T>(timeoutMs: number, make: () => T): Promise<T> => {
      if (mood.answers === 'refused') throw new EtcdFailure('refused', 'connection refused', { unsent: true });
      await this.#clock.sleep(mood.tookMs / 2);
      if (mood.answers !== 'deaf') {
        const answer = make();
        await this.#clock.sleep(mood.tookMs / 2);
        if (mood.answers === 'well') return answer;
      }
      await this.#clock.sleep(timeoutMs);
      throw new EtcdFailure('silent', 'no answer');
    };
    return {
      host: `peer-${index}.test`,
      port: 2379,
      name: `peer-${index}`,
      status: () => Promise.reject(new Error('not asked')),
      members: () => Promise.reject(new Error('not asked')),
      keys: () => Promise.reject(new Error('not asked')),
      put: () => Promise.reject(new Error('not asked')),
      hash: (revision, timeoutMs) => asked(timeoutMs, () => ({ hash: `${mood.hash}-${revision}`, compactRevision: String(this.compactedAt || -1) })),
      deletePrefix: (prefix, timeoutMs) => asked(timeoutMs, () => void this.deleted.push(prefix)),
      store: () => this.#store(index, asked),
    };
  }

  #store(member: number, asked: <T>(timeoutMs: number, make: () => T) => Promise<T>): EtcdStore {
    const mood = this.moods[member]!;
    const read = ({ at = 0 }: ReadOptions): { r: number; state: State } => {
      const r = Math.max(1, this.revision - mood.behind);
      if (at > 0 && at < this.compactedAt) throw new EtcdFailure('answered', 'etcdserver: mvcc: required revision has been compacted');
      if (at > r) throw new EtcdFailure('answered', 'etcdserver: mvcc: required revision is a future revision');
      return { r, state: this.#states[at > 0 ? at : r]! };
    };
    return {
      put: (k, v, lease, timeoutMs) =>
        asked(timeoutMs, () => {
          if (lease !== undefined && !this.#leases.has(lease)) throw new EtcdFailure('answered', 'etcdserver: requested lease not found');
          this.#change([lease === undefined ? ['put', k, v] : ['put', k, v, lease]]);
          return { r: this.revision };
        }),
      get: (k, options, timeoutMs) =>
        asked(timeoutMs, () => {
          const { r, state } = read(options);
          return { r, kv: kvOf(state.get(k)) };
        }),
      range: (k, end, options, timeoutMs) =>
        asked(timeoutMs, () => {
          const { r, state } = read(options);
          return { r, rows: rowsOf(state, k, end) };
        }),
      delete: (k, timeoutMs) =>
        asked(timeoutMs, () => {
          const [deleted = 0] = this.#change([['delete', k]]);
          return { r: this.revision, deleted: deleted as number };
        }),
      txn: (compare, success, failure, timeoutMs) =>
        asked(timeoutMs, () => {
          const succeeded = compare.every((one) => holds(one, this.#states.at(-1)!));
          const responses = this.#change(succeeded ? success : failure);
          return { r: this.revision, succeeded, responses };
        }),
      grant: (lease, ttl, timeoutMs) =>
        asked(timeoutMs, () => {
          this.#leases.add(lease);
          this.#clock.schedule(this.#clock.now() + ttl * 1000 + 200, () => this.#endLease(lease));
          return { r: this.revision, ttl };
        }),
      revoke: (lease, timeoutMs) =>
        asked(timeoutMs, () => {
          if (!this.#leases.has(lease)) throw new EtcdFailure('answered', 'etcdserver: requested lease not found');
          this.#endLease(lease);
          return { r: this.revision };
        }),
      watch: (from, listener, timeoutMs) =>
        asked(timeoutMs, () => {
          const watch = { member, listener };
          listener.told({ r: this.revision, events: [], opened: true });
          if (from < this.compactedAt) {
            listener.told({ r: this.revision, events: [], opened: false, compacted: this.compactedAt });
            listener.ended('compacted');
            return () => {};
          }
          for (let revision = from; revision <= this.revision; revision += 1) this.#tell(watch, revision);
          this.#watches.add(watch);
          return () => void this.#watches.delete(watch);
        }),
    };
  }

  #endLease(lease: string): void {
    if (!this.#leases.delete(lease)) return;
    const keys = [...this.#states.at(-1)!].filter(([, stored]) => stored.lease === lease).map(([key]) => key);
    if (keys.length > 0) this.#change(keys.map((key): Step => ['delete', key]));
  }

  #change(steps: readonly Step[]): StepAnswer[] {
    const state = new Map(this.#states.at(-1));
    const revision = this.revision + 1;
    const events: WatchEvent[] = [];
    const answers = steps.map((step): StepAnswer => {
      const [kind, key, third, lease] = step;
      const old = state.get(key);
      if (kind === 'get') return kvOf(old);
      if (kind === 'range') return rowsOf(state, key, third);
      if (kind === 'delete') {
        if (state.delete(key)) events.push(['delete', key, revision]);
        return old ? 1 : 0;
      }
      const stored = { value: third, mod: revision, create: old?.create ?? revision, version: (old?.version ?? 0) + 1, ...(lease === undefined ? {} : { lease }) };
      state.set(key, stored);
      events.push(['put', key, stored.value, stored.mod, stored.create, stored.version]);
      return null;
    });
    if (events.length === 0) return answers;
    this.writesAtMs.push(this.#clock.now());
    this.#states.push(state);
    this.#events.push(events);
    for (const watch of this.#watches) this.#tell(watch, revision);
    return answers;
  }

  #tell({ member, listener }: { member: number; listener: WatchListener }, revision: number): void {
    const { skips, answers } = this.moods[member]!;
    if (answers !== 'well' || (skips > 0 && revision % skips === 0)) return;
    listener.told({ r: revision, events: this.#events[revision]!, opened: false });
  }
}

function kvOf(stored: Stored | undefined): Kv | null {
  if (!stored) return null;
  const kv = [stored.value, stored.mod, stored.create, stored.version] as const;
  return stored.lease === undefined ? kv : [...kv, stored.lease];
}

function rowsOf(state: State, from: string, end: string): Row[] {
  return [...state].filter(([key]) => from <= key && key < end).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, stored]): Row => [key, ...kvOf(stored)!]);
}

function holds([key, target, , operand]: Compare, state: State): boolean {
  if (target !== 'mod') throw new Error(`no comparison of ${target} is asked for`);
  return (state.get(key)?.mod ?? 0) === operand;
}
