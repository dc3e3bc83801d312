/** A measured figure and the limit that it is held against, in the same unit. */
export interface Figure {
  readonly what: string;
  readonly measured: number;
  /** The most that is allowed; with `atLeast`, the least. */
  readonly limit: number;
  readonly unit: string;
  readonly atLeast?: boolean;
}

/** Prints the figures as a table. Sets the exit code to 1 when a limit is missed. */
export function printFigures(figures: readonly Figure[]): void {
  const width = Math.max(...figures.map((figure) => figure.what.length));
  for (const { what, measured, limit, unit, atLeast = false } of figures) {
    const met = atLeast ? measured >= limit : measured <= limit;
    const bound = `${atLeast ? 'at least' : 'at most'} ${limit} ${unit}`;
    process.stdout.write(`${what.padEnd(width)}  ${rounded(measured).padStart(8)} ${unit}  (${bound})  ${met ? 'met' : 'MISSED'}\n`);
    if (!met) process.exitCode = 1;
  }
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
