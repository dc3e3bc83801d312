import { CronPattern } from 'croner';

/** A cron expression, each field as the numbers that it means. */
export interface CronFields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** Of the month, from 1 on; undefined: any. */
  readonly days: readonly number[] | undefined;
  readonly months: readonly number[] | undefined;
  /** 0 is Sunday; undefined: any. */
  readonly weekdays: readonly number[] | undefined;
}

/** @param expression one that `cronProblem` takes */
export function cronFields(expression: string): CronFields {
  const { minute, hour, day, month, dayOfWeek } = new CronPattern(expression, undefined, { mode: '5-part' });
  const [, , dayField, , weekdayField] = expression.split(' ').filter(Boolean);
  const months = numbers(month, 1);
  return {
    minutes: numbers(minute, 0),
    hours: numbers(hour, 0),
    days: dayField === '*' ? undefined : numbers(day, 1),
    months: months.length === 12 ? undefined : months,
    weekdays: weekdayField === '*' ? undefined : numbers(dayOfWeek.slice(0, 7), 0),
  };
}

function numbers(marks: readonly number[], first: number): number[] {
  return marks.flatMap((mark, index) => (mark ? [index + first] : []));
}
