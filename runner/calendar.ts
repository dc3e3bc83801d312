import { beginOf, days, endOf, type Calendar, type Day, type Window } from '../scenarios/calendar.ts';
import { formatDuration } from '../scenarios/duration.ts';
import { utcOf, wallTimeAt, type WallTime } from './wall-time.ts';

export type { Blackout, Calendar, Window } from '../scenarios/calendar.ts';

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
  const moments = momentsOf(wallMs, takesMs).map((atMs) => shownAt(timeZone, atMs));
  const until = describe(shownAt(timeZone, wallMs + takesMs));
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
interface Shown {
  readonly day: Day;
  /** `09:00` */
  readonly time: string;
  readonly text: WallTime;
}

function shownAt(timeZone: string, atMs: number): Shown {
  const text = wallTimeAt(timeZone, atMs);
  // The week of a calendar begins on Monday here, and on Sunday there.
  const day = days[(new Date(utcOf(text)).getUTCDay() + days.length - 1) % days.length]!;
  return { day, time: text.slice('2026-12-24T'.length), text };
}

function isWithin({ day, time }: Shown, { days: on, from, to }: Window): boolean {
  if (from < to) return on.includes(day) && from <= time && time < to;
  const before = days[(days.indexOf(day) + days.length - 1) % days.length]!;
  return (on.includes(day) && from <= time) || (on.includes(before) && time < to);
}

function windowText({ days: on, from, to }: Window): string {
  const which = on.length === days.length ? 'every day' : days.filter((day) => on.includes(day)).join(' ');
  return `${which} ${from}-${to}`;
}

function describe({ day, text }: Shown): string {
  return `${day} ${text.replace('T', ' ')}`;
}
