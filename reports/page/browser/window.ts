/** The part of the run that is shown, or all of it. Milliseconds, as all instants of a report. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Nothing shorter than this is shown, as nothing was measured more finely. */
export function leastMs(whole: Window): number {
  return Math.min(spanMs(whole), 10);
}

export function spanMs({ fromMs, toMs }: Window): number {
  return toMs - fromMs;
}

export function holds({ fromMs, toMs }: Window, atMs: number): boolean {
  return atMs >= fromMs && atMs <= toMs;
}

/** A window that lies within the whole: moved in where it sticks out, and neither too long nor too short. */
export function fitted({ fromMs, toMs }: Window, whole: Window): Window {
  const span = Math.min(spanMs(whole), Math.max(leastMs(whole), toMs - fromMs));
  const from = Math.min(Math.max(fromMs, whole.fromMs), whole.toMs - span);
  return { fromMs: from, toMs: from + span };
}

/** Closer or farther, around an instant that stays where it is on the screen. @param factor above 1 is closer */
export function zoomed(window: Window, whole: Window, factor: number, aroundMs: number): Window {
  const centre = Math.min(Math.max(aroundMs, window.fromMs), window.toMs);
  const span = Math.min(spanMs(whole), Math.max(leastMs(whole), spanMs(window) / factor));
  const from = centre - ((centre - window.fromMs) / spanMs(window)) * span;
  return fitted({ fromMs: from, toMs: from + span }, whole);
}

/** Moved along so that an instant is in it; the same window when it is already. */
export function following(window: Window, whole: Window, atMs: number): Window {
  if (holds(window, atMs)) return window;
  const shift = atMs < window.fromMs ? atMs - window.fromMs : atMs - window.toMs;
  return fitted({ fromMs: window.fromMs + shift, toMs: window.toMs + shift }, whole);
}

/** What a link to an instant shows: the window there is, moved, or from the whole run a close-up. */
export function closeUp(window: Window, whole: Window, atMs: number): Window {
  const isWhole = spanMs(window) > 0.99 * spanMs(whole);
  if (!isWhole && holds(window, atMs)) return window;
  const span = isWhole ? Math.max(spanMs(whole) / 6, 1_000) : spanMs(window);
  return fitted({ fromMs: atMs - span / 2, toMs: atMs + span / 2 }, whole);
}

/** Which of the charts to magnify: the one that shows the least of the run but all of the window. The first shows the whole. */
export function finest(charts: readonly Window[], window: Window): number {
  const slackMs = 1e-6 * spanMs(window);
  let best = 0;
  charts.forEach((chart, index) => {
    const covers = chart.fromMs <= window.fromMs + slackMs && chart.toMs >= window.toMs - slackMs;
    if (covers && spanMs(chart) < spanMs(charts[best]!)) best = index;
  });
  return best;
}
