/** In nanoseconds since 1970: when it was written, and the deadline. */
const form = /^(\d{1,19}) (\d{1,19})$/;

export const deadlineHeader = 'l5d-ctx-deadline';

/** When a request has to be answered. */
export interface Deadline {
  /** How much time is left; not above what any request gets. */
  readonly leftMs: number;
  /** For the next hop. */
  readonly header: string;
}

/**
 * The deadline of a request: the one it came with, unless that is later than any request gets.
 *
 * @param given the header, if there is one that can be read
 * @param nowMs milliseconds since 1970
 * @param longestMs what any request gets
 */
export function deadlineOf(given: string | undefined, nowMs: number, longestMs: number): Deadline {
  const asked = form.exec(given ?? '')?.[2];
  const own = nowMs + longestMs;
  const untilMs = asked === undefined ? own : Math.min(own, Number(BigInt(asked) / 1_000n) / 1_000);
  return { leftMs: Math.max(0, untilMs - nowMs), header: `${nanoseconds(nowMs)} ${nanoseconds(untilMs)}` };
}

const nanoseconds = (ms: number): bigint => BigInt(Math.round(ms * 1_000)) * 1_000n;
