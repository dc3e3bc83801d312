import { Cron } from 'croner';

/** Only what cron, systemd, Kubernetes and GitHub all understand: numbers, names, lists, ranges and steps. */
const field = /^(?:\*|(?:\d+|[a-z]{3})(?:-(?:\d+|[a-z]{3}))?)(?:\/\d+)?$/i;

/** A time that any expression can be looked at from: what a clock shows doesn't matter to whether it ever comes. */
const anyTime = new Date(0);

/**
 * What is wrong with a cron expression of five fields: minute, hour, day of the month, month, day of the week.
 *
 * @returns in words, with what to do; undefined when nothing is
 */
export function cronProblem(expression: string): string | undefined {
  const fields = expression.split(' ').filter(Boolean);
  if (fields.length !== 5) return 'give five fields, minute, hour, day of the month, month and day of the week, such as 30 10 * * tue';
  const strange = fields.flatMap((text) => text.split(',')).find((part) => !field.test(part));
  if (strange !== undefined) return `"${strange}" is not understood everywhere; give numbers, names such as tue, lists, ranges and steps`;
  try {
    return cronOf(expression).nextRun(anyTime) ? undefined : 'there is no such day; give one that comes';
  } catch (error) {
    return `${(error as Error).message.replace(/^CronPattern: /, '')}; give five fields such as 30 10 * * tue`;
  }
}

/** Runs nothing: it only tells times, as if what the clocks show were UTC. */
export function cronOf(expression: string): Cron {
  return new Cron(expression, { mode: '5-part', utcOffset: 0, paused: true });
}
