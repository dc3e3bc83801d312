import { dirname } from 'node:path';
import { ExpectedError, messageOf } from './errors.ts';
import { readHistory } from './history.ts';
import { judgeHistory, type JudgeOptions } from './judge.ts';
import { journalVersion, type Entry } from './journal.ts';
import { readWhatIsThere } from './read-journal.ts';
import { recordedHistories } from './recorded-histories.ts';
import type { JudgedRun } from './verdict.ts';

/**
 * Judges a run from its journal, as far as that tells: a run that never ended, one whose journal is damaged, one of a newer
 * firedrill.
 *
 * @param folder the folder of a run, or the path of its journal
 * @returns with what was wrong, one line each
 * @throws ExpectedError when nothing can be told
 */
export async function judgeWhatIsThere(folder: string, keep: Pick<JudgeOptions, 'observations'> = {}): Promise<{ run: JudgedRun; problems: readonly string[] }> {
  const { entries, problems } = readWhatIsThere(folder);
  let version = journalVersion;
  const watched = function* (): Generator<Entry> {
    for (const entry of entries) {
      if (entry.type === 'run.started') version = entry.version;
      yield entry;
    }
  };
  try {
    const history = readHistory(watched());
    const recorded = await recordedHistories(folder.endsWith('.ndjson') ? dirname(folder) : folder, history);
    return { run: judgeHistory(history, { ...keep, recorded }), problems };
  } catch (error) {
    // Entries of another shape than this version writes: of a newer one, or of somebody else.
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const why = version > journalVersion
      ? `the journal has format ${version}, and this firedrill, which knows up to ${journalVersion}, can't judge it (${messageOf(error)}); use the firedrill that recorded it, or a newer one`
      : `the journal can't be judged, as an entry is not as firedrill writes it (${messageOf(error)}); give the folder of a run`;
    throw new ExpectedError(`${folder}: ${why}`, undefined, { cause: error });
  }
}
