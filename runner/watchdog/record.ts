import type { Entry, EntryBodies } from '../journal.ts';

/** What of a journal is needed to undo: without its undo record, an intent has nothing to put back. */
export function isNeededToUndo(entry: Entry): boolean {
  const { type } = entry;
  return ['run.started', 'fault.undone', 'probe.leaves', 'probe.cleaned'].includes(type) || (type === 'fault.intent' && entry.undo !== null);
}

/** A copy of what a journal holds of undos, kept where a watchdog on another machine can read it. */
export interface UndoRecords {
  /** For people: `Secret ops/firedrill-…`. */
  readonly where: string;
  /** Adds an entry; resolves when it is stored. */
  add(entry: Entry): Promise<void>;
}

/** The entries as a journal's text, `run.started` first. */
export function journalText(entries: readonly Entry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

export type Started = EntryBodies['run.started'];
