import { html } from './markup.ts';

/** Hatchings, so that no meaning is in colour alone: the last are the kinds of failure, see `failures.ts`. */
const hatchings = [
  { id: 'hatch-unknown', angle: 45 },
  { id: 'hatch-bad', angle: 45 },
  { id: 'hatch-off', angle: -45 },
  ...[0, 45, 0, 90, -45, 45, 0, 90, -45].map((angle, index) => ({ id: `fail-${index}`, angle })),
];
/** Their definitions, for the page that refers to them. */
export const patterns = html`<svg class="defs" aria-hidden="true" width="0" height="0"><defs>${hatchings.map(
  ({ id, angle }) => html`
<pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(${angle})">
<rect class="${id}" width="6" height="6"/><line class="${id}" x1="0" y1="0" x2="0" y2="6"/>
</pattern>`,
)}
</defs></svg>`;
