/**
 * Rows of a table for people, a line each: columns as wide as their widest cell.
 *
 * @param widest keeps one long cell from pushing all others away
 */
export function aligned(rows: readonly (readonly string[])[], widest = Infinity): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => Math.min(widest, row[column]?.length ?? 0))));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
}
