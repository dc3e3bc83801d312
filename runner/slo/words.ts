import type { Bar } from '../verdict.ts';

/**
 * A length of time for people: `64 ms`, `1.24 s`, `12.96 s`, `2 min 5 s`. Figures that are whole are written so: `5 s`.
 *
 * @param ms milliseconds, not negative
 */
export function time(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return 'without end';
  if (ms < 10) return `${trimmed(ms, 1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 99_995) return `${trimmed(ms / 1_000, 2)} s`;
  if (ms < 119_950) return `${trimmed(ms / 1_000, 1)} s`;
  return long(ms);
}

/** A length with its error bar: `1.24 s ± 0.02 s`; with one that is open to the right: `at least 3.1 s`. */
export function bar({ min, max }: Bar): string {
  if (max === Number.POSITIVE_INFINITY) return `at least ${time(min)}`;
  const half = (max - min) / 2;
  const middle = (min + max) / 2;
  if (half < 0.05) return time(middle);
  if (middle < 999.5) return `${Math.round(middle)} ms ± ${Math.ceil(half)} ms`;
  const digits = half < 1_000 ? 2 : 1;
  const scale = 10 ** digits;
  // The bar is rounded up: what is printed must still hold the truth.
  return `${trimmed(middle / 1_000, digits)} s ± ${trimmed(Math.ceil((half / 1_000) * scale) / scale, digits)} s`;
}

/**
 * A length with its error bar and the best figure for it. Where that is far from the middle of the bar, the bar's ends are
 * told: `1.12 s (0 ms to 1.42 s)`.
 */
export function barAround(length: Bar, bestMs: number): string {
  const half = (length.max - length.min) / 2;
  const off = Math.abs((length.max + length.min) / 2 - bestMs);
  if (!Number.isFinite(half) || off <= half / 4 || half < 20) return bar(length);
  return `${time(bestMs)} (${time(length.min)} to ${time(length.max)})`;
}

/** A ratio as a percentage, with as many digits as it takes to see what is missing to the whole: `99.95 %`. */
export function percent(ratio: number): string {
  const missing = 1 - ratio;
  const digits = missing > 0 && missing < 0.000_5 ? 4 : 2;
  // Never rounded up to the whole: 99.999 % is not 100 %.
  const scale = 10 ** (digits + 2);
  const value = ratio >= 1 ? 1 : Math.floor(ratio * scale + 1e-6) / scale;
  return `${trimmed(value * 100, digits)} %`;
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

function long(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  return parts
    .filter(([value]) => value > 0)
    .slice(0, 2)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
