import { readJournalIfAny } from '../runner/journal-file.ts';
import { ExpectedError } from '../runner/errors.ts';
import { judge } from '../runner/judge.ts';
import type { JudgedRun } from '../runner/verdict.ts';

/** A run by its folder; undefined where it has left no journal that tells anything: it was refused, or died at once. */
export async function judgedRun(folder: string): Promise<JudgedRun | undefined> {
  const entries = await readJournalIfAny(folder);
  try {
    return entries && judge(entries);
  } catch (error) {
    if (error instanceof ExpectedError) return undefined;
    throw error;
  }
}
