import { z } from 'zod';

const at = z.string();
const slot = z.string();
const exit = z.int();
/** Of a slot: whose it is, and when it is due; UTC. */
const due = { at, slot, of: z.string(), due: z.string() };

/** A line of a schedule's state. `at` is when it was written; all times UTC. */
export const recordSchema = z.discriminatedUnion('type', [
  /** A scheduler is at work from now on; `since`: from when on the slots of an entry count, where it is new. */
  z.strictObject({ type: z.literal('started'), at, pid: z.int(), host: z.string(), entries: z.array(z.strictObject({ name: z.string(), cron: z.string(), timeZone: z.string(), jitterMs: z.number(), lateMs: z.number(), since: z.string() })) }),
  z.strictObject({ type: z.literal('stopped'), at, why: z.string() }),
  /** The clock on the wall went another way than time did. */
  z.strictObject({ type: z.literal('clock'), at, byMs: z.number(), says: z.string() }),
  /** From this line on the slot is never run again, whatever happens. `asked`: what the clocks never show that day. */
  z.strictObject({ type: z.literal('claimed'), ...due, asked: z.string().optional() }),
  /** One of its drills begins, as `firedrill run`; its run is known by the seed. */
  z.strictObject({ type: z.literal('begun'), at, slot, drill: z.string(), seed: z.int() }),
  /** It has ended. `run`: its folder, where it got so far. */
  z.strictObject({ type: z.literal('finished'), at, slot, drill: z.string(), exit, run: z.string().optional(), says: z.string().optional() }),
  z.strictObject({ type: z.literal('ended'), at, slot, exit }),
  /** It was due, and nothing was run: why. */
  z.strictObject({ type: z.literal('skipped'), ...due, why: z.string() }),
  /** It was not run in time; with `count`, the last of so many, of which `first` was the first. */
  z.strictObject({ type: z.literal('missed'), ...due, count: z.int(), first: z.string(), why: z.string() }),
  /** It was claimed, and its scheduler was gone before it had ended. */
  z.strictObject({ type: z.literal('interrupted'), at, slot, why: z.string(), run: z.string().optional(), todo: z.string() }),
]);

export type ScheduleRecord = z.output<typeof recordSchema>;
export type RecordOf<T extends ScheduleRecord['type']> = Extract<ScheduleRecord, { type: T }>;
