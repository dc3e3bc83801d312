import type { Gameday } from '../../scenarios/gameday.ts';
import type { JudgedRun, JudgedSlo } from '../verdict.ts';
import type { Answer } from './answers.ts';
import type { PlannedStep } from './draw.ts';

/** The format of a day's journal; readers take this and every older one. */
export const dayVersion = 1;
/** A day's own journal, in its folder. What each drill did is in the journal of its run. */
export const dayFileName = 'day.ndjson';

/** What a day keeps of a drill's run: enough for its report, whatever becomes of the run's folder. */
export interface DayRun {
  readonly id: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** UTC, which the drill's `t` counts from; null when nothing was broken. */
  readonly firstFaultAt: string | null;
  readonly verdict: JudgedRun['verdict'];
  readonly slos: readonly Pick<JudgedSlo, 'name' | 'verdict' | 'objective' | 'measured' | 'margin' | 'reason'>[];
  /** Whether it came to its own end. */
  readonly ended: boolean;
  /** The ids of faults that may still be in place. */
  readonly open: readonly string[];
}

/** Why something of the day was not done. */
export type SkippedFor = 'no-go' | 'hours' | 'refused';
/** What a go is for: this step, or going on after it. */
export type Asked = 'step' | 'going on';
export type DayOutcome = 'finished' | 'stopped' | 'interrupted' | 'failed';

/** What each type of entry carries; `step` counts the day's steps from 0. */
export interface DayBodies {
  'day.started': {
    version: number;
    day: string;
    firedrill: string;
    node: string;
    command: string;
    seed: number;
    gameday: Gameday;
    file: string;
    environment: string;
    /** How the platform was named. */
    platform: { readonly env?: string; readonly lab?: string };
    /** Who started it: user and host. */
    by: string;
    steps: readonly PlannedStep[];
    /** With --yes nobody is asked. */
    unattended: boolean;
  };
  'day.resumed': { by: string; command: string; unattended: boolean };
  announcement: { text: string };
  /** `step` null: about the day as a whole. */
  question: { step: number | null; about: Asked; text: string };
  answer: { step: number | null } & Answer;
  /** `by`: those who answered, or --yes, or nobody where none was there to answer. */
  decision: { step: number | null; about: Asked; go: boolean; by: 'people' | '--yes' | 'nobody' };
  pause: { step: number; forMs: number };
  'pause.ended': { step: number };
  countdown: { step: number; forMs: number };
  'drill.begun': { step: number; plan: string };
  'drill.running': { step: number; run: string };
  /** `faultAt`: UTC, as the run's journal has it. */
  'drill.broke': { step: number; faultAt: string; says: string };
  /** `code` null when the process was killed, by `signal`; `said`: its last words, where it had no run to judge. */
  'drill.ended': { step: number; code: number | null; signal: string | null; run: DayRun | null; said: readonly string[] };
  /** `code`: what that counts as among the exit codes of the day. */
  'step.skipped': { step: number; because: SkippedFor; why: string; code: number };
  /** `runMs`: on the clock of the run that was under way; null when none was. */
  note: { step: number | null; text: string; runMs: number | null };
  'day.ended': { outcome: DayOutcome; reason: string };
}

export type DayEntryType = keyof DayBodies;
export type DayEntry = {
  [T in DayEntryType]: { seq: number; /** UTC. */ at: string; /** Milliseconds since the day began, by the clock on the wall. */ t: number; type: T } & DayBodies[T];
}[DayEntryType];

/** What a day keeps of a run that was judged. */
export function dayRunOf({ run, verdict, slos, faults }: JudgedRun): DayRun {
  return {
    id: run.id,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    firstFaultAt: run.firstFaultAt,
    verdict,
    slos: slos.map(({ name, verdict: value, objective, measured, margin, reason }) => ({ name, verdict: value, objective, measured, margin, reason })),
    ended: run.outcome !== null,
    open: faults.filter(({ open }) => open).map(({ id }) => id),
  };
}
