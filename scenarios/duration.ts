/** A length of time in milliseconds. */
export type Milliseconds = number;

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof unitMs;

/** How a duration is written. The number of digits is bounded so that every duration can be told to the microsecond. */
export const durationPattern = /^\d{1,12}(?:\.\d{1,6})?(?:ms|s|m|h|d)$/;

/** The longest duration that a drill can speak of: ten years. */
export const longestDurationMs: Milliseconds = 3_650 * unitMs.d;

const parts = /^([\d.]+)(ms|s|m|h|d)$/;

/**
 * Parses a duration such as `250ms`, `5s`, `1.5m`, `30d`.
 *
 * @returns milliseconds, to the microsecond, or undefined when the text is not a duration; a bare number is none, as its
 *   unit is missing
 */
export function parseDuration(text: string): Milliseconds | undefined {
  const match = durationPattern.test(text) && parts.exec(text);
  if (!match) return undefined;
  return Math.round(Number(match[1]) * unitMs[match[2] as Unit] * 1_000) / 1_000;
}

/**
 * The shortest way to write a duration that {@link parseDuration} reads back to the same number.
 *
 * @param durationMs milliseconds, not negative
 */
export function formatDuration(durationMs: Milliseconds): string {
  if (durationMs === 0) return '0s';
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (durationMs >= unitMs[unit] && durationMs % unitMs[unit] === 0) return `${durationMs / unitMs[unit]}${unit}`;
  }
  return durationMs > 1_000 ? `${decimal(durationMs / 1_000)}s` : `${decimal(durationMs)}ms`;
}

/** Without an exponent, and without the noise of binary fractions. */
function decimal(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '');
}
