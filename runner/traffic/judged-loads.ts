import type { JudgedLoad } from '../verdict.ts';
import { Latencies } from './latencies.ts';
import { failuresOf } from './window-value.ts';
import type { RequestWindow } from './window.ts';

/** What the journal says of one endpoint of a load. */
export interface LoadHistory {
  readonly load: string;
  readonly endpoint: string;
  readonly windows: readonly RequestWindow[];
}

/** What came of a load's requests, over the whole run. */
export function judgedLoad({ load, endpoint, windows }: LoadHistory): JudgedLoad {
  const latencies = new Latencies();
  for (const { latencies: encoded } of windows) if (encoded !== undefined) latencies.add(encoded);
  const at = (q: number): number => Math.round(latencies.quantile(q).max * 100) / 100;
  return {
    load,
    endpoint,
    ok: windows.reduce((sum, { ok }) => sum + ok, 0),
    failed: failuresOf(windows),
    unknown: windows.reduce((sum, { unknown }) => sum + unknown, 0),
    latency: latencies.count === 0 ? null : { p50: at(0.5), p99: at(0.99), max: at(1) },
  };
}
