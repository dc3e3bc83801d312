import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { LockStore } from '../lock/record.ts';

/** How often a harness that is listened to renews its lock; after how long without a renewal it is gone. Milliseconds. */
export const heartbeatMs = 1_000;
const silentMs = 5_000;
const lookEveryMs = 500;

/**
 * Waits until a harness elsewhere is gone: its lock is still there, and it does not renew it. Measured on this machine's own
 * clock, from the last change that was seen. While the lock can't be read nothing is concluded: then the harness can't renew
 * it either.
 *
 * @param say a line for people
 * @returns `gone`, or `ended` when it has given the lock back, or another holds it
 */
export async function untilGone(store: LockStore, run: string, clock: Clock, say: (line: string) => void): Promise<'gone' | 'ended'> {
  let renewed = '';
  let heardMs = clock.now();
  let failure = '';
  for (;;) {
    await clock.sleep(lookEveryMs);
    try {
      const held = await store.read();
      if (held?.run !== run) return 'ended';
      if (failure !== '') heardMs = clock.now();
      failure = '';
      if (held.renewed !== renewed) heardMs = clock.now();
      renewed = held.renewed;
      if (clock.now() - heardMs > silentMs) return 'gone';
    } catch (error) {
      if (failure !== messageOf(error)) say(`${store.where} can't be read: ${messageOf(error)}`);
      failure = messageOf(error);
    }
  }
}
