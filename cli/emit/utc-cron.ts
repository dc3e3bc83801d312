import { offsetAt } from '../../runner/wall-time.ts';
import { ExpectedError } from '../../runner/errors.ts';
import { cronFields } from './cron-fields.ts';

const dayMinutes = 24 * 60;
const halfMonthMs = 15 * 24 * 3_600_000;

/** Expressions in UTC that stand for one in a time zone. */
export interface UtcCron {
  readonly crons: readonly string[];
  /** How far ahead of UTC the zone is when these are right, in minutes. */
  readonly offsetMinutes: number;
}

/**
 * A cron expression of a time zone in UTC, once for each offset that the zone has within two years: one where its clocks are
 * never changed.
 *
 * @param fromMs from when on it is to hold: UTC, milliseconds since 1970
 * @throws ExpectedError when UTC can't say it: a day of the month or a month, at a time that is another day in UTC
 */
export function utcCrons(expression: string, timeZone: string, fromMs: number): UtcCron[] {
  const offsets = new Set(Array.from({ length: 50 }, (_, index) => offsetAt(timeZone, fromMs + index * halfMonthMs) / 60_000));
  return [...offsets].map((offsetMinutes) => ({ offsetMinutes, crons: shifted(expression, timeZone, offsetMinutes) }));
}

function shifted(expression: string, timeZone: string, offsetMinutes: number): string[] {
  const [, , dayField, monthField, weekdayField] = expression.split(' ').filter(Boolean) as [string, string, string, string, string];
  const { minutes, hours, weekdays } = cronFields(expression);
  // Of each day in UTC, from the one before to the one after: which minutes of which hours.
  const days = new Map<number, Map<number, number[]>>();
  for (const hour of hours) {
    for (const minute of minutes) {
      const total = hour * 60 + minute - offsetMinutes;
      const day = Math.floor(total / dayMinutes);
      const within = total - day * dayMinutes;
      const byHour = days.get(day) ?? new Map<number, number[]>();
      days.set(day, byHour);
      byHour.set(Math.floor(within / 60), [...(byHour.get(Math.floor(within / 60)) ?? []), within % 60]);
    }
  }
  return [...days].sort(([a], [b]) => a - b).flatMap(([day, byHour]) => {
    if (day !== 0 && (dayField !== '*' || monthField !== '*')) {
      throw new ExpectedError(`"${expression}" in ${timeZone} is on another day in UTC, and a day of the month or a month can't be told in UTC then; GitHub knows UTC only: choose another time, or days of the week`);
    }
    const weekday = weekdays === undefined || day === 0 ? weekdayField : weekdays.map((one) => (one + day + 7) % 7).sort((a, b) => a - b).join(',');
    const alike = Map.groupBy([...byHour], ([, list]) => list.toSorted((a, b) => a - b).join(','));
    return [...alike].map(([list, of]) => {
      const hoursText = of.map(([hour]) => hour).sort((a, b) => a - b).join(',');
      return `${short(list, 60)} ${short(hoursText, 24)} ${dayField} ${monthField} ${weekday}`;
    });
  });
}

/** A star for all of them. */
function short(list: string, count: number): string {
  return list.split(',').length === count ? '*' : list;
}
