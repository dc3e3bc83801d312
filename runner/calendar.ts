import { z } from 'zod';
import { formatDuration } from '../scenarios/duration.ts';

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Day = (typeof days)[number];

const timeHelp = 'give a time of day with two digits each, such as 09:00 (up to 24:00), in quotes';
const timeOfDay = z.string({ error: timeHelp }).regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: timeHelp });

/** Hours in which drills may run. With `to` before `from` they go over midnight, and belong to the day on which they begin. */
const windowSchema = z
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
const blackoutSchema = z
  .strictObject({ from: moment, to: moment, why: z.string().min(1) })
  .refine((blackout) => beginOf(blackout) < endOf(blackout), { error: 'give a to that is not before from' });

/** The keys of an environment file that say when drills may run. */
export const calendarShape = {
  /** That of the IANA database in which windows and blackouts are told. */
  timeZone: z.string().refine(isTimeZone, { error: 'give the name of a time zone, such as Europe/Berlin or UTC' }).optional(),
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

/** Now, and how long what is asked for may take from now on at most, both in milliseconds. */
export interface Span {
  /** UTC, since 1970. */
  readonly wallMs: number;
  readonly takesMs: number;
}

/** Longer spans are not looked through: no drill is meant to take so long. */
const longestSpanMs = 7 * 24 * 3_600_000;
const minuteMs = 60_000;

/**
 * Why a drill must not run in this span: all of it has to lie within the windows, and outside of the blackouts. Goes by
 * what the clocks on the walls of the time zone show, minute by minute: hours that come twice, or never, are no special case.
 *
 * @returns at most one reason for the windows and one for each blackout; empty when it may
 */
export function outsideHours({ timeZone, windows, blackouts = [] }: Calendar, span: Span | undefined): string[] {
  if (!windows && blackouts.length === 0) return [];
  const { wallMs = Number.NaN, takesMs = Number.NaN } = span ?? {};
  if (timeZone === undefined || !Number.isFinite(wallMs) || !Number.isFinite(takesMs)) {
    return ['what time it is, and until when this may take, could not be worked out, and the environment has windows or blackouts; check its timeZone and this machine\'s clock'];
  }
  if (takesMs > longestSpanMs) {
    return [`this may take ${formatDuration(Math.ceil(takesMs))}, and windows and blackouts are held for at most ${formatDuration(longestSpanMs)}; shorten recovery.timeout`];
  }
  const clock = wallClock(timeZone);
  const moments = momentsOf(wallMs, takesMs).map((atMs) => clock(atMs));
  const until = describe(clock(wallMs + takesMs));
  const now = `it is ${describe(moments[0]!)} in ${timeZone}`;
  const late = `this may take until ${until} in ${timeZone}`;
  const hours = windows?.map(windowText).join(', ');
  const outside = windows ? moments.findIndex((one) => !windows.some((window) => isWithin(one, window))) : -1;
  return [
    ...(outside === 0 ? [`${now}, and drills may run ${hours}; run it then`] : []),
    ...(outside > 0 ? [`${late}, and the hours in which drills may run (${hours}) end ${describe(moments[outside]!)}; start it earlier, or shorten recovery.timeout`] : []),
    ...blackouts.flatMap((blackout) => {
      const first = moments.findIndex(({ text }) => beginOf(blackout) <= text && text < endOf(blackout));
      if (first < 0) return [];
      const which = `the blackout from ${blackout.from} to ${blackout.to} (${blackout.why})`;
      return [first === 0 ? `${now}, within ${which}; run it when that is over` : `${late}, into ${which}; run it when that is over`];
    }),
  ];
}

/** The beginning, and each full minute after it that is before the end. */
function momentsOf(wallMs: number, takesMs: number): number[] {
  const moments = [wallMs];
  for (let atMs = (Math.floor(wallMs / minuteMs) + 1) * minuteMs; atMs < wallMs + takesMs; atMs += minuteMs) moments.push(atMs);
  return moments;
}

/** What a clock on the wall shows. */
interface WallTime {
  readonly day: Day;
  /** `09:00` */
  readonly time: string;
  /** `2026-12-24T09:00`: in the order of time as texts. */
  readonly text: string;
}

function wallClock(timeZone: string): (atMs: number) => WallTime {
  const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone, weekday: 'short', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  });
  return (atMs) => {
    const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    const time = `${parts['hour']}:${parts['minute']}`;
    return { day: parts['weekday']!.toLowerCase() as Day, time, text: `${parts['year']}-${parts['month']}-${parts['day']}T${time}` };
  };
}

function isWithin({ day, time }: WallTime, { days: on, from, to }: Window): boolean {
  if (from < to) return on.includes(day) && from <= time && time < to;
  const before = days[(days.indexOf(day) + days.length - 1) % days.length]!;
  return (on.includes(day) && from <= time) || (on.includes(before) && time < to);
}

function beginOf({ from }: { readonly from: string }): string {
  return from.includes('T') ? from : `${from}T00:00`;
}

/** A date is in it up to its end: 24:00 is after every time of that day, and before the next. */
function endOf({ to }: { readonly to: string }): string {
  return to.includes('T') ? to : `${to}T24:00`;
}

function windowText({ days: on, from, to }: Window): string {
  const which = on.length === days.length ? 'every day' : days.filter((day) => on.includes(day)).join(' ');
  return `${which} ${from}-${to}`;
}

function describe({ day, text }: WallTime): string {
  return `${day} ${text.replace('T', ' ')}`;
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
