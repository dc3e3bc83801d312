import type { JudgedLoad } from '../../runner/verdict.ts';
import { percentiles } from './requests.ts';
import { length, nothing } from './times.ts';

/** A load's endpoint as the cells of a row: load, endpoint, ok, failed by kind, not sent, latency. */
export function loadCells({ load, endpoint, ok, failed, unknown, latency }: JudgedLoad): readonly [load: string, endpoint: string, ok: string, failed: string, unknown: string, latency: string] {
  const kinds = Object.entries(failed).map(([kind, count]) => `${count} × ${kind}`).join(', ');
  const times = latency === null ? nothing : `${percentiles(latency)} / ${length(latency.max)}`;
  return [load, endpoint, String(ok), kinds || nothing, String(unknown), times];
}

export const loadHeads = ['load', 'endpoint', 'succeeded', 'failed', 'not sent', 'p50 / p99 / p99.9 / max'] as const;
