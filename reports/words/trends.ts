import type { SummedTime } from '../../runner/past/summary.ts';
import { length } from './times.ts';

/** A length that a run measured, with its error: `1.24 s ± 20 ms`. */
export function trendTime({ ms, plusMs, minusMs }: SummedTime): string {
  if (!Number.isFinite(ms)) return 'had not ended';
  const error = Math.max(plusMs, minusMs);
  return error > 0 ? `${length(ms)} ± ${length(error)}` : length(ms);
}
