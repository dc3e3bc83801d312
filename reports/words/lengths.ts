// The page's script has these functions too, so nothing here may need more than the language itself.

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

/** With so many digits behind the point; minus signs are real ones. */
export function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** A number without zeros that say nothing: `5`, `1.24`. */
export function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

/** Two units; the small one only where there is something of it. */
export function joined(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}
