import type { Recurring } from '../../runner/schedule/slots.ts';

/** A file that is written for another system. */
export interface EmittedFile {
  /** Within the folder. */
  readonly path: string;
  readonly text: string;
}

/** What is written for another system. */
export interface EmitInput {
  /** Of the game day: an identifier. */
  readonly name: string;
  readonly title: string;
  readonly recurring: readonly Recurring[];
  /** The game day's file and the drills that it names by path: as they are, by their paths from its folder. */
  readonly files: readonly EmittedFile[];
  /** Which of them is the game day. */
  readonly gamedayFile: string;
  /** The environment file's text. */
  readonly environment: string;
  /** Of this firedrill. */
  readonly version: string;
}

/** Slots that one timer starts: those of one expression in one zone. */
export interface TimerGroup {
  /** A name for it: that of its first slot. */
  readonly name: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly of: readonly Recurring[];
}

/** One timer for each expression and zone: two at one moment would be in each other's way. */
export function timerGroups(recurring: readonly Recurring[]): TimerGroup[] {
  const groups = Map.groupBy(recurring, ({ cron, timeZone }) => `${cron} ${timeZone}`);
  return [...groups.values()].map((of) => ({ name: of[0]!.name, cron: of[0]!.cron, timeZone: of[0]!.timeZone, of }));
}

/** How long after its slot a run of these may begin at the latest, jitter included; seconds. */
export function startsWithinSeconds({ of }: TimerGroup): number {
  return Math.ceil(Math.max(...of.map(({ jitterMs, lateMs }) => jitterMs + lateMs)) / 1_000);
}
