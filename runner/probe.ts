import type { z } from 'zod';
import type { ProbeSpec } from '../scenarios/schema.ts';
import type { Change } from './changes.ts';
import type { ClusterWatch } from './cluster-watch.ts';
import type { Clock } from './clock.ts';
import type { Milestone } from './journal.ts';
import type { Environment } from './environment.ts';
import type { FaultContext, Permissions, Target, UndoRecord } from './fault.ts';
import type { PlatformWatch } from './platform-watch.ts';
import type { TrafficDemand } from './traffic/leash.ts';
import type { Sender } from './traffic/outcome.ts';
import type { RequestWindow } from './traffic/window.ts';
import type { World } from './world.ts';

/** Good, bad, or: it can't be told, which is never counted as good. */
export type Value = 'good' | 'bad' | 'unknown';

/** The answer to one question. */
export interface Answer {
  readonly value: Value;
  /** Why it is bad or unknown, in few words that come again for the same cause (they are counted and shown). */
  readonly why?: string;
  /** Facts for the timeline, such as who answered after how many tries. Small; left out when it says nothing new. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** One series of observations. A probe has one, named as in the drill, or several (one for each member, say). */
export interface ProbeStream {
  /** The probe's name, or `<probe>/<part>`. */
  readonly name: string;
  /**
   * Asks once. Must honour `signal`, which aborts at the question's own deadline. What it throws is a bad answer with
   * the error's message as the reason.
   */
  ask(signal: AbortSignal): Promise<Answer>;
  /**
   * For a stream that hears of changes by itself, between two questions: calls `tell` for each as it comes. Returns a
   * function that ends it.
   */
  follow?(tell: (turn: Turn) => void): () => void;
}

/** A moment at which what a stream says turned into something else. Times are those of the clock, in milliseconds. */
export interface Turn {
  /** What it said before, and the last moment at which that is known to have been true. */
  readonly was: Answer;
  readonly notYetMs: number;
  readonly is: Answer;
  /** When the change arrived. */
  readonly seenMs: number;
}

export interface ProbeContext {
  readonly world: World;
  readonly clock: Clock;
  readonly run: { readonly id: string; readonly drill: string };
  /** The name the drill gave to this probe. */
  readonly name: string;
  /** How long a question may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The one poller of the platform's APIs; undefined when the environment names no AWS. */
  readonly platform: PlatformWatch | undefined;
  /** All watches on the Kubernetes API; undefined when the environment names none. */
  readonly kubernetes: ClusterWatch | undefined;
  /** What the faults have hit so far: a probe must not take a killed instance's last words for health. */
  hit(): readonly Target[];
  /** The calls so far that changed something. */
  changes(): readonly Change[];
  /** Records that something changed its state. Times are those of `clock.now()`; they become the run's. */
  milestone(milestone: Milestone): void;
  /** A line for the journal. */
  note(text: string): void;
  /** The run's own folder: a record of another form than the journal's lies beside it. */
  readonly folder: string;
  /**
   * Writes down, on the disk itself, how to take away what the probe is about to leave on the platform.
   *
   * @param says what is left there, in a sentence
   * @returns to be called when it was taken away, or could not be
   */
  leaves(says: string, record: UndoRecord): Promise<(verified: boolean, said: string) => void>;
  /** A file in {@link folder} is whole, with so many lines: what lacks this was cut short, and is no evidence. */
  recorded(file: string, lines: number): void;
}

/** A series of requests at a constant rate, more than could be told one by one: each window of them is one observation. */
export interface RequestStream {
  /** As that of a {@link ProbeStream}. */
  readonly name: string;
  readonly sender: Sender;
  /** Requests in a second. */
  readonly perSecond: number;
  /** What a window says as one answer. */
  answerOf(window: RequestWindow): Answer;
}

export interface OpenProbe {
  readonly streams: readonly ProbeStream[];
  readonly requests?: readonly RequestStream[];
  close(): Promise<void>;
}

/** A way to watch something. One file in `runner/probes/` each, its default export; the file's name is the kind. */
export interface Probe<P extends object = object> {
  readonly summary: string;
  /** The keys that this kind adds to those that all probes have. */
  readonly schema: z.ZodObject;
  readonly selects: readonly string[];
  readonly permissions: Permissions;
  /** What the environment has to name for it besides AWS and etcd. */
  readonly needs?: readonly 'kubernetes'[];
  /** What it needs besides, for what a drill asks of it. */
  asks?(spec: P): { readonly needs?: readonly 'kubernetes'[]; readonly permissions?: Permissions };
  /** Whom it sends requests to and how many in a second, for the guard: only what the environment gives away is sent. */
  traffic?(spec: P): Pick<TrafficDemand, 'hosts' | 'perSecond'>;
  /** How many operations in a second it asks of etcd, where that is more than a question each turn; for the guard. */
  etcdRate?(spec: P): number;
  /** Whether it records a history, for an SLO `consistent`. */
  readonly records?: true;
  /** Used where the drill gives no `every` or `timeout`; milliseconds. */
  readonly defaults: { readonly everyMs: number; readonly timeoutMs: number };
  /**
   * Connects, ready to be asked.
   *
   * @throws ExpectedError when the probe can't work here at all
   */
  open(spec: ProbeSpec & P, context: ProbeContext): Promise<OpenProbe>;
  /** Takes away what an open probe has left, as a fault's `undo` does, when the process has died before it could. */
  undo?(record: UndoRecord, context: FaultContext): Promise<string>;
  /** As a fault's `byHand`. */
  byHand?(record: UndoRecord, environment: Environment): readonly string[];
}

/** Helps a probe's file to be checked against the contract while its own parameters stay typed. */
export function defineProbe<P extends object>(probe: Probe<P>): Probe<P> {
  return probe;
}
