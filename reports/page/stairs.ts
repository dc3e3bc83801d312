import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import type { Axis } from './axis.ts';
import { html } from './markup.ts';
import type { Content, Markup } from './markup.ts';

/** A drawing's own units from left to right; it is stretched to the room there is, its lines are not. */
const width = 1_000;

/** A drawing whose units are pixels from top to bottom, and that is as wide as there is room. */
export function stretched(look: string, heightPx: number, drawing: Content): Markup {
  return html`<svg class="${look}" width="100%" height="${heightPx}" viewBox="0 0 ${width} ${heightPx}" preserveAspectRatio="none">${drawing}</svg>`;
}

/** Where a moment is in a stretched drawing. Not clamped as the axis is: a step may begin before the chart does. */
export function across(axis: Axis): (atMs: number) => number {
  return scaleLinear([axis.fromMs, axis.toMs], [0, width]);
}

/** A place in a drawing: a tenth of a pixel is as exact as anybody sees. */
export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

export interface Step {
  readonly fromMs: number;
  readonly toMs: number;
  /** In pixels from the top. */
  readonly y: number;
}

/** A path of stairs, broken where steps don't follow each other. */
export function stairs(steps: readonly Step[], axis: Axis): string {
  const x = across(axis);
  const corners = steps.flatMap((step, index): (readonly [number, number] | null)[] => {
    const stair = [[x(step.fromMs), step.y], [x(step.toMs), step.y]] as const;
    return follows(steps[index - 1], step) ? [...stair] : [null, ...stair];
  });
  return line<readonly [number, number] | null>()
    .defined((corner) => corner !== null)
    .x((corner) => corner![0])
    .y((corner) => corner![1])
    .digits(1)(corners) ?? '';
}

/** Whether nothing that matters is missing between two stretches of time. */
export function follows(before: Omit<Step, 'y'> | undefined, after: Omit<Step, 'y'>): boolean {
  return before !== undefined && after.fromMs - before.toMs < (after.toMs - after.fromMs) / 2;
}
