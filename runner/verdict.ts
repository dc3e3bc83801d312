import type { Scenario, Slo, SloForm } from '../scenarios/schema.ts';
import type { JudgedConsistency } from './consistency/judge-recorded.ts';
import type { Environment } from './environment.ts';
import type { ExitCode } from './errors.ts';
import type { Target } from './fault.ts';
import type { Milestone, Outcome, PhaseName } from './journal.ts';
import type { Plan } from './plan.ts';
import type { Value } from './probe.ts';
import type { Compared } from './traffic/comparison.ts';

/** Broken outranks inconclusive, which outranks held. */
export type VerdictValue = 'held' | 'broken' | 'inconclusive';

/**
 * An error bar: the truth lies between the two. In milliseconds; instants count from the first fault (negative before
 * it), or from the start of the run when no fault was injected.
 */
export interface Bar {
  readonly min: number;
  readonly max: number;
}

/** All that a report shows. A pure function of the journal; all `…Ms` instants count from the first fault. */
export interface JudgedRun {
  readonly schemaVersion: 1;
  readonly run: {
    readonly id: string;
    readonly drill: string;
    readonly title: string;
    readonly why: string;
    readonly tags: readonly string[];
    readonly firedrillVersion: string;
    readonly nodeVersion: string;
    readonly seed: number;
    /** The command that runs it again. */
    readonly command: string;
    /** UTC, ISO 8601 with milliseconds. */
    readonly startedAt: string;
    /** Of the journal's last entry. */
    readonly endedAt: string;
    /** UTC of the first injection, which all other times count from; null when nothing was broken. */
    readonly firstFaultAt: string | null;
    readonly startMs: number;
    readonly endMs: number;
    /** Null when the journal stops without an end: the run was killed, or is still going on. */
    readonly outcome: Outcome | null;
    readonly outcomeReason: string;
  };
  readonly verdict: {
    readonly value: VerdictValue;
    readonly exitCode: ExitCode;
    /** One sentence. */
    readonly headline: string;
  };
  /** How much was left of what was allowed: docs/score.md. */
  readonly score: Score;
  readonly environment: Environment;
  readonly scenario: Scenario;
  readonly plan: Plan | null;
  readonly slos: readonly JudgedSlo[];
  readonly phases: readonly { readonly phase: PhaseName; readonly fromMs: number; readonly toMs: number }[];
  readonly faults: readonly JudgedFault[];
  readonly probes: readonly JudgedProbe[];
  /** The leader over time; `leader` null while there was none. */
  readonly leader: readonly { readonly fromMs: number; readonly toMs: number; readonly leader: string | null; readonly term: number }[];
  readonly lives: readonly InstanceLife[];
  readonly waterfall: readonly Recovery[];
  readonly milestones: readonly Milestone[];
  /** What the reader should know: blind moments, throttling, notes, an early end. */
  readonly notes: readonly { readonly atMs: number; readonly text: string }[];
  /** Requests to AWS, retries included; left out when the run made none, or was recorded before they were counted. */
  readonly calls?: { readonly byAction: Readonly<Record<string, number>>; readonly mostInASecond: number };
  /** What came of the background loads, each endpoint on its own; left out when the drill has none. */
  readonly loads?: readonly JudgedLoad[];
  /** Each call that changed something, or tried to, in the order of their outcomes; left out when there was none. */
  readonly changes?: readonly JudgedChange[];
  /** What became of the histories that probes have recorded; left out when there is none. */
  readonly consistency?: readonly JudgedConsistency[];
  /** All that probes saw, answer by answer, in the order of time; left out unless it was asked for, as it is much. */
  readonly observations?: Iterable<JudgedObservation>;
}

/** The margin of the worst SLO as a part of its limit. */
export interface Score {
  /** 1: nothing of what was allowed was used; 0: all of it; below 0, at the lowest -1: broken. Null: not known. */
  readonly value: number | null;
  /** The SLO that decides, by its name; null when none does. */
  readonly slo: string | null;
  /** In words. */
  readonly says: string;
}

