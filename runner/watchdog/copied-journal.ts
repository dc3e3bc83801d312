import type { Journal } from '../journal-file.ts';
import { JournalFailed } from '../journal-file.ts';
import type { Entry } from '../journal.ts';
import { isNeededToUndo, type UndoRecords } from './record.ts';

/**
 * A journal whose undo records are stored a second time: its `commit` resolves only when they are on the disk and there.
 * What can't be stored there must not be injected, so that fails the commit.
 *
 * @param journal the journal itself
 * @param copy where the second copy goes
 * @returns the journal to write to, and what must be told of each entry (the journal's `onEntry`)
 */
export function copyTo(copy: UndoRecords): { onEntry(entry: Entry): void; committing(journal: Journal): Journal } {
  let storing: Promise<void> = Promise.resolve();
  let failure: unknown;
  return {
    onEntry(entry) {
      if (!isNeededToUndo(entry)) return;
      storing = storing.then(async () => {
        try {
          await copy.add(entry);
        } catch (error) {
          failure ??= error;
        }
      });
    },
    committing: (journal) => ({
      ...journal,
      // The journal's own, whatever becomes of them later.
      get failed() {
        return journal.failed;
      },
      get unwritten() {
        return journal.unwritten;
      },
      async commit() {
        await Promise.all([journal.commit(), storing]);
        if (failure !== undefined) throw new JournalFailed(copy.where, failure);
      },
    }),
  };
}
