import { open, type FileHandle } from 'node:fs/promises';
import type { Clock } from './clock.ts';
import type { Entry } from './journal.ts';
import { parseEntry } from './journal-file.ts';

/** What was added to a journal. */
export interface Followed {
  readonly entries: readonly Entry[];
  /** The file was replaced or cut: these are the first entries, and all before are void. */
  readonly again: boolean;
}

const chunkBytes = 1024 * 1024;

export interface FollowOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How often to look, in milliseconds. */
  readonly everyMs?: number;
}

/**
 * Follows the file of a journal as it is written, from its beginning; waits for it where it isn't there yet. It only reads:
 * who writes it doesn't know. A line that is not whole yet waits for its end; one that is no entry is left out. Ends when
 * `signal` aborts.
 *
 * @throws the system's error when the file is there and can't be read
 */
export async function* followJournal(path: string, { clock, signal, everyMs = 100 }: FollowOptions): AsyncGenerator<Followed> {
  let seen = 0;
  let inode: number | undefined;
  let rest = Buffer.alloc(0);
  while (!signal.aborted) {
    const file = await openIfThere(path);
    if (file) {
      try {
        const { size, ino } = await file.stat();
        let again = inode !== undefined && (ino !== inode || size < seen);
        inode = ino;
        if (again) [seen, rest] = [0, Buffer.alloc(0)];
        while (!signal.aborted && seen < size) {
          const most = Math.min(chunkBytes, size - seen);
          const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(most), 0, most, seen);
          if (bytesRead === 0) break;
          seen += bytesRead;
          const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
          // Bytes, not characters: a character may be cut as well.
          const end = text.lastIndexOf(0x0a) + 1;
          rest = text.subarray(end);
          const entries = text.subarray(0, end).toString('utf8').split('\n').flatMap((line) => (line === '' ? [] : (parseEntry(line) ?? [])));
          if (entries.length > 0 || again) yield { entries, again };
          again = false;
        }
        if (again) yield { entries: [], again };
      } finally {
        await file.close();
      }
    }
    await clock.sleep(everyMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
