import { EtcdFailure, type EtcdFleet, type EtcdListed, type EtcdMemberClient, type EtcdSelf } from '../../../runner/clients/etcd.ts';
import type { Change } from '../../../runner/changes.ts';
import type { ClusterWatch } from '../../../runner/cluster-watch.ts';
import { environmentSchema } from '../../../runner/environment.ts';
import type { Target, UndoRecord } from '../../../runner/fault.ts';
import type { Milestone } from '../../../runner/journal.ts';
import { createMask } from '../../../runner/mask.ts';
import type { Answer, OpenProbe, ProbeContext } from '../../../runner/probe.ts';
import type { PlatformWatch } from '../../../runner/platform-watch.ts';
import type { World } from '../../../runner/world.ts';
import type { SimulatedClock } from '../simulated-clock.ts';

/** A member that does what a test tells it to. */
export interface SampleMember {
  name: string;
  id: string;
  learner: boolean;
  /** How it takes questions: `silent` never answers, `refused` says so at once. */
  mood: 'well' | 'silent' | 'refused';
  /** Milliseconds until it answers. */
  tookMs: number;
  leader: string | undefined;
  term: number;
  raftIndex: number;
  revision: number;
  /** What its store says it holds, up to any revision. */
  hash: string;
  compactRevision: string;
  clusterId: string;
  /** What it answers a write with, in place of an acknowledgement. */
  writeError: string | undefined;
}

export interface SampleFleet extends EtcdFleet {
  readonly all: readonly SampleMember[];
  /** Every write that arrived at a member. */
  readonly writes: { member: string; key: string }[];
  readonly deleted: string[];
  /** The keys that were acknowledged and are there. */
  readonly stored: Set<string>;
}

/** `peer-1` leads the others, in term 2; all are well. */
export function sampleFleet(size: number, clock: SimulatedClock): SampleFleet {
  const all = Array.from(
    { length: size },
    (_, index): SampleMember => ({
      name: `peer-${index + 1}`,
      id: `${index + 1}`,
      learner: false,
      mood: 'well',
      tookMs: 2,
      leader: '1',
      term: 2,
      raftIndex: 1000,
      revision: 500,
      hash: 'h',
      compactRevision: '1',
      clusterId: 'c',
      writeError: undefined,
    }),
  );
  const writes: SampleFleet['writes'] = [];
  const deleted: string[] = [];
  const stored = new Set<string>();
  const listed = (): EtcdListed[] =>
    all.map(({ id, name, learner }) => ({ id, name, learner, clientUrls: [`http://${name}.test:2379`] }));

  const member = (of: SampleMember): EtcdMemberClient => {
    const answer = async <T>(timeoutMs: number, make: () => T): Promise<T> => {
      if (of.mood === 'refused') throw new EtcdFailure('refused', 'connection refused');
      await clock.sleep(of.mood === 'silent' ? timeoutMs : Math.min(of.tookMs, timeoutMs));
      if (of.mood === 'silent' || of.tookMs > timeoutMs) throw new EtcdFailure('silent', 'no answer');
      return make();
    };
    return {
      host: `${of.name}.test`,
      port: 2379,
      name: of.name,
      status: (timeoutMs) =>
        answer(timeoutMs, (): EtcdSelf => {
          const { leader, term, raftIndex, revision, clusterId, id } = of;
          return { leader, term, raftIndex, revision, clusterId, memberId: id, dbSizeBytes: 0, version: '3.4.23' };
        }),
      members: (timeoutMs) => answer(timeoutMs, listed),
      async put(key, _value, timeoutMs) {
        writes.push({ member: of.name, key });
        await answer(timeoutMs, () => {
          if (of.writeError !== undefined) throw new EtcdFailure('answered', of.writeError);
          stored.add(key);
        });
      },
      keys: (prefix, timeoutMs) => answer(timeoutMs, () => [...stored].filter((key) => key.startsWith(prefix)).sort()),
      hash: (revision, timeoutMs) =>
        answer(timeoutMs, () => {
          if (revision > of.revision) throw new EtcdFailure('answered', 'etcdserver: mvcc: required revision is a future revision');
          return { hash: of.hash, compactRevision: of.compactRevision };
        }),
      deletePrefix: (prefix, timeoutMs) => answer(timeoutMs, () => void deleted.push(prefix)),
      store: () => {
        throw new Error('this fleet stores nothing that could be read: see sample-etcd.ts');
      },
    };
  };
  const members = all.map(member);
  const statuses: EtcdFleet['statuses'] = (timeoutMs) =>
    Promise.all(members.map((one) => one.status(timeoutMs).catch((error: unknown) => error as EtcdFailure)));
  return { all, writes, deleted, stored, members, statuses, warm: async () => {}, close: async () => {} };
}

export interface SampleContext extends ProbeContext {
  readonly milestones: Milestone[];
  readonly notes: string[];
  readonly hits: Target[];
  readonly made: Change[];
  readonly lefts: { readonly record: UndoRecord; cleaned: boolean }[];
  readonly files: { readonly file: string; readonly lines: number }[];
}

export function sampleContext(
  clock: SimulatedClock,
  { fleet, platform, kubernetes, timeoutMs = 1000, folder = '' }: { fleet?: EtcdFleet; platform?: PlatformWatch; kubernetes?: ClusterWatch; timeoutMs?: number; folder?: string },
): SampleContext {
  const environment = environmentSchema.parse({
    name: 'sample',
    etcd: { endpoints: ['http://peer-1.test:2379'], clusterId: 'c', prefix: 'drills/' },
  });
  const world = { environment, mask: createMask(), etcd: async () => fleet } as unknown as World;
  const milestones: Milestone[] = [];
  const notes: string[] = [];
  const hits: Target[] = [];
  const made: Change[] = [];
  const lefts: SampleContext['lefts'] = [];
  const recorded: SampleContext['files'] = [];
  return {
    world,
    clock,
    run: { id: 'run-1', drill: 'd' },
    name: 'mine',
    timeoutMs,
    platform,
    kubernetes,
    hit: () => hits,
    changes: () => made,
    milestone: (milestone) => milestones.push(milestone),
    note: (text) => notes.push(text),
    folder,
    async leaves(_says, record) {
      const left = { record, cleaned: false };
      lefts.push(left);
      return (verified) => (left.cleaned = verified);
    },
    recorded: (file, lines) => recorded.push({ file, lines }),
    lefts,
    files: recorded,
    milestones,
    notes,
    hits,
    made,
  };
}

/** Asks a probe's only stream once; gives the answer and how long it took, in milliseconds. */
export async function askOnce(probe: OpenProbe, clock: SimulatedClock): Promise<Answer & { tookMs: number }> {
  const startMs = clock.now();
  const answer = await clock.until(probe.streams[0]!.ask(new AbortController().signal));
  return { ...answer, tookMs: clock.now() - startMs };
}
