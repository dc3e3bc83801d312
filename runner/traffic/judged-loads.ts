import type { JudgedLoad } from '../verdict.ts';
import { requestsOverTime } from './slices.ts';
import { failuresOf, spacingOf } from './window-value.ts';
import type { RequestWindow } from './window.ts';

/** What the journal says of one endpoint of a load. */
export interface LoadHistory {
  readonly load: string;
  readonly endpoint: string;
  /** At least one. */
  readonly windows: readonly RequestWindow[];
}

/** What came of a load's requests, over the whole run. */
export function judgedLoad({ load, endpoint, windows }: LoadHistory): JudgedLoad {
  const inOrder = windows.toSorted((a, b) => a.fromMs - b.fromMs);
  return {
    load,
    endpoint,
    ok: windows.reduce((sum, { ok }) => sum + ok, 0),
    failed: failuresOf(windows),
    unknown: windows.reduce((sum, { unknown }) => sum + unknown, 0),
    ...requestsOverTime({ windows: inOrder, spacingMs: spacingOf(inOrder) }),
  };
}
