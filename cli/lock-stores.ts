import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../runner/clock.ts';
import { connect } from '../runner/clients/connect.ts';
import { fileStore } from '../runner/lock/file-store.ts';
import { lockStore } from '../runner/lock/lock.ts';
import type { LockRecord, LockStore } from '../runner/lock/record.ts';
import { chooseEnvironment } from './environment-file.ts';
import { stepInside } from './inside.ts';
import { mask } from './secrets.ts';
import { version } from './version.ts';

export interface LockOptions {
  readonly env?: string;
  readonly lab?: string;
}

/**
 * Gives `work` the lock of the environment that the user names, or all locks in files below this machine's temporary
 * folder when they name none.
 */
export async function withStores<T>(options: LockOptions, work: (stores: readonly LockStore[]) => Promise<T>): Promise<T> {
  const chosen = await chooseEnvironment(options);
  if (!chosen) return work(storesHere());
  stepInside(chosen.environment, chosen.file);
  const world = connect(chosen.environment, { run: 'locks', version: version(), clock: realClock, mask });
  try {
    return await work([lockStore(chosen.environment, world, realClock)]);
  } finally {
    await world.close();
  }
}

/** The locks among these that somebody holds. */
export async function heldLocks(stores: readonly LockStore[]): Promise<{ store: LockStore; record: LockRecord }[]> {
  const read = await Promise.all(stores.map(async (store) => ({ store, record: await store.read() })));
  return read.flatMap(({ store, record }) => (record ? [{ store, record }] : []));
}

function storesHere(): LockStore[] {
  const names = readdirSync(tmpdir()).filter((name) => /^firedrill-[0-9a-f]{16}\.lock$/.test(name));
  return names.map((name) => fileStore(join(tmpdir(), name), realClock));
}
