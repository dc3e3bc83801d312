import { hostname } from 'node:os';
import { outsideHours, type Calendar } from '../calendar.ts';
import type { Clock } from '../clock.ts';
import { watchClock } from './clock-watch.ts';
import { decide } from './decide.ts';
import type { Recurring, Slot } from './slots.ts';
import { stateOf, type OpenSlot } from './state.ts';
import type { StateFile } from './state-file.ts';

/** The clock on the wall is looked at this often at least: no timer knows that it was set, or that the machine slept. */
const lookEveryMs = 30_000;
/** A clock that is behind the last record by less was only corrected. */
const behindMs = 2_000;

/** How the run of a slot came out; of one that was skipped `exit` is what refused it, if that is worth a failure. */
export type SlotEnd = { readonly exit: number } | { readonly skipped: string; readonly exit?: number };

export interface SchedulerInput {
  readonly recurring: readonly Recurring[];
  /** Windows and blackouts; none when left out. */
  readonly calendar?: Calendar;
  readonly state: StateFile;
  readonly clock: Clock;
  /** Ends it: the slot under way is ended first, by whoever runs it. */
  readonly stop: AbortSignal;
  /** Runs the drills of a slot that is claimed; writes down what it begins. Must end when `stop` aborts. */
  run(slot: Slot, stop: AbortSignal): Promise<SlotEnd>;
  /** What became of a slot whose scheduler died: its run, if it got so far, and what a human does about it. */
  look(open: OpenSlot): Promise<{ readonly run?: string; readonly todo: string }>;
  /** A line for people. */
  note(text: string): void;
  /** Ends when nothing is due any more, in place of waiting for the next slot. */
  readonly once?: boolean;
}

/**
 * Runs what recurs, each slot at most once: its claim is on the disk before anything of it begins, and what is claimed is
 * never run again. One at a time; what could not begin in time is written down as missed, and only the newest of what is
 * due is run.
 *
 * @returns the exit codes of the slots that were run, and of those that were refused
 * @throws ExpectedError when the state can't be written
 */
export async function runSchedule(input: SchedulerInput): Promise<number[]> {
  const { recurring, calendar = {}, state, clock, stop, note, once = false } = input;
  const exits: number[] = [];
  const step = watchClock(clock);
  await start(input);
  let away = 'no scheduler was at work';
  while (!stop.aborted) {
    const stepped = step();
    if (stepped) {
      away = stepped.says;
      note(stepped.says);
      await state.append({ type: 'clock', ...stepped });
    }
    const nowMs = clock.wall();
    const { missed, due, next } = decide(recurring, stateOf(state.records), nowMs);
    for (const { first, last, count, overtaken } of missed) {
      const why = overtaken ? 'a later one was due by then' : away;
      await state.append({ type: 'missed', ...dueOf(last), count, first: timeOf(first.atMs), why });
      note(count === 1 ? `missed: ${last.key}: ${why}` : `missed: ${count} slots of ${last.of}, from ${first.wall} to ${last.wall} in ${last.timeZone}: ${why}`);
    }
    away = 'the clock went on while nothing was looked at';
    const [slot] = due;
    if (slot) {
      const end = await runSlot(slot, input, calendar);
      if (end !== undefined) exits.push(end);
      away = `slot ${slot.key} was under way`;
      continue;
    }
    const startMs = next[0]?.startMs ?? Infinity;
    // Within the jitter of a slot that was due: once waits for that, and for nothing else.
    if (once && !next.some(({ atMs }) => atMs <= nowMs)) break;
    await pause(clock, Math.min(lookEveryMs, startMs - nowMs), stop);
  }
  await state.append({ type: 'stopped', why: stop.aborted ? reasonOf(stop) : 'nothing is due any more' });
  return exits;
}

/** Says what another scheduler has left, and that this one is at work. */
async function start({ recurring, state, clock, look, note, once = false }: SchedulerInput): Promise<void> {
  const before = stateOf(state.records);
  for (const open of before.open) {
    const { run, todo } = await look(open);
    const why = open.begun ? `its scheduler was gone before drill ${open.begun.drill} had ended` : 'its scheduler was gone before a drill of it had begun, or between two';
    await state.append({ type: 'interrupted', slot: open.claimed.slot, why, todo, ...(run === undefined ? {} : { run }) });
    note(`interrupted: ${open.claimed.slot}: ${why}; it is not run again; ${todo}`);
  }
  const nowMs = clock.wall();
  if (before.lastMs !== undefined && before.lastMs - nowMs > behindMs) {
    const says = `the clock is behind the last record, of ${timeOf(before.lastMs)}: it was put back`;
    note(says);
    await state.append({ type: 'clock', byMs: nowMs - before.lastMs, says });
  }
  const entries = recurring.map(({ name, cron, timeZone, jitterMs, lateMs }) => {
    // Whoever is started by a timer of the same slot comes a little after it.
    const sinceMs = once ? nowMs - jitterMs - lateMs : nowMs;
    return { name, cron, timeZone, jitterMs, lateMs, since: timeOf(sinceMs) };
  });
  await state.append({ type: 'started', pid: process.pid, host: hostname(), entries });
}

async function runSlot(slot: Slot, { state, clock, stop, note, run }: SchedulerInput, calendar: Calendar): Promise<number | undefined> {
  const outside = outsideHours(calendar, { wallMs: clock.wall(), takesMs: 0 });
  if (outside.length > 0) {
    await skip(outside.join('; '));
    return undefined;
  }
  await state.append({ type: 'claimed', ...dueOf(slot), ...(slot.asked === undefined ? {} : { asked: slot.asked }) });
  note(`slot ${slot.key}${slot.asked === undefined ? '' : `, asked for ${slot.asked}, which the clocks skip on this day`}`);
  const end = await run(slot, stop);
  if ('skipped' in end) {
    await skip(end.skipped);
    return end.exit;
  }
  await state.append({ type: 'ended', slot: slot.key, exit: end.exit });
  note(`ended: ${slot.key}: exit code ${end.exit}`);
  return end.exit;

  async function skip(why: string): Promise<void> {
    await state.append({ type: 'skipped', ...dueOf(slot), why });
    note(`skipped: ${slot.key}: ${why}`);
  }
}

function dueOf({ key, of, atMs }: Slot): { slot: string; of: string; due: string } {
  return { slot: key, of, due: timeOf(atMs) };
}

function timeOf(atMs: number): string {
  return new Date(atMs).toISOString();
}

async function pause(clock: Clock, durationMs: number, stop: AbortSignal): Promise<void> {
  try {
    await clock.sleep(durationMs, stop);
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}

function reasonOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}
