import { scaleLinear } from 'd3-scale';
import type { RequestSlice } from '../../runner/verdict.ts';
import { percent } from './axis.ts';
import type { Axis } from './axis.ts';
import { laneRow } from './lanes.ts';
import type { View } from './lanes.ts';
import { limitLines } from './limits.ts';
import type { Limit } from './limits.ts';
import { html, joined } from './markup.ts';
import type { Content, Markup } from './markup.ts';
import { dueIn, failedIn, spanOf } from './request-slices.ts';
import type { DrawnRequests } from './request-slices.ts';
import { follows } from './stairs.ts';

const box = { heightPx: 60, padPx: 6 } as const;

/** The kinds from the bottom of the stack to its top, each with a colour and a hatching of its own. */
const looks: ReadonlyMap<string, string> = new Map(
  ['refused', 'reset', 'timeout', 'unreachable', 'dns', 'tls', '5xx', 'wrong answer'].map((kind, index) => [kind, `fail-${index}`]),
);
/** Of a kind that this version doesn't know. */
const other = 'fail-8';
const notSent = 'not sent, or not heard';

/** What the upper end of the scale may be, as a share. */
const scaleEnds = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1];
/** So that no failure is lost. */
const leastPx = 1.5;

/** Which share of the requests failed, stacked by how. Null where none did. */
export function failureLane(view: View, { name, slices, slos }: DrawnRequests): Markup | null {
  const kinds = kindsOf(slices);
  if (kinds.length === 0) return null;
  const most = Math.max(...slices.map((slice) => (failedIn(slice) + slice.unknown) / Math.max(1, dueIn(slice))));
  const end = scaleEnds.find((one) => one >= most) ?? 1;
  const y = scaleLinear([0, end], [box.heightPx - box.padPx, box.padPx]);
  const stacks = stacked(slices, kinds, (share) => (share === 0 ? 0 : Math.max(leastPx, y(0) - y(share))), y(0));
  const limits = slos.flatMap(({ slo, part }): Limit[] => {
    if (slo.availability === undefined || 1 - slo.availability > end) return [];
    return [{ y: y(1 - slo.availability), text: `at most ${share(1 - slo.availability)}`, part, during: slo.during }];
  });
  return laneRow(view, {
    name: html`${name} failures`,
    detail: joined(kinds.map(({ kind, look, count }) => html`<span class="state-key">${swatch(look)}${kind} × ${count}</span>`), ' '),
    label: `${name} failures: ${kinds.map(({ kind, count }) => `${count} × ${kind}`).join(', ')}; up to ${share(most)} of the requests`,
    heightPx: box.heightPx,
    drawing: [
      kinds.map(({ kind, look }) => html`<g class="failure ${look}"><title>${kind}</title>${(stacks.get(kind) ?? []).map((block) => drawn(block, view.axis))}</g>`),
      html`<line class="tick" x1="0" x2="100%" y1="${y(0)}" y2="${y(0)}"/>`,
      html`<text class="scale" x="4" y="${box.padPx}" dy="0.8em">${share(end)}</text>`,
      limitLines(view, limits),
    ],
  });
}

interface Kind {
  readonly kind: string;
  readonly look: string;
  readonly count: number;
}

function kindsOf(slices: readonly RequestSlice[]): Kind[] {
  const counts = new Map<string, number>();
  for (const slice of slices) for (const [kind, count] of partsOf(slice)) counts.set(kind, (counts.get(kind) ?? 0) + count);
  const place = (kind: string): number => (kind === notSent ? looks.size + 1 : [...looks.keys(), kind].indexOf(kind));
  return [...counts]
    .filter(([, count]) => count > 0)
    .sort(([left], [right]) => place(left) - place(right))
    .map(([kind, count]) => ({ kind, count, look: kind === notSent ? 'unknown' : (looks.get(kind) ?? other) }));
}

function partsOf({ failed, unknown }: RequestSlice): (readonly [kind: string, count: number])[] {
  return [...Object.entries(failed), [notSent, unknown]];
}

interface Block {
  readonly fromMs: number;
  toMs: number;
  /** In pixels from the top. */
  readonly top: number;
  readonly heightPx: number;
}

/** The blocks of each kind, one on the other; neighbours that look alike are one. */
function stacked(slices: readonly RequestSlice[], kinds: readonly Kind[], heightOf: (share: number) => number, floor: number): Map<string, Block[]> {
  const blocks = new Map<string, Block[]>(kinds.map(({ kind }) => [kind, []]));
  for (const slice of slices) {
    const parts = new Map(partsOf(slice));
    let bottom = floor;
    for (const { kind } of kinds) {
      const heightPx = Math.round(heightOf((parts.get(kind) ?? 0) / Math.max(1, dueIn(slice))) * 2) / 2;
      if (heightPx === 0) continue;
      bottom = Math.max(0, bottom - heightPx);
      const block = { ...spanOf(slice), top: bottom, heightPx };
      const before = blocks.get(kind)!.at(-1);
      if (before && before.top === block.top && before.heightPx === heightPx && follows(before, block)) before.toMs = block.toMs;
      else blocks.get(kind)!.push(block);
    }
  }
  return blocks;
}

function drawn({ fromMs, toMs, top, heightPx }: Block, axis: Axis): Content {
  const x = axis.at(fromMs);
  return html`<rect x="${percent(x)}" width="${percent(axis.at(toMs) - x)}" y="${top}" height="${heightPx}"/>`;
}

function swatch(look: string): Markup {
  return html`<svg class="swatch" width="18" height="11" aria-hidden="true"><g class="failure ${look}"><rect width="18" height="11"/></g></svg>`;
}

function share(value: number): string {
  return `${Number((value * 100).toPrecision(3))} %`;
}
