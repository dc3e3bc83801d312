import type { Chart } from './charts.ts';
import type { Readings } from './readings.ts';
import type { Waterfall } from './waterfalls.ts';
import type { Window } from './window.ts';

/** What the page shows of the run. All that people do changes this and then has it shown again. */
export interface Explorer {
  readonly charts: readonly Chart[];
  readonly waterfalls: readonly Waterfall[];
  readonly whole: Window;
  readonly readings: Readings;
  window: Window;
  /** Where the crosshair is; null while there is none. */
  atMs: number | null;
}

/** An element that the page is known to have. @throws Error when it hasn't */
export function need<T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T {
  const found = within.querySelector<T>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/** An element with a class and a text, which is never read as HTML. */
export function made(tag: string, look: string, text = ''): HTMLElement {
  const element = document.createElement(tag);
  element.className = look;
  element.textContent = text;
  return element;
}
