import { html } from './markup.ts';
import type { Markup } from './markup.ts';
import { cell, rowHead, tableHead } from './tables.ts';

/** What each key does. The page's script has them in `browser/keys.ts`. */
const keys: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['←', '→'], 'move the crosshair'],
  [['Shift ←', 'Shift →'], 'move it far'],
  [['+', '−'], 'zoom in and out around it'],
  [['0'], 'show the whole run'],
  [['/'], 'search in the events'],
  [['Esc'], 'remove the crosshair; in the search, clear it'],
  [['?'], 'show this'],
];

/** The buttons above the charts. Only the page's script makes them do anything, so only it shows them. */
export const tools: Markup = html`<div class="tools scripted-only" role="group" aria-label="zoom">
<button type="button" data-does="in">zoom in</button><button type="button" data-does="out">zoom out</button><button type="button" data-does="whole">whole run</button>
<button type="button" data-does="keys">keys</button><span class="faint">shown: <output id="shown"></output></span>
<span class="faint hint">Point at the charts, or press an arrow key, for the values at an instant.</span></div>`;

/** The instant of the crosshair and what is said there. It stays in sight while the charts are. */
export const readout: Markup = html`<div class="readout scripted-only" id="readout" role="group" aria-label="at the crosshair" tabindex="0" hidden="">
<p><b id="readout-instant" class="num"></b> <span id="readout-utc" class="num faint"></span></p>
<dl id="readout-values"></dl></div><p id="spoken" class="unseen-text scripted-only" role="status"></p>`;

/** Opened by its key or its button; a browser keeps it closed until then. */
export const keysDialog: Markup = html`<dialog id="keys" aria-labelledby="keys-title"><h2 id="keys-title">Keys</h2>
<table class="plain keys" role="table">${tableHead([['key'], ['does']])}
<tbody role="rowgroup">${keys.map(([names, does]) => html`<tr role="row">${rowHead(names.map((one) => html`<kbd>${one}</kbd> `))}${cell(does)}</tr>`)}</tbody></table>
<p>With a pointer: drag across the charts to zoom, click to make an instant the page’s address, double-click for the whole run; Ctrl and the wheel zoom too.</p>
<p><label><input type="checkbox" id="single-keys" checked=""/> keys of a single sign are on</label></p>
<form method="dialog"><button>close</button></form></dialog>`;
