/** When requests are due, counted from the beginning: the n-th (from 0), in milliseconds. */
export type Arrivals = (n: number) => number;

/**
 * A constant arrival rate, after a ramp on which the rate grows evenly from nothing. The times are fixed in advance: no
 * answer, however slow, moves any of them.
 *
 * On the ramp n(t) = rate t² / (2 ramp) requests are due by the time t, which is solved for t.
 *
 * @param perSecond requests in a second, more than zero
 * @param rampMs how long the ramp is, in milliseconds; 0 for none
 */
export function arrivalsAt(perSecond: number, rampMs = 0): Arrivals {
  const perMs = perSecond / 1_000;
  const onRamp = (perMs * rampMs) / 2;
  return (n) => (n < onRamp ? Math.sqrt((2 * rampMs * n) / perMs) : rampMs + (n - onRamp) / perMs);
}
