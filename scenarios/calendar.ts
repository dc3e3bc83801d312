import { z } from 'zod';

/** The days of the week as windows name them. */
export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof days)[number];

const timeHelp = 'give a time of day with two digits each, such as 09:00 (up to 24:00), in quotes';
const timeOfDay = z.string({ error: timeHelp }).regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: timeHelp });

/** Hours in which drills may run. With `to` before `from` they go over midnight, and belong to the day on which they begin. */
export const windowSchema = z
  .strictObject({
    days: z.array(z.enum(days)).min(1).default([...days]),
    from: timeOfDay,
    to: timeOfDay,
  })
  .refine(({ from, to }) => from !== to && from !== '24:00', { error: "give a from and a to that differ; a whole day is from '00:00' to '24:00'" });

const momentHelp = 'give a date such as 2026-12-24, or a date with a time such as 2026-12-24T18:00';
const moment = z
  .string({ error: momentHelp })
  .regex(/^\d{4}-\d\d-\d\d(?:T(?:[01]\d|2[0-3]):[0-5]\d)?$/, { error: momentHelp, abort: true })
  .refine(isOnCalendar, { error: `it is not on the calendar; ${momentHelp}` });

/** Days on which no drill may run: a date counts from its beginning, as `to` up to its end. */
export const blackoutSchema = z
  .strictObject({ from: moment, to: moment, why: z.string().min(1) })
  .refine((blackout) => beginOf(blackout) < endOf(blackout), { error: 'give a to that is not before from' });

/** The name of a time zone of the IANA database. */
export const timeZoneSchema = z.string().refine(isTimeZone, { error: 'give the name of a time zone, such as Europe/Berlin or UTC' });

/** The keys of a file that say when drills may run. */
export const calendarShape = {
  /** That of the IANA database in which windows and blackouts are told. */
  timeZone: timeZoneSchema.optional(),
  /** When drills may run, and at no other time; always when left out. */
  windows: z.array(windowSchema).min(1).optional(),
  /** When no drill may run, whatever the windows say. */
  blackouts: z.array(blackoutSchema).optional(),
};

export interface Calendar {
  readonly timeZone?: string | undefined;
  readonly windows?: readonly Window[] | undefined;
  readonly blackouts?: readonly Blackout[] | undefined;
}
export type Window = z.output<typeof windowSchema>;
export type Blackout = z.output<typeof blackoutSchema>;

/** The first minute of a blackout, as a clock on the wall shows it: `2026-12-24T00:00`. */
export function beginOf({ from }: { readonly from: string }): string {
  return from.includes('T') ? from : `${from}T00:00`;
}

/** The first minute after it. A date is in it up to its end: 24:00 is after every time of that day, and before the next. */
export function endOf({ to }: { readonly to: string }): string {
  return to.includes('T') ? to : `${to}T24:00`;
}

function isTimeZone(name: string): boolean {
  // Offsets such as +01:00 would be taken, too, and know nothing of summer.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function isOnCalendar(text: string): boolean {
  const date = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text.slice(0, 10));
}
