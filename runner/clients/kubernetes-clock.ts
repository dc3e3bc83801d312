import { formatDuration } from '../../scenarios/duration.ts';

/**
 * How far the clock of a server is ahead of this machine's, at the least: its `Date` header has whole seconds, and was
 * written some time between question and answer.
 *
 * @param askedMs and seenMs: by this machine's clock, in milliseconds since 1970
 * @returns milliseconds, negative where it is behind; 0 when they may be the same, or there is no date
 */
export function clockAhead(date: string | undefined, askedMs: number, seenMs: number): number {
  const written = Date.parse(date ?? '');
  if (Number.isNaN(written)) return 0;
  const [least, most] = [written - seenMs, written + 1_000 - askedMs];
  if (least > 0) return least;
  return most < 0 ? most : 0;
}

/** Less than this is of no account: tokens and certificates are not dated to the second. */
const worthTellingMs = 2_000;

/** Such as `its clock is 3m behind this machine's`; undefined where nobody has to know. */
export function skewInWords(aheadMs: number): string | undefined {
  if (Math.abs(aheadMs) < worthTellingMs) return undefined;
  return `its clock is ${formatDuration(Math.round(Math.abs(aheadMs) / 1_000) * 1_000)} ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's`;
}
