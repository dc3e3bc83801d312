import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { ExpectedError, exitCodes, messageOf } from '../errors.ts';
import { parseJournal } from '../journal-file.ts';
import type { Mask } from '../mask.ts';
import { dayFileName, type DayBodies, type DayEntry, type DayEntryType } from './day.ts';

/** A day's journal, append-only, with one writer. */
export interface DayJournal {
  readonly folder: string;
  /** All that was written so far, what was there before included. */
  readonly entries: readonly DayEntry[];
  /**
   * Adds an entry, and resolves when it is on the disk itself: entries are few.
   *
   * @throws ExpectedError when it can't be written
   */
  append<T extends DayEntryType>(type: T, body: DayBodies[T]): Promise<void>;
  close(): Promise<void>;
}

export interface DayJournalOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Takes the secrets out of each entry. */
  readonly mask: Pick<Mask, 'data'>;
  /** Goes on with the journal that is there. */
  readonly again?: boolean;
}

/** @throws ExpectedError when the folder or the file can't be made or read */
export async function openDay({ folder, clock, mask, again = false }: DayJournalOptions): Promise<DayJournal> {
  const path = join(folder, dayFileName);
  let file: FileHandle;
  let entries: DayEntry[] = [];
  let sizeBytes = 0;
  try {
    if (again) {
      // Behind the last whole line: one that was cut short must not spoil the next.
      const text = await readFile(path, 'utf8');
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      entries = parseDay(whole, path);
      sizeBytes = Buffer.byteLength(whole);
    } else await mkdir(folder, { recursive: true });
    file = await open(path, again ? 'r+' : 'wx', 0o600);
    await file.truncate(sizeBytes);
  } catch (error) {
    if (error instanceof ExpectedError) throw error;
    throw new ExpectedError(`${path} can't be ${again ? 'gone on with' : 'made'}: ${messageOf(error)}`, undefined, { cause: error });
  }
  const beganMs = entries[0] ? Date.parse(entries[0].at) : clock.wall();
  const write = async (entry: DayEntry): Promise<void> => {
    try {
      const bytes = Buffer.from(`${JSON.stringify(entry)}\n`);
      await file.write(bytes, 0, bytes.length, sizeBytes);
      sizeBytes += bytes.length;
      await file.sync();
    } catch (error) {
      throw new ExpectedError(`${path} can't be written: ${messageOf(error)}; the day goes no further`, exitCodes.inconclusive, { cause: error });
    }
  };
  let writing: Promise<void> = Promise.resolve();
  return {
    folder,
    entries,
    append(type, body) {
      const wallMs = clock.wall();
      const entry = { seq: (entries.at(-1)?.seq ?? -1) + 1, at: new Date(wallMs).toISOString(), t: wallMs - beganMs, type, ...mask.data(body) } as unknown as DayEntry;
      entries.push(entry);
      writing = writing.then(() => write(entry));
      return writing;
    },
    close: () => file.close(),
  };
}

/**
 * Reads a day's journal. A last line that is cut short is left out.
 *
 * @param folder the day's folder
 * @throws ExpectedError when there is none, or it doesn't begin as a day's journal does
 */
export async function readDay(folder: string): Promise<DayEntry[]> {
  const path = join(folder, dayFileName);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ExpectedError(`${path} can't be read: ${messageOf(error)}; give the folder of a game day`);
  }
  return parseDay(text, path);
}

function parseDay(text: string, path: string): DayEntry[] {
  const entries = parseJournal(text, path) as unknown as DayEntry[];
  if (entries[0]?.type !== 'day.started') throw new ExpectedError(`${path} does not begin with a day that started: there is nothing to tell of it`);
  return entries;
}
