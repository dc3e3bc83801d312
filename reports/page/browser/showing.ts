import { length, moment } from '../../words/lengths.ts';
import { showWindow } from './charts.ts';
import { sayInstant, showCrosshair } from './crosshair.ts';
import { need } from './explorer.ts';
import type { Explorer } from './explorer.ts';
import { linkedTime } from './instants.ts';
import { closeUp, fitted, following, spanMs, zoomed, type Window } from './window.ts';

/** Shows a part of the run. */
export function look(explorer: Explorer, window: Window): void {
  explorer.window = window;
  showWindow(explorer);
  showCrosshair(explorer);
  const isWhole = spanMs(window) > 0.999 * spanMs(explorer.whole);
  need('#shown').textContent = isWhole
    ? `the whole run, ${length(spanMs(window))}`
    : `${moment(window.fromMs)} to ${moment(window.toMs)}, ${length(spanMs(window))}`;
  need<HTMLButtonElement>('[data-does="whole"]').disabled = isWhole;
  need<HTMLButtonElement>('[data-does="out"]').disabled = isWhole;
}

/** Puts the crosshair at an instant of the run, and moves the window along when it has to. */
export function point(explorer: Explorer, atMs: number | null): void {
  explorer.atMs = atMs === null ? null : Math.min(Math.max(atMs, explorer.whole.fromMs), explorer.whole.toMs);
  const window = explorer.atMs === null ? explorer.window : following(explorer.window, explorer.whole, explorer.atMs);
  if (window === explorer.window) showCrosshair(explorer);
  else look(explorer, window);
}

/** By keys: so many steps to the right, of which 200 are the width. */
export function step(explorer: Explorer, steps: number): void {
  const { window, atMs } = explorer;
  const from = atMs ?? (window.fromMs + window.toMs) / 2;
  point(explorer, from + (steps * spanMs(window)) / 200);
  sayInstant(explorer);
}

/** Closer or farther around the crosshair, or around the middle when there is none. */
export function zoom(explorer: Explorer, factor: number): void {
  const { window, whole, atMs } = explorer;
  look(explorer, zoomed(window, whole, factor, atMs ?? (window.fromMs + window.toMs) / 2));
}

/** Follows a link into the report: to an instant, to a part of the run, or to a target, whose details it opens. */
export function followLink(explorer: Explorer, hash: string): void {
  const time = linkedTime(hash);
  if (!time) {
    if (hash.startsWith('#target-')) document.querySelector(`#${CSS.escape(hash.slice(1))} details`)?.setAttribute('open', '');
    return;
  }
  const { whole, window } = explorer;
  if (time.fromMs === time.toMs) {
    const atMs = Math.min(Math.max(time.fromMs, whole.fromMs), whole.toMs);
    explorer.atMs = atMs;
    look(explorer, closeUp(window, whole, atMs));
    sayInstant(explorer);
  } else look(explorer, fitted(time, whole));
  need('#timeline').scrollIntoView();
}
