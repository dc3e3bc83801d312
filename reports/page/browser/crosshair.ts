import { chartBox, shownChart } from './charts.ts';
import { made, need } from './explorer.ts';
import type { Explorer } from './explorer.ts';
import { instantNames } from './instants.ts';
import { readAll } from './readings.ts';
import type { GroupReading } from './readings.ts';
import { showInWaterfalls } from './waterfalls.ts';
import { holds, spanMs } from './window.ts';

/** Draws the crosshair, and names its instant and what every lane says there. */
export function showCrosshair(explorer: Explorer): void {
  const { atMs, charts, window, readings } = explorer;
  for (const { line } of charts) line.hidden = true;
  showInWaterfalls(explorer);
  need('#readout').hidden = atMs === null;
  if (atMs === null) return;
  const [offset, utc] = instantNames(atMs, readings.zeroMs);
  need('#readout-instant').textContent = offset;
  need('#readout-utc').textContent = utc;
  need('#readout-values').replaceChildren(...readAll(readings, atMs).map(readingRow));
  if (holds(window, atMs)) placeLine(explorer, atMs, offset);
}

export function placeLine(explorer: Explorer, atMs: number, named: string): void {
  const chart = shownChart(explorer);
  const { left, width } = chartBox(chart);
  const share = (atMs - explorer.window.fromMs) / spanMs(explorer.window);
  chart.line.style.left = `${left - chart.element.getBoundingClientRect().left + share * width}px`;
  chart.line.dataset['at'] = named;
  chart.line.classList.toggle('late', share > 0.85);
  chart.line.hidden = false;
}

export function readingRow({ group, said }: GroupReading): HTMLElement {
  const row = made('div', '');
  const values = made('dd', '');
  for (const { text, lanes } of said) {
    const value = made('span', /^(bad|unknown|none)\b/.test(text) ? 'odd' : '');
    if (lanes.length > 1 || lanes[0] !== group) lanes.forEach((lane, index) => value.append(index === 0 ? '' : ', ', made('span', 'lane-said', lane)));
    value.append(value.hasChildNodes() ? ': ' : '', made('b', '', text));
    values.append(values.hasChildNodes() ? ' · ' : '', value);
  }
  row.append(made('dt', '', group), values);
  return row;
}

/** The same for those who hear the page. Only when the crosshair is moved by keys: a pointer moves too often. */
export function sayInstant({ atMs, readings }: Explorer): void {
  if (atMs === null) return;
  const said = readAll(readings, atMs).map(({ group, said: values }) => `${group} ${values.map(({ text }) => text).join(', ')}`);
  need('#spoken').textContent = [instantNames(atMs, readings.zeroMs).filter(Boolean).join(', '), ...said].join('. ');
}
