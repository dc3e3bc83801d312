import type { Bar, JudgedRun, Outage } from '../../runner/verdict.ts';
import { moment, nothing, seconds } from './lengths.ts';

export { length, moment, nothing, seconds } from './lengths.ts';

/** A length or a moment's offset with its error bar: `1.240 s ± 0.020 s`; `at least 3.000 s` when it has no upper end. */
export function withError(bar: Bar): string {
  if (!Number.isFinite(bar.min)) return Number.isFinite(bar.max) ? `at most ${seconds(bar.max)}` : nothing;
  if (!Number.isFinite(bar.max)) return `at least ${seconds(bar.min)}`;
  return `${seconds(middle(bar))} ± ${seconds((bar.max - bar.min) / 2)}`;
}

/** An outage's length: its best figure, and the error bar as `±` or, when that lies unevenly around it, as its two ends. */
export function outageLength({ length: bar, lengthMs }: Outage): string {
  // As the judge words it for an SLO, so that one outage isn't told in two ways on one page.
  const halfMs = (bar.max - bar.min) / 2;
  const uneven = Math.abs(lengthMs - middle(bar)) > halfMs / 4 && halfMs >= 20;
  if (!Number.isFinite(halfMs) || !uneven) return withError(bar);
  return `${seconds(lengthMs)} (${seconds(bar.min)} to ${seconds(bar.max)})`;
}

/** A moment with its error bar: `t+1.240 s ± 0.020 s`. */
export function momentWithError(bar: Bar): string {
  if (!Number.isFinite(bar.min)) return Number.isFinite(bar.max) ? `before ${moment(bar.max)}` : nothing;
  if (!Number.isFinite(bar.max)) return `after ${moment(bar.min)}`;
  return `${moment(middle(bar))} ± ${seconds((bar.max - bar.min) / 2)}`;
}

/** The best single figure for a bar; its finite end when one is infinite. */
export function middle(bar: Bar): number {
  if (!Number.isFinite(bar.max)) return bar.min;
  if (!Number.isFinite(bar.min)) return bar.max;
  return (bar.min + bar.max) / 2;
}

/** The date and time of a moment of the run: `2026-11-23 10:21:33.123 UTC`. */
export function utc(run: JudgedRun, atMs: number): string {
  return utcOf(isoOf(run, atMs));
}

/** The time of day of a moment of the run: `10:21:33.123`. */
export function clock(run: JudgedRun, atMs: number): string {
  return isoOf(run, atMs)?.slice(11, 23) ?? nothing;
}

/** An ISO 8601 time as it is shown: `2026-11-23 10:21:33.123 UTC`; a text that is no time stays as it is. */
export function utcOf(iso: string | null): string {
  if (iso === null) return nothing;
  const timeMs = Date.parse(iso);
  if (Number.isNaN(timeMs)) return iso;
  return `${new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

/** What `t` counts from, in a sentence's words. */
export function zeroOf(run: JudgedRun): string {
  return run.run.firstFaultAt === null
    ? `the start of the run, ${utcOf(run.run.startedAt)}`
    : `the first fault, ${utcOf(run.run.firstFaultAt)}`;
}

/** UTC of `t+0` in milliseconds since 1970; null when the run's times can't be read. */
export function zeroTimeOf({ run }: JudgedRun): number | null {
  const zeroMs = run.firstFaultAt === null ? Date.parse(run.startedAt) - run.startMs : Date.parse(run.firstFaultAt);
  return Number.isNaN(zeroMs) ? null : zeroMs;
}

function isoOf(run: JudgedRun, atMs: number): string | null {
  const time = new Date((zeroTimeOf(run) ?? Number.NaN) + atMs);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
