import type { Scenario } from '../scenarios/schema.ts';
import type { Act, ChangedService } from './changes.ts';
import type { Environment } from './environment.ts';
import type { Target, UndoRecord } from './fault.ts';
import type { Occasion } from './notify/settings.ts';
import type { Plan } from './plan.ts';
import type { Value } from './probe.ts';
import type { Compared } from './traffic/comparison.ts';
import type { FailureKind } from './traffic/outcome.ts';

/** The journal's format; readers take this and every older one. */
export const journalVersion = 1;

export type PhaseName = 'baseline' | 'inject' | 'recover' | 'undo' | 'done';

/**
 * One question and its answer, as short as it can be written: start and end in milliseconds on the run's clock, `g`, `b`
 * or `u`, then why, then details, each only when there is one. A window of many requests is one of them, from its beginning
 * until the last of them was settled, with what they came to.
 */
export type RawObservation = [start: number, end: number, value: 'g' | 'b' | 'u', why?: string, detail?: Detail, requests?: RawRequests];
export type Detail = Readonly<Record<string, string | number | boolean>>;

/** The requests that were due in a window, on the run's clock; what is nothing is left out. See {@link RequestWindow}. */
export interface RawRequests {
  to: number;
  ok: number;
  failed?: Readonly<Partial<Record<FailureKind, number>>>;
  unknown?: number;
  /** The most that the harness was late with sending one, in milliseconds. */
  late?: number;
  /** Latencies of those that were ok: an HdrHistogram of microseconds (V2, compressed, base64). */
  hdr?: string;
  /** Those that were ok: when the first and the last were due, when the first answer came. */
  good?: [first: number, last: number, answered: number];
  bad?: RawHole;
  unsure?: RawHole;
}
export type RawHole = [first: number, last: number, settled: number, before: number | null, after: number | null, answered: number | null];

export const valueOf = { g: 'good', b: 'bad', u: 'unknown' } as const satisfies Record<string, Value>;
export const letterOf = { good: 'g', bad: 'b', unknown: 'u' } as const satisfies Record<Value, string>;

/** A change of state of something on the platform, and the interval in which it happened. */
export interface Milestone {
  /** What kind of state: the facets of one subject are told apart by it. */
  readonly facet: 'instance' | 'group' | 'volume' | 'dns' | 'member' | 'door' | 'leader' | 'pod' | 'endpoint' | 'node';
  /** Whose: the short name of a machine such as `peer-3`; `cluster` for the leader. */
  readonly subject: string;
  /**
   * The new state. instance: EC2's state. group: `<lifecycle>` or `activity: <status>`. volume: EC2's attachment state or
   * `available`. dns: the address or `none`. member: `up`, `behind` or `down`. door: `open` or
   * `closed` to new connections. leader: the leader's name or `none`. pod: `created`, `scheduled`, `started`, `ready`,
   * `not ready`, `terminating` or `gone`. endpoint: whether a Service sends requests to a pod, `ready` or `not ready`.
   * node: `registered`, `ready`, `not ready` or `gone`.
   */
  readonly state: string;
  readonly detail?: Detail;
  /** When it was last seen not to be so, on the run's clock in milliseconds; null when this is the first look. */
  readonly notYet: number | null;
  /** When it was first seen to be so. */
  readonly seen: number;
  /** Where it was seen: `ec2`, `autoscaling`, `dns`, `etcd`, `kubernetes`. */
  readonly source: string;
}

/** What each type of entry carries. */
export interface EntryBodies {
  'run.started': {
    version: number;
    run: string;
    firedrill: string;
    node: string;
    /** The command that runs it again. */
    command: string;
    seed: number;
    scenario: Scenario;
    /** Where the scenario was read from, as the user named it. */
    source: string;
    /** Secrets masked. */
    environment: Environment;
    /** The environment's name as it was typed with --allow-protected; left out where it was not. */
    allowProtected?: string;
  };
  plan: { plan: Plan };
  phase: { phase: PhaseName };
  'fault.intent': { fault: string; kind: string; says: string; sum: string; targets: readonly Target[]; undo: UndoRecord | null };
  /** `spared`: the ids of targets that were not hit after all. */
  'fault.injected': { fault: string; spared?: readonly string[] };
  'fault.failed': { fault: string; error: string };
  'fault.undone': { fault: string; verified: boolean; said: string };
  /** A probe is about to leave something on the platform; `undo` says how to take it away. */
  'probe.leaves': { probe: string; kind: string; says: string; undo: UndoRecord };
  'probe.cleaned': { probe: string; verified: boolean; said: string };
  /** A probe has recorded a history in a file beside the journal, and it is whole: `lines` of it. */
  history: { probe: string; file: string; lines: number };
  observations: {
    probe: string;
    stream: string;
    raw: RawObservation[];
  };
  /** What came of the requests of one endpoint of a background load in a window, from `start` until the last was settled. */
  load: { load: string; endpoint: string; /** Of the copies that a shadow sends. */ shadow?: true; start: number; end: number; requests: RawRequests };
  /** How the answers to an endpoint's requests compared with those to their copies, since the entry before. */
  shadow: { load: string; endpoint: string } & Compared;
  /** The harness itself could not look: its own process stood still from `from` to `to` (run's clock, milliseconds). */
  blind: { from: number; to: number };
  milestone: Milestone;
  abort: { reason: string };
  note: { text: string };
  /**
   * A call on an API that changed something, or tried to: each attempt, once its outcome is known. `requestId` is what the
   * service's own audit log calls it (CloudTrail's requestID, Kubernetes' auditID), null when AWS gave no answer; `outcome`
   * is `done`, the service's code, or that there was no answer; `from` is when it was sent, on the run's clock. What probes
   * write to ask is no entry.
   */
  change: {
    service: ChangedService;
    action: string;
    target: string;
    requestId: string | null;
    outcome: string;
    from: number;
    fault?: string;
    during?: Act['during'];
  };
  /** What became of a message to somebody outside: `delivered`, or why it was not. One about the verdict comes behind `run.ended`. */
  notification: { to: string; about: Occasion; outcome: string };
  /** Requests to AWS in the whole run, retries included. */
  calls: { byAction: Readonly<Record<string, number>>; mostInASecond: number };
  'run.ended': { outcome: Outcome; reason: string };
}

/** How the run came to its end; the verdict is the judge's. */
export type Outcome = 'finished' | 'no-baseline' | 'aborted' | 'interrupted' | 'failed' | 'not-undone';

export type EntryType = keyof EntryBodies;
export type Entry = {
  [T in EntryType]: { seq: number; /** UTC. */ at: string; /** Milliseconds on the run's clock. */ t: number; type: T } & EntryBodies[T];
}[EntryType];