/** One answer of a probe or, of one that counts requests, those of one window. */
export interface JudgedObservation {
  readonly probe: string;
  readonly stream: string;
  /** When the question was asked, and when its answer was there. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly value: Value;
  readonly why: string;
  readonly requests?: { readonly ok: number; readonly failed: number; readonly unknown: number };
}

export interface JudgedLoad {
  readonly load: string;
  readonly endpoint: string;
  readonly ok: number;
  /** By kind of failure. */
  readonly failed: Readonly<Record<string, number>>;
  /** Not sent, or not heard. */
  readonly unknown: number;
  /** Of those that succeeded; null when none did. */
  readonly latency: LatencySummary | null;
  /** How they went over time. */
  readonly slices: readonly RequestSlice[];
  /** Of those that succeeded, over time, in slices of at least one second. */
  readonly latencies: readonly LatencySlice[];
  /** Of the copies that a shadow sends: their target. */
  readonly copiedTo?: string;
  /** Of requests of which copies were sent: how the answers compared. */
  readonly shadow?: Compared & { readonly to: string };
}

/** What good answers took, in milliseconds; of requests, from when each was due. */
export interface LatencySummary {
  readonly p50: number;
  readonly p99: number;
  /** Of requests alone: single questions are too few for it. */
  readonly 'p99.9'?: number;
  readonly max: number;
}

export interface LatencySlice extends LatencySummary {
  /** Its middle. */
  readonly atMs: number;
}

/** The requests that were due in a stretch of time. */
export interface RequestSlice {
  /** Its middle. */
  readonly atMs: number;
  readonly forMs: number;
  readonly ok: number;
  /** By kind of failure. */
  readonly failed: Readonly<Record<string, number>>;
  /** Not sent, or not heard. */
  readonly unknown: number;
  /** How many of those that succeeded took how long, by upper bound in milliseconds. Each bound is 10^0.1 times the one below. */
  readonly buckets: Readonly<Record<string, number>>;
}

export interface JudgedChange {
  /** When it was sent. */
  readonly atMs: number;
  readonly service: string;
  /** Such as `TerminateInstances`, or for Kubernetes `create pods/eviction`. */
  readonly action: string;
  readonly target: string;
  /** What the service's own audit log calls it: CloudTrail's requestID, Kubernetes' auditID. Null when AWS gave no answer. */
  readonly requestId: string | null;
  /** `done`, the service's code, or that there was no answer. */
  readonly outcome: string;
  /** The fault that it was made for; null for what no fault did. */
  readonly fault: string | null;
  readonly during: 'plan' | 'inject' | 'undo' | null;
}

export interface JudgedSlo {
  readonly name: string;
  readonly probe: string;
  readonly form: SloForm;
  readonly slo: Slo;
  readonly verdict: VerdictValue;
  /** Such as `longest outage at most 5 s`. */
  readonly objective: string;
  /** Such as `1.24 s ± 0.02 s`, or why nothing was measured. */
  readonly measured: string;
  /** What is left to the objective, such as `3.74 s to spare` or `over by 12 s`; empty when nothing was measured. */
  readonly margin: string;
  /** The part of the objective that was used up, for drawing: 0 nothing, 1 all of it, more than 1 broken; null unknown. */
  readonly used: number | null;
  /** Why this verdict. */
  readonly reason: string;
  /** The part of the run that it is about; left out when the run has no such part. */
  readonly part?: { readonly fromMs: number; readonly toMs: number };
  /** The lengths of time that were measured, for comparing runs; left out when it measures none, or nothing is known. */
  readonly times?: readonly MeasuredTime[];
}

/** A length of time that an SLO is about. */
export interface MeasuredTime {
  /** What of the SLO: `recovery`, `longest outage`, or of a latency `p50`, `p99`, `p99.9`, `max`. */
  readonly of: string;
  /** In milliseconds; `max` is infinite for what had not ended when the run did. */
  readonly length: Bar;
  /** The best single figure for it. */
  readonly bestMs: number;
}

