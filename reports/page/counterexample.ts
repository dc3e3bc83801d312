import type { Counterexample, ShownOperation } from '../../runner/consistency/verdict.ts';
import { scaleLinear } from 'd3-scale';
import { html, type Markup } from './markup.ts';

const box = { width: 960, left: 150, right: 30, top: 70, row: 46, bar: 26, axis: 40 } as const;
const charWidth = 6.6;
const most = 60;

/** As an SVG file of its own, which follows the reader's choice of light and dark. See {@link counterexampleDrawing}. */
export function counterexamplePicture(counterexample: Counterexample): string {
  return `${drawing(counterexample, ownStyle).text}\n`;
}

/**
 * A picture of the operations that can't all have happened, for a page: a row for each client, a bar from call to return (open
 * to the right where no answer came), and a line where it can't go on. Brings no style along, which a page would not allow.
 */
export function counterexampleDrawing(counterexample: Counterexample): Markup {
  return drawing(counterexample, null);
}

function drawing({ operations, says, stuckAtMs }: Counterexample, style: Markup | null): Markup {
  const drawn = operations.slice(0, most);
  const clients = [...new Set(drawn.map(({ client }) => client))];
  const moments = drawn.flatMap(({ callMs, returnMs }) => (returnMs === null ? [callMs] : [callMs, returnMs]));
  const fromMs = Math.min(...moments);
  const toMs = Math.max(...moments);
  const pastMs = (toMs - fromMs || 1) * 0.08;
  const x = scaleLinear([fromMs - pastMs, toMs + pastMs], [box.left, box.width - box.right]);
  const rows = layOut(drawn, x, toMs + pastMs);
  const height = box.top + rows.count * box.row + box.axis;
  const lines = wrap(says, 140);
  const up = (lines.length - 1) * 16;
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${box.width}" height="${height + up}" viewBox="0 ${-up} ${box.width} ${height + up}" role="img" aria-label="${says}" font-family="system-ui, sans-serif" font-size="12" fill="#1c2330">
<title>${says}</title>
${style}
<rect class="cx-ground" y="${-up}" width="${box.width}" height="${height + up}" fill="#ffffff"/>
${lines.map((line, index) => html`<text x="16" y="${28 + index * 16 - up}" font-weight="600">${line}</text>`)}
${clients.map((client) => html`<text class="cx-faint" fill="#5a6475" x="16" y="${box.top + rows.first(client) * box.row + 18}">${cut(`client ${client}`, box.left - 24)}</text>`)}
${drawn.map((operation, index) => barOf(operation, rows.of[index]!, x, toMs + pastMs))}
${stuckAtMs !== null && stuckLine(Math.min(Math.max(stuckAtMs, fromMs), toMs), x, height)}
<line class="cx-rule" stroke="#d5dae2" x1="${box.left}" x2="${box.width - box.right}" y1="${height - box.axis + 6}" y2="${height - box.axis + 6}"/>
${x.ticks(8).map((tick) => html`<text class="cx-faint" fill="#5a6475" x="${round(x(tick))}" y="${height - box.axis + 22}" text-anchor="middle">${String(tick)}</text>`)}
${operations.length > most && html`<text class="cx-faint" fill="#5a6475" x="16" y="${height - 6}">and ${operations.length - most} more operations</text>`}
</svg>`;
}

/** Where it is dark; else the colours are those that the elements bring along, as a page's policy allows nothing else. */
const ownStyle = html`<style>
:root { color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
.cx-ground { fill: #14181f; } text { fill: #e6eaf1; } .cx-faint { fill: #9aa5b6; } .cx-rule { stroke: #333b48; }
.cx-bar { fill: #1f3556; stroke: #7ba6e8; } .cx-bad { fill: #55201c; stroke: #ff8a80; } .cx-stuck { stroke: #ff8a80; } .cx-stuck-text { fill: #ff8a80; }
}
</style>`;

/** A client has one row; a second where an operation without an answer is still open when the next is called. */
function layOut(operations: readonly ShownOperation[], x: (ms: number) => number, endMs: number): { of: number[]; count: number; first(client: string): number } {
  const of: number[] = [];
  const first = new Map<string, number>();
  let count = 0;
  for (const client of new Set(operations.map((one) => one.client))) {
    first.set(client, count);
    const ends: number[] = [];
    const own = operations.map((one, index) => ({ one, index })).filter(({ one }) => one.client === client).sort((a, b) => a.one.callMs - b.one.callMs);
    for (const { one, index } of own) {
      const from = x(one.callMs);
      const free = ends.findIndex((end) => end <= from);
      const row = free < 0 ? ends.length : free;
      ends[row] = Math.max(x(one.returnMs ?? endMs), from + textWidth(one.text)) + 4;
      of[index] = count + row;
    }
    count += ends.length;
  }
  return { of, count, first: (client) => first.get(client)! };
}

function barOf({ callMs, returnMs, text, impossible }: ShownOperation, row: number, x: (ms: number) => number, endMs: number): Markup {
  const from = x(callMs);
  const width = Math.max(3, x(returnMs ?? endMs) - from);
  const y = box.top + row * box.row;
  // A text that begins in the bar and leaves the picture is moved to the left.
  const textX = Math.max(4, Math.min(from + 6, box.width - 8 - textWidth(text)));
  return html`<g><title>${text}</title><rect class="cx-bar${impossible && ' cx-bad'}" fill="${impossible ? '#fbdcd9' : '#dbe7fb'}" stroke="${impossible ? '#b3261e' : '#3f6fb5'}"${returnMs === null && html` stroke-dasharray="4 3"`} x="${round(from)}" y="${y}" width="${round(width)}" height="${box.bar}" rx="3"/><text x="${round(textX)}" y="${y + 17}">${cut(text, box.width - 16)}</text></g>`;
}

function stuckLine(atMs: number, x: (ms: number) => number, height: number): Markup {
  const at = round(x(atMs));
  const right = at > box.width / 2;
  return html`<line class="cx-stuck" stroke="#b3261e" stroke-width="2" x1="${at}" x2="${at}" y1="${box.top - 18}" y2="${height - box.axis}"/><text class="cx-stuck-text" fill="#b3261e" font-weight="600" x="${right ? at - 6 : at + 6}" y="${box.top - 10}" text-anchor="${right ? 'end' : 'start'}">it can't go on here</text>`;
}

function textWidth(text: string): number {
  return Math.min(text.length * charWidth + 12, box.width - 16);
}

function cut(text: string, width: number): string {
  const fits = Math.floor(width / charWidth);
  return text.length <= fits ? text : `${text.slice(0, fits - 1)}…`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= width) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line].slice(0, 6);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
