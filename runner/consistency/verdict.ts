/** What a check came to. `unknown` when time or memory ran out, or what it needs is missing; never a pass. */
export type Verdict = 'held' | 'broken' | 'unknown';

export const checkNames = ['linearizability', 'watch', 'durability', 'serializable reads', 'members agree', 'leases'] as const;
export type CheckName = (typeof checkNames)[number];

/** One check of a history, told apart from the others. */
export interface Finding {
  readonly check: CheckName;
  readonly verdict: Verdict;
  /** In one line: what was looked at, or what can't be, or why it isn't known. */
  readonly says: string;
  /** Where it is broken. */
  readonly counterexample?: Counterexample;
}

/** The few operations that can't all have happened. */
export interface Counterexample {
  /** What can't be, in words, with the operations' names in it. */
  readonly says: string;
  readonly operations: readonly ShownOperation[];
  /** The moment at which it can't go on, in milliseconds on the history's clock; null where time has no part in it. */
  readonly stuckAtMs: number | null;
}

export interface ShownOperation {
  readonly client: string;
  readonly callMs: number;
  /** Null where no answer came, or it tells nothing of the end: it may have taken effect at any time after its call. */
  readonly returnMs: number | null;
  readonly text: string;
  /** The one that fits nowhere. */
  readonly impossible: boolean;
  /** Its line in the file, from 1; 0 where it comes from none. */
  readonly line: number;
}

/** How much a check may take. */
export interface Budget {
  /** Whether the time is over. */
  over(): boolean;
  readonly memoryBytes: number;
}

export const noLimit: Budget = { over: () => false, memoryBytes: Infinity };

