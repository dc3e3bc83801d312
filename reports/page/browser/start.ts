import { chartOf } from './charts.ts';
import { listenToSearch } from './events.ts';
import { need } from './explorer.ts';
import type { Explorer } from './explorer.ts';
import { listenToKeys, openHelp } from './keys.ts';
import { listenToPointer } from './pointer.ts';
import type { Readings } from './readings.ts';
import { followLink, look, point, zoom } from './showing.ts';
import { listenToWaterfall, waterfallOf } from './waterfalls.ts';

/** Makes the page one that can be explored. It reads well without; so whatever only works with this is shown by this. */
export function start(): void {
  document.documentElement.classList.add('scripted');
  document.addEventListener('DOMContentLoaded', explore);
}

export function explore(): void {
  listenToSearch();
  const charts = [...document.querySelectorAll<HTMLElement>('.lanes')].map(chartOf);
  const whole = { fromMs: charts[0]!.fromMs, toMs: charts[0]!.toMs };
  const readings = JSON.parse(need('#readings').textContent) as Readings;
  const waterfalls = [...document.querySelectorAll<HTMLElement>('.recovery')].map(waterfallOf);
  const explorer: Explorer = { charts, waterfalls, whole, readings, window: whole, atMs: null };
  const does: Readonly<Record<string, () => void>> = {
    in: () => zoom(explorer, 1.5),
    out: () => zoom(explorer, 1 / 1.5),
    whole: () => look(explorer, whole),
    keys: openHelp,
  };
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-does]')) {
    button.addEventListener('click', does[button.dataset['does']!]!);
  }
  for (const chart of charts) {
    listenToPointer(explorer, chart);
    chart.choice?.addEventListener('change', () => look(explorer, { fromMs: chart.fromMs, toMs: chart.toMs }));
  }
  for (const waterfall of waterfalls) listenToWaterfall(waterfall, (atMs) => point(explorer, atMs));
  listenToKeys(explorer);
  look(explorer, chosenView(explorer));
  // A window of another width has room for other ticks.
  globalThis.addEventListener('resize', () => look(explorer, explorer.window));
  globalThis.addEventListener('hashchange', () => followLink(explorer, location.hash));
  followLink(explorer, location.hash);
}

/** A browser remembers which view was chosen when a page is loaded again. */
export function chosenView({ charts, whole }: Explorer): Explorer['whole'] {
  const chosen = charts.find(({ choice }) => choice?.checked);
  return chosen ? { fromMs: chosen.fromMs, toMs: chosen.toMs } : whole;
}
