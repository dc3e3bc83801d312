import { readHistory } from './history.ts';
import { readJournal } from './journal-file.ts';
import type { Entry } from './journal.ts';
import { judgeHistory } from './judge.ts';
import { recordedHistories } from './recorded-histories.ts';
import type { JudgedRun } from './verdict.ts';

/**
 * Judges a run by all that it has recorded: its journal, and the histories beside it.
 *
 * @param unwritten entries that could not be written any more
 * @throws ExpectedError when there is no journal that tells anything
 */
export async function judgeFolder(folder: string, unwritten: readonly Entry[] = []): Promise<JudgedRun> {
  const history = readHistory([...(await readJournal(folder)), ...unwritten]);
  return judgeHistory(history, { recorded: await recordedHistories(folder, history) });
}