export interface JudgedFault {
  readonly id: string;
  readonly kind: string;
  readonly says: string;
  /** The quorum gate's sum just before. */
  readonly sum: string;
  readonly targets: readonly Target[];
  readonly intentMs: number;
  /** Null when it was never reached, or failed. */
  readonly injectedMs: number | null;
  readonly error: string | null;
  /** Null for a kill, and for what is still broken. */
  readonly undone: { readonly atMs: number; readonly verified: boolean; readonly said: string } | null;
  /** A record was written and no undo verified: something may still be broken. */
  readonly open: boolean;
}

export interface JudgedProbe {
  readonly name: string;
  readonly kind: string;
  readonly everyMs: number;
  /** Where a probe that sends requests stands, as the drill says, in words; left out for all others. */
  readonly stands?: string;
  readonly streams: readonly JudgedStream[];
}

export interface JudgedStream {
  readonly name: string;
  /** Answers; of a probe that counts requests, requests: {@link reasons} are their kinds of failure then. */
  readonly good: number;
  readonly bad: number;
  readonly unknown: number;
  /** For lanes: what it said, with neighbours of one value joined. */
  readonly segments: readonly { readonly fromMs: number; readonly toMs: number; readonly value: Value; readonly why: string }[];
  readonly outages: readonly Outage[];
  /** Of good answers, in slices of at least one second; milliseconds. */
  readonly latency: readonly LatencySlice[];
  /** Of a probe that counts requests. */
  readonly requests?: {
    /** How late one was sent at most, in milliseconds. */
    readonly lateMs: number;
    /** Of all that succeeded; null when none did. */
    readonly latency: LatencySummary | null;
    /** How they went over time. */
    readonly slices: readonly RequestSlice[];
  };
  /** Reasons of bad and unknown answers, most frequent first. */
  readonly reasons: readonly { readonly why: string; readonly count: number }[];
}

/** From the last good answer before to the first after, with error bars. */
export interface Outage {
  readonly start: Bar;
  /** Null when it had not ended when the run did. */
  readonly end: Bar | null;
  /** Its length; with no end, `max` is infinite and `min` what was seen. */
  readonly length: Bar;
  /** The best single figure for its length. */
  readonly lengthMs: number;
  /** The most frequent reason. */
  readonly why: string;
}

export interface InstanceLife {
  /** `peer-3`, or the name of a pod or a node. */
  readonly name: string;
  /** Of a pod, its node. */
  readonly zone: string;
  /** Left out for an instance. */
  readonly kind?: 'pod' | 'node';
  readonly segments: readonly { readonly fromMs: number; readonly toMs: number; readonly state: string; readonly instanceId: string }[];
}

/** How one lost target came back, step by step. */
export interface Recovery {
  readonly target: string;
  readonly zone: string;
  /** The Kubernetes node that it was, of a machine that was one. */
  readonly node?: string;
  readonly fault: string;
  readonly steps: readonly RecoveryStep[];
  /** The step that took longest, by its name; null when nothing recovered. */
  readonly slowest: string | null;
  /** From its fault to being whole; nothing when it lived on and was never seen away; null when it was not seen to come back. */
  readonly whole: Bar | null;
  /** Why nothing has to come in its place, where that is so: {@link whole} is then from its fault to being gone. */
  readonly forGood?: string;
}

export interface RecoveryStep {
  /**
   * `fault`, `leader lost`, `leader elected`, `first write`, `group noticed`, `old instance gone`, `new instance running`,
   * `volume attached`, `DNS changed`, `member started`, `member caught up`, `SLO met`; for what was only cut off, in place
   * of those of a replacement, `member unreachable`, `member reachable`. Of a pod: `gone`, `replacement created`,
   * `scheduled`, `started`, `ready`, `address of its Service`. Of a node: `instance gone`, `node lost`, `new instance
   * running`, `node registered`, `node ready`.
   */
  readonly step: string;
  /** When it happened; null when it was not seen (yet), and the reader is told why in `note`. */
  readonly at: Bar | null;
  /** From the step before, in milliseconds, midpoint to midpoint; null when either is missing. */
  readonly tookMs: number | null;
  readonly source: string;
  readonly note: string;
}
