import { join } from 'node:path';
import type { RecordedHistory } from './consistency/judge-recorded.ts';
import { readHistory } from './consistency/read-history.ts';
import { noLimit } from './consistency/verdict.ts';
import { ExpectedError } from './errors.ts';
import { readJournal } from './journal-file.ts';
import type { Entry } from './journal.ts';
import { judge } from './judge.ts';
import type { JudgedRun } from './verdict.ts';

/**
 * Judges a run by all that it has recorded: its journal, and the histories beside it.
 *
 * @param folder the run's, or the path of its journal: then there are no histories
 * @param unwritten entries that could not be written any more
 * @throws ExpectedError when there is no journal that tells anything
 */
export async function judgeFolder(folder: string, unwritten: readonly Entry[] = []): Promise<JudgedRun> {
  const entries = [...(await readJournal(folder)), ...unwritten];
  return judge(entries, await recordedIn(folder, entries));
}

/** The histories that the journal says are whole, by their probes. */
async function recordedIn(folder: string, entries: readonly Entry[]): Promise<ReadonlyMap<string, RecordedHistory>> {
  const found = new Map<string, RecordedHistory>();
  for (const entry of entries) if (entry.type === 'history') found.set(entry.probe, await readRecorded(join(folder, entry.file), entry.lines));
  return found;
}

async function readRecorded(path: string, lines: number): Promise<RecordedHistory> {
  try {
    const read = await readHistory(path, 'firedrill', noLimit);
    if (read.kind !== 'etcd') return { why: `${path} is no history of etcd` };
    const { history } = read;
    const there = 1 + history.length + history.watches.length + history.hashes.length;
    return there === lines ? history : { why: `${path} has ${there} lines and was written with ${lines}` };
  } catch (error) {
    if (error instanceof ExpectedError) return { why: error.message };
    throw error;
  }
}
