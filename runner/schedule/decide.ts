import { slotsAfter, type Recurring, type Slot } from './slots.ts';
import type { ScheduleState } from './state.ts';

/** Slots of one recurring thing that were not run in time. */
export interface Missed {
  readonly first: Slot;
  readonly last: Slot;
  readonly count: number;
  /** A later one of the same was due already: only that is run. */
  readonly overtaken: boolean;
}

export interface Decision {
  readonly missed: readonly Missed[];
  /** Those that may begin now, at most one of each recurring thing, first due first. */
  readonly due: readonly Slot[];
  /** Slots that are not due yet, the next of each recurring thing, first to begin first. */
  readonly next: readonly Slot[];
}

/** Slots that are older are not counted one by one: whoever was away for longer has missed all of them. */
const lookBackMs = 7 * 24 * 3_600_000;

/**
 * What is to be done at a moment. Pure: the same records at the same moment give the same answer, so nothing depends on
 * when the scheduler was started, or on how long it slept.
 *
 * @param nowMs what the clock on the wall says; UTC, milliseconds since 1970
 */
export function decide(recurring: readonly Recurring[], { seen, claimed }: Pick<ScheduleState, 'seen' | 'claimed'>, nowMs: number): Decision {
  const missed: Missed[] = [];
  const due: Slot[] = [];
  const next: Slot[] = [];
  for (const one of recurring) {
    const late: Slot[] = [];
    const ready: Slot[] = [];
    const untilMs = seen.get(one.name)?.untilMs ?? nowMs;
    for (const slot of slotsAfter(one, Math.max(untilMs, nowMs - lookBackMs))) {
      if (claimed.has(slot.key)) continue;
      if (slot.startMs > nowMs) {
        next.push(slot);
        break;
      }
      (slot.lateFromMs < nowMs ? late : ready).push(slot);
    }
    const newest = ready.pop();
    if (late.length > 0) missed.push({ first: late[0]!, last: late.at(-1)!, count: late.length, overtaken: false });
    if (ready.length > 0) missed.push({ first: ready[0]!, last: ready.at(-1)!, count: ready.length, overtaken: true });
    if (newest) due.push(newest);
  }
  const byStart = (a: Slot, b: Slot): number => a.startMs - b.startMs;
  return { missed, due: due.sort(byStart), next: next.sort(byStart) };
}
