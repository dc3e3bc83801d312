/** All tests take whole tables when this is set, as `npm run test:all` sets it. */
const all = process.env.FIREDRILL_TEST_ALL !== undefined;

/**
 * The rows of a long table whose turn it is today: a run of each takes seconds, in labs an hour. Another share comes each
 * day, and each row has had its turn after `ceil(rows / mostInADay)` days.
 *
 * @param rows always in the same order
 */
export function shareOfToday<T>(rows: readonly T[], mostInADay: number): T[] {
  if (all) return [...rows];
  const shares = Math.max(1, Math.ceil(rows.length / mostInADay));
  const today = Math.floor(Date.now() / 86_400_000);
  return rows.filter((_, index) => index % shares === today % shares);
}
