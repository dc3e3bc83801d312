import type { Clock } from '../clock.ts';
import { ExpectedError, Refused } from '../errors.ts';
import { describe, isAlive } from './holder.ts';
import type { LockRecord, LockStore } from './record.ts';

/**
 * Asks the holder to end its run and undo.
 *
 * @param by who asks
 * @returns what was held, or undefined when nobody holds it
 */
export async function askToStop(store: LockStore, by: string, clock: Clock): Promise<LockRecord | undefined> {
  return store.change((held) => (held ? { ...held, stop: held.stop ?? { by, at: new Date(clock.wall()).toISOString() } } : held));
}

/**
 * Takes a lock away from whoever holds it.
 *
 * @param run whose: a lock that is another's by now is left alone
 * @throws ExpectedError when it is not held by that run, or its process lives on this machine
 */
export async function breakLock(store: LockStore, run: string, clock: Clock): Promise<void> {
  await store.change((held) => {
    if (!held) throw new ExpectedError(`nobody holds ${store.where}`);
    if (held.run !== run) throw new ExpectedError(`${store.where} is held by run ${held.run}, not by ${run}`);
    if (isAlive(held, clock)) throw new Refused([`${describe(held)}; end it with: firedrill stop`]);
    return undefined;
  });
}

/** Gives back the lock that a run died holding. What another holds, or it still holds alive, is left alone. */
export async function freeDeadLock(store: LockStore, run: string, clock: Clock): Promise<void> {
  await store.change((held) => (held?.run === run && !isAlive(held, clock) ? undefined : held));
}
