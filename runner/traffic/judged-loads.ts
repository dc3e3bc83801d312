import type { History } from '../history.ts';
import type { JudgedLoad } from '../verdict.ts';
import type { Compared } from './comparison.ts';
import { requestsOverTime } from './slices.ts';
import { failuresOf, spacingOf } from './window-value.ts';
import type { RequestWindow } from './window.ts';

/** What the journal says of one endpoint of a load, or of the copies of its requests. */
export interface LoadHistory {
  readonly load: string;
  readonly endpoint: string;
  /** Whether these are the copies. */
  readonly shadow: boolean;
  /** At least one. */
  readonly windows: readonly RequestWindow[];
}

/** What came of a load's requests, over the whole run. */
export function judgedLoad({ load, endpoint, shadow, windows }: LoadHistory, { started, comparisons }: Pick<History, 'started' | 'comparisons'>): JudgedLoad {
  const inOrder = windows.toSorted((a, b) => a.fromMs - b.fromMs);
  const to = started.scenario.load?.[load]?.shadow?.to ?? '';
  const own = comparisons.filter((one) => one.load === load && one.endpoint === endpoint);
  return {
    load,
    endpoint,
    ok: windows.reduce((sum, { ok }) => sum + ok, 0),
    failed: failuresOf(windows),
    unknown: windows.reduce((sum, { unknown }) => sum + unknown, 0),
    ...requestsOverTime({ windows: inOrder, spacingMs: spacingOf(inOrder) }),
    ...(shadow ? { copiedTo: to } : own.length > 0 ? { shadow: { to, ...summed(own) } } : {}),
  };
}

function summed(all: readonly Compared[]): Compared {
  const sum = (of: (one: Compared) => number): number => all.reduce((total, one) => total + of(one), 0);
  return {
    same: sum(({ same }) => same),
    different: sum(({ different }) => different),
    unanswered: sum(({ unanswered }) => unanswered),
    told: all.flatMap(({ told }) => told),
  };
}
