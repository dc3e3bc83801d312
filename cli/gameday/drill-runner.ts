import type { Entry } from '../../runner/journal.ts';
import type { DayRun } from '../../runner/gameday/day.ts';
import type { PlannedDrill } from '../../runner/gameday/draw.ts';

/** What a look at the platform before a drill says. */
export interface Look {
  /** 0 when the drill may run; otherwise what it would have ended with. */
  readonly code: number;
  /** Why it may not, or what went wrong; empty when it may. */
  readonly said: readonly string[];
  /** What would be hit, for people; empty when there is no plan. */
  readonly text: string;
  /** What this plan is called, so that it and nothing else is run. */
  readonly hash: string;
  /** The longest that the drill may take, in milliseconds. */
  readonly takesMs: number;
}

/** How a drill's process ended. */
export interface DrillEnd {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly signal: string | null;
  /** What it said on standard error, its last lines. */
  readonly said: readonly string[];
  /** Its run, judged from its own journal; null when it had none. */
  readonly run: DayRun | null;
}

/** What a drill tells while it runs. */
export interface DrillEvents {
  onEntry(entry: Entry): void;
  /** A line of standard error. */
  onLine(line: string): void;
}

/** Runs the drills of a day, each by itself. */
export interface DrillRunner {
  /** Touches nothing. @throws the reason of `stop` when that aborts */
  look(drill: PlannedDrill, stop: AbortSignal): Promise<Look>;
  /** Runs to the end. When `stop` aborts the drill is told to end, and it is waited for until it has undone what it did. */
  run(drill: PlannedDrill, plan: string, events: DrillEvents, stop: AbortSignal): Promise<DrillEnd>;
  /** What is known of a run from its journal; null when nothing is. */
  judged(run: string): Promise<DayRun | null>;
}
