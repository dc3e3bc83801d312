import type { Bar, JudgedRun, Outage } from '../../runner/verdict.ts';

/** What stands where there is no value. */
export const nothing = '–';

/** Seconds with milliseconds, such as `12.345 s`; minus signs are real ones. */
export function seconds(durationMs: number): string {
  return Number.isFinite(durationMs) ? `${signed(durationMs / 1_000, 3)} s` : nothing;
}

/**
 * A length as people say it: `350 ms`, `1.24 s`, `4 min 5 s`, `2 h 3 min`; three digits or so, as more would pretend.
 *
 * @param durationMs milliseconds; infinity is a length that has not ended
 */
export function length(durationMs: number): string {
  if (durationMs === Infinity) return 'no end';
  if (!Number.isFinite(durationMs)) return nothing;
  const ms = Math.abs(durationMs);
  const sign = durationMs < 0 ? '−' : '';
  if (ms < 9.95) return `${sign}${trimmed(ms, 1)} ms`;
  if (ms < 999.5) return `${sign}${Math.round(ms)} ms`;
  if (ms < 9_995) return `${sign}${trimmed(ms / 1_000, 2)} s`;
  if (ms < 119_950) return `${sign}${trimmed(ms / 1_000, 1)} s`;
  const wholeSeconds = Math.round(ms / 1_000);
  if (wholeSeconds < 7_200) return `${sign}${joined(Math.floor(wholeSeconds / 60), 'min', wholeSeconds % 60, 's')}`;
  const minutes = Math.round(wholeSeconds / 60);
  return `${sign}${joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min')}`;
}

/** A moment as it is counted in all reports: `t+12.345 s`, `t−0.500 s`; `t` is the first fault, or the run's start. */
export function moment(atMs: number): string {
  if (!Number.isFinite(atMs)) return nothing;
  return atMs < 0 && Math.round(atMs) !== 0 ? `t${seconds(atMs)}` : `t+${seconds(Math.abs(atMs))}`;
}

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

function isoOf(run: JudgedRun, atMs: number): string | null {
  const zeroMs =
    run.run.firstFaultAt === null ? Date.parse(run.run.startedAt) - run.run.startMs : Date.parse(run.run.firstFaultAt);
  const time = new Date(zeroMs + atMs);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** Without zeros that say nothing: `5`, `1.24`. */
function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

function joined(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}
