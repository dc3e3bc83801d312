import { join } from 'node:path';
import { historyText } from '../../reports/past/history-text.ts';
import { indexPage } from '../../reports/past/index-page.ts';
import { realClock } from '../../runner/clock.ts';
import { exitCodes, ExpectedError } from '../../runner/errors.ts';
import { partsOfRunName, runStamp } from '../../runner/run-name.ts';
import { listingOf, type Filter } from '../../runner/past/listing.ts';
import type { VerdictValue } from '../../runner/verdict.ts';
import { parseDuration } from '../../scenarios/duration.ts';
import { readRuns } from './read-runs.ts';
import { show } from './shown.ts';

export interface HistoryOptions {
  readonly out: string;
  readonly drill?: string;
  readonly verdict?: VerdictValue;
  readonly since?: string;
  readonly until?: string;
  readonly json?: boolean;
  readonly html?: boolean;
}

/**
 * `firedrill history`: the runs of a folder, newest first, each judged from its journal, and what they say of the areas of the
 * platform.
 *
 * @returns 0, whatever the runs came to
 * @throws ExpectedError for a time that is none
 */
export async function historyCommand({ out, drill, verdict, since, until, json = false, html = false }: HistoryOptions): Promise<number> {
  const filter: Filter = {
    ...(drill === undefined ? {} : { drill }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(since === undefined ? {} : { sinceMs: momentOf('--since', since) }),
    ...(until === undefined ? {} : { untilMs: momentOf('--until', until) }),
  };
  const { runs, odd } = await readRuns(out, mayPass(filter));
  const listing = listingOf(runs, odd, filter);
  await show({ data: listing, path: join(out, 'index.html'), page: indexPage, text: historyText }, { json, html });
  return exitCodes.held;
}

/** A date, a time, or how long ago: `2026-11-23`, `2026-11-23T10:00Z`, `7d`. A time without a zone is UTC. */
function momentOf(option: string, text: string): number {
  const agoMs = parseDuration(text);
  if (agoMs !== undefined) return realClock.wall() - agoMs;
  const zoned = /T.*(?:Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T');
  const wallMs = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?$/.test(text) ? Date.parse(zoned ? text : `${text}Z`) : Number.NaN;
  if (Number.isNaN(wallMs)) throw new ExpectedError(`${option} is ${JSON.stringify(text)}; give a date (2026-11-23), a time (2026-11-23T10:00Z) or how long ago (7d)`);
  return wallMs;
}

/** What the name of a run tells needs no journal: those are long. Runs that were named by hand are read. */
function mayPass({ drill, sinceMs = -Infinity, untilMs = Infinity }: Filter): (folder: string) => boolean {
  return (folder) => {
    const parts = partsOfRunName(folder);
    if (!parts) return true;
    const { stamp, drill: named } = parts;
    // A name is told by the second, and before the journal's first entry.
    const soonEnough = untilMs === Infinity || stamp <= runStamp(untilMs);
    const lateEnough = sinceMs === -Infinity || stamp >= runStamp(sinceMs - 60_000);
    return (drill === undefined || named === drill) && soonEnough && lateEnough;
  };
}
