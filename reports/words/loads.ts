import type { JudgedLoad, JudgedRun } from '../../runner/verdict.ts';
import { counted } from './lists.ts';
import { loadName, percentiles } from './requests.ts';
import { length, nothing } from './times.ts';

/** A load's endpoint as the cells of a row: load, endpoint, ok, failed by kind, not sent, latency. */
export function loadCells({ load, endpoint, copiedTo, ok, failed, unknown, latency }: JudgedLoad): readonly [load: string, endpoint: string, ok: string, failed: string, unknown: string, latency: string] {
  const kinds = Object.entries(failed).map(([kind, count]) => `${count} × ${kind}`).join(', ');
  const times = latency === null ? nothing : `${percentiles(latency)} / ${length(latency.max)}`;
  return [load, copiedTo === undefined ? endpoint : `${endpoint}, copied to ${copiedTo}`, String(ok), kinds || nothing, String(unknown), times];
}

export const loadHeads = ['load', 'endpoint', 'succeeded', 'failed', 'not sent', 'p50 / p99 / p99.9 / max'] as const;

/** How the answers to copied requests compared: a sentence for each endpoint, and what differed first. */
export function shadowsInWords(run: JudgedRun): readonly { readonly sentence: string; readonly differences: readonly string[] }[] {
  return (run.loads ?? []).flatMap((load) => (load.shadow ? [inWords(load, load.shadow)] : []));
}

function inWords(load: JudgedLoad, { to, same, different, unanswered, told }: NonNullable<JudgedLoad['shadow']>) {
  const missing = unanswered === 0 ? '' : `; ${unanswered} more could not be compared, as one of the two gave no answer`;
  const compared = `${counted(same + different, 'answer')} of load ${loadName(load)} compared with those of ${to}`;
  const first = different > told.length ? `, the first ${told.length} here` : '';
  return {
    sentence: `${compared}: ${different === 0 ? 'none differs' : `${counted(different, 'differs', 'differ')}${first}`}${missing}`,
    differences: told.map(({ n, what }) => `request ${n + 1}: ${what}`),
  };
}
