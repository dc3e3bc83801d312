import type { Explorer } from './explorer.ts';
import { timeOfDay } from './instants.ts';
import { roundTicks } from './ticks.ts';
import { finest, spanMs, type Window } from './window.ts';
import { trimmed } from '../../words/lengths.ts';

/** One drawing of the time axis with all of its lanes, and what of it moves when it is magnified. */
export interface Chart extends Window {
  readonly element: HTMLElement;
  /** The radio button that shows it; null when there is only one. */
  readonly choice: HTMLInputElement | null;
  /** The drawings of the lanes, each in a frame of its own that is moved and widened. */
  readonly frames: readonly SVGElement[];
  /** Its axes, with the ticks that came with the page. */
  readonly axes: readonly { readonly drawing: SVGElement; readonly ticks: readonly Node[] }[];
  readonly grid: SVGElement;
  readonly gridTicks: readonly Node[];
  readonly line: HTMLElement;
  readonly selection: HTMLElement;
}

export function svg(tag: string, attributes: Readonly<Record<string, string>>, text = ''): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

/**
 * A drawing's content in a frame: percentages within it are of the frame, so one number moves or widens all of it. The
 * texts of its scale stay where they are.
 */
export function framed(drawing: SVGElement): SVGElement {
  const frame = svg('svg', { width: '100%', height: '100%', overflow: 'visible' });
  const scale = drawing.querySelectorAll(':scope > .scale');
  frame.append(...drawing.childNodes);
  drawing.append(frame, ...scale);
  return frame;
}

export function chartOf(element: HTMLElement, index: number): Chart {
  const grid = element.querySelector<SVGElement>('symbol')!;
  const line = document.createElement('div');
  line.className = 'crosshair';
  line.hidden = true;
  const selection = document.createElement('div');
  selection.className = 'selection';
  selection.hidden = true;
  element.append(selection, line);
  return {
    element, grid, line, selection,
    fromMs: Number(element.dataset['from']),
    toMs: Number(element.dataset['to']),
    choice: document.querySelector<HTMLInputElement>(`#view-${index}`),
    frames: [...element.querySelectorAll<SVGElement>('.lane:not(.axis) > .lane-chart')].map(framed),
    axes: [...element.querySelectorAll<SVGElement>('.axis > .lane-chart')].map((drawing) => ({ drawing, ticks: [...drawing.childNodes] })),
    gridTicks: [...grid.querySelectorAll('.tick')],
  };
}

/** The chart that is on the screen. */
export function shownChart({ charts, window }: Explorer): Chart {
  return charts[finest(charts, window)]!;
}

/** Where the drawing is on the screen: from which pixel on, and how wide. */
export function chartBox({ axes }: Chart): { readonly left: number; readonly width: number } {
  return axes[0]!.drawing.getBoundingClientRect();
}

/** Shows the window: in the chart that is drawn finest for it, magnified as far as it takes. */
export function showWindow(explorer: Explorer): void {
  const chart = shownChart(explorer);
  const { window, readings } = explorer;
  if (chart.choice) chart.choice.checked = true;
  const factor = spanMs(chart) / spanMs(window);
  const magnified = factor > 1.001;
  chart.element.classList.toggle('magnified', magnified);
  const offset = ((chart.fromMs - window.fromMs) / spanMs(window)) * 100;
  for (const frame of chart.frames) {
    frame.setAttribute('x', magnified ? `${offset}%` : '0');
    frame.setAttribute('width', magnified ? `${factor * 100}%` : '100%');
  }
  keepTextsInView(chart);
  for (const tick of chart.grid.querySelectorAll('.tick')) tick.remove();
  if (!magnified) {
    for (const { drawing, ticks } of chart.axes) drawing.replaceChildren(...ticks);
    chart.grid.prepend(...chart.gridTicks);
    return;
  }
  const { width } = chartBox(chart);
  const { stepMs, ticks } = roundTicks(window.fromMs, window.toMs, Math.max(2, Math.floor(width / 85)));
  for (const { drawing } of chart.axes) drawing.replaceChildren(...ticks.map((atMs) => axisTick(atMs, stepMs, window, readings.zeroMs, width)));
  chart.grid.prepend(...ticks.map((atMs) => {
    const x = `${((atMs - chart.fromMs) / spanMs(chart)) * 100}%`;
    return svg('line', { class: 'tick', x1: x, x2: x, y1: '0', y2: '100%' });
  }));
}

export function axisTick(atMs: number, stepMs: number, window: Window, zeroMs: number | null, width: number): SVGElement {
  const share = (atMs - window.fromMs) / spanMs(window);
  const pixel = share * width;
  const place = { x: `${share * 100}%`, 'text-anchor': pixel < 40 ? 'start' : pixel > width - 40 ? 'end' : 'middle' };
  const digits = stepMs < 10 ? 3 : stepMs < 100 ? 2 : stepMs < 1_000 ? 1 : 0;
  const group = svg('g', {});
  const name = atMs === 0 ? '0' : `${atMs < 0 ? '−' : ''}${trimmed(Math.abs(atMs) / 1_000, digits)} s`;
  group.append(svg('text', { ...place, y: '13' }, name), svg('text', { ...place, y: '28', class: 'faint' }, timeOfDay(atMs, zeroMs)));
  return group;
}

/** A text in a block that begins left of the window moves to where the block can be seen. */
export function keepTextsInView({ frames }: Chart): void {
  for (const frame of frames) {
    const left = frame.parentElement!.getBoundingClientRect().left;
    for (const text of frame.querySelectorAll<SVGElement>('text.in')) {
      const begins = text.parentElement!.getBoundingClientRect().left;
      text.setAttribute('x', String(5 + Math.max(0, left - begins)));
    }
  }
}
