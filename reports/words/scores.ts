import { nothing } from './times.ts';

/** A score as it is shown: `37 %`, `−4 %`, or that it is not known. */
export function scoreText(value: number | null): string {
  return value === null ? 'unknown' : `${Math.round(value * 100)} %`.replace('-', '−').replace('−0 %', '0 %');
}

/** How a length compares: `+12 %`, `−3 %`; a dash where there is nothing to compare with. */
export function changeText(byPart: number | null): string {
  if (byPart === null || Number.isNaN(byPart)) return nothing;
  if (!Number.isFinite(byPart)) return byPart > 0 ? '+∞' : '−∞';
  const percent = Math.round(Math.abs(byPart) * 100);
  return percent === 0 ? '±0 %' : `${byPart > 0 ? '+' : '−'}${percent} %`;
}
