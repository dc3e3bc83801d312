import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from './clock.ts';
import { ExpectedError, exitCodes, messageOf } from './errors.ts';
import type { Mask } from './mask.ts';
import type { Entry, EntryBodies, EntryType } from './journal.ts';

export const journalFileName = 'journal.ndjson';

/** The journal can no longer be written (a full disk, a folder that went away). Nothing may be broken any more. */
export class JournalFailed extends ExpectedError {
  override readonly name = 'JournalFailed';
  constructor(path: string, cause: unknown) {
    super(`${path} can't be written: ${messageOf(cause)}`, exitCodes.inconclusive, { cause });
  }
}

/** Where a run's entries go, in order. */
export interface Journal {
  /** The folder of the run. */
  readonly folder: string;
  /** A moment of the clock as milliseconds on the run's clock, which starts with the journal. */
  runTime(clockMs: number): number;
  /** Adds an entry. It is on its way to disk, not there yet: see {@link commit}. Never throws. */
  append<T extends EntryType>(type: T, body: EntryBodies[T]): void;
  /** Resolves when all entries so far are in the file, or among {@link unwritten}. Never rejects. */
  written(): Promise<void>;
  /**
   * Resolves when all entries so far are on the disk itself (fsync).
   *
   * @throws JournalFailed
   */
  commit(): Promise<void>;
  /** Aborted with a {@link JournalFailed} when an entry could not be written. */
  readonly failed: AbortSignal;
  /** Entries that could not be written, kept so that a verdict can still be given. */
  readonly unwritten: readonly Entry[];
  close(): Promise<void>;
}

/** What the journal needs of a file; tests hand in one whose disk is full. */
export interface JournalSink {
  write(text: string): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface JournalOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Takes the secrets out of each entry before anybody sees it. */
  readonly mask: Mask;
  /** Called with each entry as it is added: live output hangs here. */
  readonly onEntry?: ((entry: Entry) => void) | undefined;
  readonly openSink?: (path: string) => Promise<JournalSink>;
  /** Goes on with a journal that is there: the last entry that it has. */
  readonly after?: Pick<Entry, 'seq' | 't'>;
}

/** @throws ExpectedError when the folder or the file can't be made */
export async function openJournal({ folder, clock, mask, onEntry, after, openSink = after ? openAgain : openFile }: JournalOptions): Promise<Journal> {
  const path = join(folder, journalFileName);
  let sink: JournalSink;
  try {
    await mkdir(folder, { recursive: true });
    sink = await openSink(path);
  } catch (error) {
    throw new ExpectedError(`${path} can't be made: ${messageOf(error)}`, exitCodes.badInput, { cause: error });
  }
  // The run's clock stood still while no process of the run was there.
  const origin = clock.now() - (after?.t ?? 0);
  const failure = new AbortController();
  const unwritten: Entry[] = [];
  let seq = (after?.seq ?? -1) + 1;
  let queued: Entry[] = [];
  let writing: Promise<void> = Promise.resolve();

  const drain = async (): Promise<void> => {
    const batch = queued;
    queued = [];
    if (batch.length === 0) return;
    if (!failure.signal.aborted) {
      try {
        await sink.write(batch.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
        return;
      } catch (error) {
        failure.abort(new JournalFailed(path, error));
      }
    }
    unwritten.push(...batch);
  };

  const runTime = (clockMs: number): number => round(clockMs - origin);
  return {
    folder,
    runTime,
    failed: failure.signal,
    unwritten,
    append(type, body) {
      const at = new Date(clock.wall()).toISOString();
      const entry = { seq: seq++, at, t: runTime(clock.now()), type, ...mask.data(body) } as unknown as Entry;
      const holder = entry.type === 'fault.intent' ? `fault ${entry.fault}` : entry.type === 'probe.leaves' ? `probe ${entry.probe}` : undefined;
      if (holder !== undefined && 'undo' in entry && entry.undo !== (body as EntryBodies['fault.intent']).undo) failure.abort(new JournalFailed(path, cannotBeUndone(holder)));
      queued.push(entry);
      writing = writing.then(drain);
      onEntry?.(entry);
    },
    async written() {
      await writing;
    },
    async commit() {
      await writing;
      failure.signal.throwIfAborted();
      try {
        await sink.sync();
      } catch (error) {
        const failed = new JournalFailed(path, error);
        failure.abort(failed);
        throw failed;
      }
    },
    async close() {
      await writing;
      if (!failure.signal.aborted) await sink.sync();
      await sink.close();
    },
  };
}

/** Masked, it would put back three asterisks; as it is, it would give the secret away. */
function cannotBeUndone(holder: string): Error {
  return new Error(`the undo record of ${holder} holds a secret of this environment, or a name that has it in it; nothing is broken without its undo on disk`);
}

async function openFile(path: string): Promise<JournalSink> {
  return sinkOn(await open(path, 'wx', 0o600));
}

/** Behind the last whole line: one that was cut short is no entry, and must not spoil the next. */
async function openAgain(path: string): Promise<JournalSink> {
  const text = await readFile(path, 'utf8');
  const end = text.lastIndexOf('\n') + 1;
  const rest = text.slice(end);
  const file = await open(path, 'a', 0o600);
  if (rest !== '' && parseEntry(rest)) await file.appendFile('\n');
  else if (rest !== '') await file.truncate(Buffer.byteLength(text.slice(0, end)));
  return sinkOn(file);
}

function sinkOn(file: FileHandle): JournalSink {
  return {
    write: async (text) => void (await file.appendFile(text)),
    sync: () => file.sync(),
    close: () => file.close(),
  };
}

/** Microseconds are below what a timer can tell. */
function round(timeMs: number): number {
  return Math.round(timeMs * 1_000) / 1_000;
}

/**
 * Reads a journal. A last line that is cut short is left out: the process died while it wrote it.
 *
 * @param folder the folder of a run, or the path of the journal itself
 * @throws ExpectedError when there is none, or a line before the last is no entry
 */
export async function readJournal(folder: string): Promise<Entry[]> {
  const path = folder.endsWith('.ndjson') ? folder : join(folder, journalFileName);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ExpectedError(`${path} can't be read: ${messageOf(error)}; give the folder of a run`);
  }
  const entries = parseJournal(text, path);
  if (entries.length === 0) throw new ExpectedError(`${path} has no entry: this run never started`);
  return entries;
}

/** As {@link readJournal}; undefined for a folder that is no run's, and for a run that has not got so far as a first entry. */
export async function readJournalIfAny(folder: string): Promise<Entry[] | undefined> {
  try {
    return await readJournal(folder);
  } catch (error) {
    if (error instanceof ExpectedError) return undefined;
    throw error;
  }
}

/** @throws ExpectedError when a line before the last is no entry */
export function parseJournal(text: string, path: string): Entry[] {
  const lines = text.split('\n');
  const entries: Entry[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const entry = parseEntry(line);
    if (entry) entries.push(entry);
    else if (index < lines.length - 1) {
      throw new ExpectedError(`${path}:${index + 1} is no journal entry: ${line.slice(0, 60)}`);
    }
  }
  return entries;
}

/** One line of a journal; undefined when it is no entry. */
export function parseEntry(line: string): Entry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const isEntry = typeof value === 'object' && value !== null && 'type' in value && 't' in value;
  return isEntry ? (value as Entry) : undefined;
}
