import type { JudgedRun } from '../verdict.ts';
import { decide } from './decide.ts';
import type { ScheduleRecord } from './record.ts';
import { stateOf } from './state.ts';

/** Where things stand. Plain data; all times UTC, ISO 8601. */
export interface Status {
  /** Left out where no state was named. */
  readonly schedule?: {
    /** The scheduler that is at work: its process, or null. */
    readonly scheduler: { readonly pid: number; readonly host: string; readonly since: string } | null;
    readonly next: readonly NextSlot[];
    /** Slots that were claimed and have not ended, by their keys. */
    readonly open: readonly string[];
  };
  /** Of each drill the newest run, newest first. */
  readonly last: readonly LastRun[];
  /** Runs that are under way: what is broken by them is theirs to undo. */
  readonly underWay: readonly string[];
  readonly broken: readonly Broken[];
  /** What could not be looked at. */
  readonly unknown: readonly string[];
}

export interface NextSlot {
  readonly slot: string;
  readonly of: string;
  /** What the clocks of its zone show then. */
  readonly wall: string;
  readonly timeZone: string;
  readonly at: string;
  /** With the jitter. */
  readonly begins: string;
}

export interface LastRun {
  readonly drill: string;
  readonly run: string;
  readonly at: string;
  readonly verdict: JudgedRun['verdict']['value'];
  readonly exitCode: number;
  readonly says: string;
}

/** Something that is broken right now, and what to do about it. */
export interface Broken {
  readonly what: string;
  readonly todo: string;
}

/** The next slot of each thing that recurs, as the last scheduler was started with them. Pure. */
export function nextSlots(records: readonly ScheduleRecord[], nowMs: number): NextSlot[] {
  const state = stateOf(records);
  const { due, next } = decide(state.started?.entries ?? [], state, nowMs);
  return [...due, ...next].map(({ key, of, wall, timeZone, atMs, startMs }) => ({
    slot: key, of, wall, timeZone, at: new Date(atMs).toISOString(), begins: new Date(startMs).toISOString(),
  }));
}

/** What the last run of a drill came to. Pure. */
export function lastRun({ run, verdict }: JudgedRun): LastRun {
  return { drill: run.drill, run: run.id, at: run.startedAt, verdict: verdict.value, exitCode: verdict.exitCode, says: verdict.headline };
}
