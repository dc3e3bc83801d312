import assert from 'node:assert/strict';
import { style } from '../../../reports/page/style.ts';

/** What dichromats see, in linear light, after Machado, Oliveira and Fernandes (2009), for the severity of 1. */
const visions = {
  ordinary: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  'without red': [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  'without green': [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  'without blue': [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
} as const;

/** Lightness and two opponent colours (CIELAB) of a colour such as `#a9d8cc`, as seen. */
function labOf(hex: string, matrix: readonly (readonly number[])[]): number[] {
  const linear = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const times = (rows: readonly (readonly number[])[], vector: readonly number[]): number[] => rows.map((row) => row.reduce((sum, one, at) => sum + one * vector[at]!, 0));
  const seen = times(matrix, linear).map((c) => Math.min(Math.max(c, 0), 1));
  const xyz = times([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], seen);
  const [x, y, z] = [xyz[0]! / 0.9505, xyz[1]!, xyz[2]! / 1.089].map((c) => (c > 0.008856 ? Math.cbrt(c) : 7.787 * c + 16 / 116)) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** The colours of lanes, by their names in the style sheet. */
const lanes = ['good', 'bad', 'unknown', 'pending'] as const;
const [light, dark] = style.split('@media (prefers-color-scheme: dark)') as [string, string];
const colourOf = (sheet: string, called: string): string => new RegExp(`--${called}: (#[0-9a-f]{6})`).exec(sheet)![1]!;

describe('the colours of the charts', () => {
  for (const [scheme, sheet] of Object.entries({ light, dark })) {
    for (const [vision, matrix] of Object.entries(visions)) {
      it(`are told apart where it is ${scheme}, by eyes that are ${vision}`, () => {
        for (const [index, left] of lanes.entries()) {
          for (const right of lanes.slice(index + 1)) {
            const [a, b] = [labOf(colourOf(sheet, left), matrix), labOf(colourOf(sheet, right), matrix)];
            const difference = Math.hypot(...a.map((one, at) => one - b[at]!));
            // About ten are seen at a glance.
            assert.ok(difference > 15, `${left} and ${right}: ${difference.toFixed(1)}`);
          }
        }
      });
    }
  }
});
