import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../runner/clock.ts';
import { Refused } from '../../runner/errors.ts';
import { fileStore } from '../../runner/lock/file-store.ts';
import { takeLock, type Lock } from '../../runner/lock/lock.ts';
import type { LockStore } from '../../runner/lock/record.ts';

/** The lock of a state folder: one scheduler works with it at a time. */
export function stateLockStore(folder: string, clock: Clock): LockStore {
  return fileStore(join(folder, 'schedule.lock'), clock);
}

/**
 * Keeps a second scheduler out of a state folder, on this machine and on others that share it.
 *
 * @throws Refused when another is at work
 */
export async function lockState(folder: string, clock: Clock, note: (text: string) => void): Promise<Lock> {
  const store = stateLockStore(folder, clock);
  // A container that is started again has the name and the process number of the one before: this process holds nothing yet.
  await store.change((held) => (held?.host === hostname() && held.pid === process.pid ? undefined : held));
  try {
    return await takeLock({ environment: { name: 'schedule' }, store, run: 'scheduler', folder, clock, note, mending: true });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const held = await store.read();
    const who = held ? `process ${held.pid} on ${held.host}, since ${held.since}` : 'it has ended meanwhile';
    throw new Refused([`another scheduler works with the state in ${folder} (${who}); end that one first (SIGTERM), or give another --state`]);
  }
}
