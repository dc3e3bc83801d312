import type { Explorer } from './explorer.ts';
import { instantNames } from './instants.ts';
import { holds, spanMs, type Window } from './window.ts';

/** The way back of one target. Its time is the run's, so the crosshair of the charts stands in it, too. */
export interface Waterfall extends Window {
  readonly table: HTMLElement;
  /** Above its steps, as wide as they are drawn. */
  readonly scale: Element;
  readonly line: HTMLElement;
}

export function waterfallOf(table: HTMLElement): Waterfall {
  const line = document.createElement('div');
  line.className = 'crosshair';
  line.hidden = true;
  table.after(line);
  return { table, line, scale: table.querySelector('thead svg')!, fromMs: Number(table.dataset['from']), toMs: Number(table.dataset['to']) };
}

/** Draws the crosshair in those whose time holds its instant. All is measured before a line moves: the page is laid out once. */
export function showInWaterfalls({ waterfalls, atMs, readings }: Explorer): void {
  const places = waterfalls.map((waterfall) => (atMs === null || !holds(waterfall, atMs) ? null : placeIn(waterfall, atMs)));
  waterfalls.forEach(({ line }, index) => {
    const place = places[index] ?? null;
    line.hidden = place === null;
    if (atMs === null || place === null) return;
    line.style.left = `${place.left}px`;
    line.style.top = `${place.top}px`;
    line.style.height = `${place.height}px`;
    line.dataset['at'] = instantNames(atMs, readings.zeroMs)[0];
    line.classList.toggle('late', place.share > 0.6);
  });
}

/** Where an instant is within the article around a waterfall, in pixels, and how far along the scale. */
export function placeIn(waterfall: Waterfall, atMs: number): { readonly left: number; readonly top: number; readonly height: number; readonly share: number } {
  const { scale, table } = waterfall;
  const [drawn, around, steps] = [scale, table.parentElement!, table.querySelector('tbody')!].map((element) => element.getBoundingClientRect()) as [DOMRect, DOMRect, DOMRect];
  const share = (atMs - waterfall.fromMs) / spanMs(waterfall);
  return { left: drawn.left - around.left + share * drawn.width, top: steps.top - around.top, height: steps.height, share };
}

/** @param point puts the crosshair at an instant */
export function listenToWaterfall({ table, scale, fromMs, toMs }: Waterfall, point: (atMs: number) => void): void {
  table.addEventListener('pointermove', ({ clientX, pointerType }) => {
    const { left, width } = scale.getBoundingClientRect();
    const share = (clientX - left) / width;
    if (pointerType === 'mouse' && share >= 0 && share <= 1) point(fromMs + share * (toMs - fromMs));
  });
}
