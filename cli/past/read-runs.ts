import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ExpectedError, messageOf } from '../../runner/errors.ts';
import { journalFileName } from '../../runner/journal-file.ts';
import { judgeWhatIsThere } from '../../runner/judge-what-is-there.ts';
import { runNames } from '../../runner/recover.ts';
import type { ListedRun, Listing } from '../../runner/past/listing.ts';
import { summaryOf } from '../../runner/past/summary.ts';

/** What else firedrill keeps beside runs, by a file that is in each. */
const others: Readonly<Record<string, string>> = { 'gate.json': 'a gate: its runs have folders of their own', 'day.ndjson': 'a game day: its runs have folders of their own' };

/**
 * Reads all that is in a folder of runs, each from its journal. What is damaged or foreign is named, and keeps nothing else back.
 *
 * @param wanted by the folder's name, for those that are worth reading
 */
export async function readRuns(out: string, wanted: (folder: string) => boolean = () => true): Promise<{ runs: ListedRun[]; odd: Listing['odd'] }> {
  const runs: ListedRun[] = [];
  const odd: { folder: string; why: string }[] = [];
  for (const folder of await runNames(out)) {
    const other = Object.keys(others).find((file) => existsSync(join(out, folder, file)));
    if (!existsSync(join(out, folder, journalFileName))) {
      if (other === undefined) odd.push({ folder, why: 'it has no journal: it is no run of firedrill, or was refused before it began' });
      continue;
    }
    if (!wanted(folder)) continue;
    try {
      runs.push(await readRun(out, folder));
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      odd.push({ folder, why: messageOf(error) });
    }
  }
  return { runs, odd };
}

/** @throws ExpectedError when nothing can be told of it */
export async function readRun(out: string, folder: string): Promise<ListedRun> {
  const { run, problems } = await judgeWhatIsThere(join(out, folder));
  return { summary: summaryOf(run), folder, hasPage: existsSync(join(out, folder, 'report.html')), problems };
}

/** Whether a path is that of a run's folder, as opposed to the name of one. */
export function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
