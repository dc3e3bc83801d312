import { chartBox } from './charts.ts';
import type { Chart } from './charts.ts';
import type { Explorer } from './explorer.ts';
import { timeLink } from './instants.ts';
import { look, point } from './showing.ts';
import { fitted, spanMs, zoomed } from './window.ts';

/** The pointer moves the crosshair; a click makes the instant the page's address; dragging chooses what is shown. */
export function listenToPointer(explorer: Explorer, chart: Chart): void {
  const { element, selection } = chart;
  const timeAt = (clientX: number): number => {
    const { left, width } = chartBox(chart);
    return explorer.window.fromMs + (Math.min(Math.max((clientX - left) / width, 0), 1)) * spanMs(explorer.window);
  };
  const isOverCharts = (clientX: number): boolean => clientX >= chartBox(chart).left - 4;
  let startX: number | null = null;

  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !isOverCharts(event.clientX)) return;
    startX = event.clientX;
    if (event.pointerType === 'mouse') element.setPointerCapture(event.pointerId);
    point(explorer, timeAt(event.clientX));
  });
  element.addEventListener('pointermove', (event) => {
    if (startX === null && !isOverCharts(event.clientX)) return;
    point(explorer, timeAt(event.clientX));
    if (startX !== null && event.pointerType === 'mouse') drawSelection(chart, startX, event.clientX);
  });
  element.addEventListener('pointerup', (event) => {
    if (startX === null) return;
    const [fromMs, toMs] = [timeAt(startX), timeAt(event.clientX)].sort((left, right) => left - right) as [number, number];
    const wasDragged = event.pointerType === 'mouse' && Math.abs(event.clientX - startX) > 5;
    startX = null;
    selection.hidden = true;
    if (wasDragged) look(explorer, fitted({ fromMs, toMs }, explorer.whole));
    else history.replaceState(null, '', timeLink(Math.round(fromMs)));
  });
  element.addEventListener('pointercancel', () => {
    startX = null;
    selection.hidden = true;
  });
  element.addEventListener('dblclick', () => look(explorer, explorer.whole));
  element.addEventListener('wheel', (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      look(explorer, zoomed(explorer.window, explorer.whole, Math.exp(-event.deltaY / 300), timeAt(event.clientX)));
    } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      const byMs = (event.deltaX / chartBox(chart).width) * spanMs(explorer.window);
      look(explorer, fitted({ fromMs: explorer.window.fromMs + byMs, toMs: explorer.window.toMs + byMs }, explorer.whole));
    }
  }, { passive: false });
}

export function drawSelection(chart: Chart, startX: number, endX: number): void {
  const { left, width } = chartBox(chart);
  const inside = (x: number): number => Math.min(Math.max(x, left), left + width);
  const [from, to] = [inside(Math.min(startX, endX)), inside(Math.max(startX, endX))];
  chart.selection.style.left = `${from - chart.element.getBoundingClientRect().left}px`;
  chart.selection.style.width = `${to - from}px`;
  chart.selection.hidden = to - from < 5;
}
