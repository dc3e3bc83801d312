import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import { lockRecord, type LockRecord, type LockStore } from './record.ts';

/** How long a change of the lock may take: whoever is in the middle of one for longer has died there. */
const changeMs = 5_000;
const tryAgainMs = 20;
/** The beginning of a record, or what a disk has in its place when power was lost. */
const halfWritten = /^(\{"run":|\0*$)/;

/**
 * A lock in a file. It works while the platform is down, and on a folder that several machines share.
 *
 * @param path its file; beside it lies `<path>.changing` while somebody changes it
 */
export function fileStore(path: string, clock: Clock): LockStore {
  return {
    where: `lock ${path}`,
    lookEveryMs: 500,
    read: () => readRecord(path),
    async change(decide) {
      const token = await begin(path, clock);
      try {
        const held = await readRecord(path);
        const next = decide(held);
        if (next === held) return held;
        if (!next) await rm(path, { force: true });
        else {
          const fresh = `${path}.${token}`;
          await writeFile(fresh, JSON.stringify(next), { mode: 0o600 });
          // Somebody may have taken us for dead meanwhile: then it is theirs to change.
          if ((await textOf(`${path}.changing`)) === token) await rename(fresh, path);
          else await rm(fresh);
        }
        return next;
      } finally {
        if ((await textOf(`${path}.changing`)) === token) await rm(`${path}.changing`, { force: true });
      }
    },
  };
}

/** Keeps all others from changing it until `.changing` is taken away. */
async function begin(path: string, clock: Clock): Promise<string> {
  const guard = `${path}.changing`;
  const token = randomUUID();
  const untilMs = clock.now() + 2 * changeMs;
  for (;;) {
    try {
      await writeFile(guard, token, { flag: 'wx', mode: 0o600 });
      return token;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new ExpectedError(`the lock ${path} can't be taken: ${messageOf(error)}`, undefined, { cause: error });
    }
    if (clock.now() > untilMs) throw new ExpectedError(`the lock ${path} can't be taken: ${guard} stays; delete it when no firedrill runs`);
    if (clock.wall() - (await changedAt(guard)) > changeMs) await rm(guard, { force: true });
    await clock.sleep(tryAgainMs);
  }
}

/** What a crash left half-written counts for nothing; anything else that is no lock is left alone: it may be somebody's. */
async function readRecord(path: string): Promise<LockRecord | undefined> {
  const text = await textOf(path);
  if (text === undefined) return undefined;
  try {
    return lockRecord.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError && halfWritten.test(text)) return undefined;
    throw new ExpectedError(`${path} is no lock that firedrill has made: name another file as the lock, or delete this one when no firedrill runs`, undefined, { cause: error });
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ExpectedError(`the lock ${path} can't be read: ${messageOf(error)}`, undefined, { cause: error });
  }
}

/** Milliseconds since 1970; never, when it is gone. */
async function changedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Number.POSITIVE_INFINITY;
    throw error;
  }
}
