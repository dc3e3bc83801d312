/** A length of time in milliseconds. */
export type Milliseconds = number;

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof unitMs;

const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * Parses a duration such as `250ms`, `5s`, `1.5m`, `30d`.
 *
 * @returns milliseconds, or undefined when the text is not a duration; a bare number is none, as its unit is missing
 */
export function parseDuration(text: string): Milliseconds | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * unitMs[match[2] as Unit];
}

/**
 * The shortest way to write a duration that {@link parseDuration} reads back to the same number.
 *
 * @param durationMs milliseconds, not negative
 */
export function formatDuration(durationMs: Milliseconds): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (durationMs >= unitMs[unit] && durationMs % unitMs[unit] === 0) return `${durationMs / unitMs[unit]}${unit}`;
  }
  return durationMs > 1_000 ? `${durationMs / 1_000}s` : `${durationMs}ms`;
}
