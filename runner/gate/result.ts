import type { JudgedRun } from '../verdict.ts';

/** A drill of a gate, with all that the suite says of it. */
export interface GateDrill {
  /** What suite and baseline call it. */
  readonly id: string;
  /** The drill's own name. */
  readonly name: string;
  readonly title: string;
  /** Those of the drill and those of the suite. */
  readonly tags: readonly string[];
  readonly repeat: number;
  /** How much slower than the baseline is tolerated: 0.1 is 10 %. */
  readonly slower: number;
  readonly after: readonly string[];
  readonly beside: readonly string[];
  /** One of the suite's environments; null for that of the command line. */
  readonly environment: string | null;
  /** How it is measured: {@link measureOf}. */
  readonly measure: string;
  /** Where it is written down, for annotations. */
  readonly place: Place;
  /** Where each of its SLOs is, in order. */
  readonly slos: readonly Place[];
}

/** A line of a file, from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** One run of one drill. */
export interface PlannedRun {
  readonly drill: GateDrill;
  /** From 1. */
  readonly round: number;
}

/** A run that has ended. */
export interface EndedRun extends PlannedRun {
  /** What the run is called: its folder. */
  readonly run: string;
  readonly exitCode: number;
  /** UTC. */
  readonly startedAt: string;
  readonly tookMs: number;
  /** Null when it left no journal that could be judged: it was refused, or died before it had begun. */
  readonly judged: JudgedRun | null;
  /** The last it said, for one without a verdict. */
  readonly lastWords: string;
}

/** A run that did not take place. */
export interface NotRun extends PlannedRun {
  readonly why: string;
}

/** A recovery time of now beside that of the baseline. All in milliseconds. */
export interface ComparedTime {
  readonly drill: string;
  /** The SLO's name. */
  readonly slo: string;
  /** What of it: `recovery`, `p99`. */
  readonly of: string;
  readonly nowMs: number;
  readonly beforeMs: number;
  readonly nowRuns: number;
  readonly beforeRuns: number;
  /** As a part of what it was; null where that was nothing. */
  readonly byPart: number | null;
  readonly tolerated: number;
  readonly p: number | null;
  readonly slower: boolean;
}

/** All that a gate found. */
export interface GateResult {
  readonly schemaVersion: 1;
  /** What this gate is called: its folder. */
  readonly gate: string;
  readonly suite: string;
  readonly firedrillVersion: string;
  /** UTC. */
  readonly startedAt: string;
  readonly tookMs: number;
  readonly exitCode: number;
  /** One sentence. */
  readonly headline: string;
  readonly runs: readonly EndedRun[];
  readonly notRun: readonly NotRun[];
  /** What the environment lacked to be whole, when that stopped the gate. */
  readonly notWhole: readonly string[];
  /** Null when no baseline was named. */
  readonly comparison: Comparison | null;
}

export interface Comparison {
  /** Where the baseline came from. */
  readonly baseline: string;
  readonly times: readonly ComparedTime[];
  /** What could not be compared, each with the reason. */
  readonly missing: readonly { readonly drill: string; readonly why: string }[];
}
