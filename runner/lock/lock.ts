import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Environment } from '../environment.ts';
import { messageOf, Refused } from '../errors.ts';
import { platformKey } from '../platform-key.ts';
import type { World } from '../world.ts';
import { fileStore } from './file-store.ts';
import { describe, isOver, mayTake, whyNot } from './holder.ts';
import { leaseStore } from './lease-store.ts';
import type { LockRecord, LockStore } from './record.ts';

/** How long a lock holds that nobody renews, and how often its holder renews it; milliseconds. */
const lastsMs = 60_000;
const usualRenewalMs = 10_000;

export interface Lock {
  /** Aborted when the run is to end: somebody asked for that, or the lock is another's now. */
  readonly ended: AbortSignal;
  /** Gives it back. Never throws: one that can't be given back ends by itself. */
  release(): Promise<void>;
}

export interface LockInput {
  readonly environment: Pick<Environment, 'name'>;
  readonly store: LockStore;
  readonly run: string;
  /** Where the run's journal is or will be, for those who find the lock. */
  readonly folder: string;
  readonly clock: Clock;
  /** To put back what a run has left: takes over from that run, and from any that is dead on this machine. */
  readonly mending?: boolean;
  /** How often it is renewed, in milliseconds, where somebody listens for that. */
  readonly renewEveryMs?: number;
  /** A line for people, when the lock can't be looked at, and when it can again. */
  note?(text: string): void;
}

/** Where the environment's lock is kept: what its file says, or a file below the system's temporary folder. */
export function lockStore(environment: Environment, world: Pick<World, 'kubernetes'>, clock: Clock): LockStore {
  const { lock } = environment;
  if (lock?.lease) return leaseStore(lock.lease, async () => (await world.kubernetes()).connection);
  return fileStore(lock?.file ?? join(tmpdir(), `firedrill-${platformKey(environment)}.lock`), clock);
}

/**
 * Keeps a second run out of an environment: one drill at a time. It outlives a harness that dies and ends by itself a
 * minute later, so that nobody breaks more before what the dead one left is put back.
 *
 * @throws Refused when another holds it; ExpectedError when it can't be told
 */
export async function takeLock(input: LockInput): Promise<Lock> {
  const { environment, store, run, folder, clock, mending = false } = input;
  const now = (): string => new Date(clock.wall()).toISOString();
  const own = { run, environment: environment.name, host: hostname(), pid: process.pid, since: now(), renewed: now(), lastsMs, folder };
  await waitOutSkew(store, clock);
  await store.change((held) => {
    if (held && !mayTake(held, mending ? run : undefined, clock)) throw new Refused([whyNot(held, store, clock)]);
    return { ...own, renewed: now() };
  });
  return hold(input, own);
}

/**
 * A lock of another machine that seems to have ended may only have been written by a clock that is behind ours: while it
 * still changes, somebody holds it.
 */
async function waitOutSkew(store: LockStore, clock: Clock): Promise<void> {
  const seen = await store.read();
  if (!seen || seen.host === hostname() || !isOver(seen, clock)) return;
  const untilMs = clock.now() + usualRenewalMs + 2 * store.lookEveryMs;
  while (clock.now() < untilMs) {
    await clock.sleep(store.lookEveryMs);
    const again = await store.read();
    if (!again) return;
    if (again.renewed === seen.renewed) continue;
    const behindMs = clock.wall() - Date.parse(again.renewed);
    throw new Refused([`${describe(again)}, and its clock and this one are ${Math.round(behindMs / 1_000)} s apart (${store.where})`]);
  }
}

/** Looks again and again until it is released. */
function hold({ store, run, clock, renewEveryMs = usualRenewalMs, note = () => {} }: LockInput, own: LockRecord): Lock {
  const ended = new AbortController();
  const done = new AbortController();
  let failure: string | undefined;
  const isOurs = (held: LockRecord): boolean => held.run === run && held.pid === own.pid && held.host === own.host;
  const look = async (): Promise<void> => {
    const held = await store.read();
    if (!held || !isOurs(held)) return ended.abort(new Error(`the lock of the environment was taken away (${store.where}${held ? `, now of run ${held.run}` : ''})`));
    if (held.stop) return ended.abort(new Error(`firedrill stop, by ${held.stop.by}`));
    if (clock.wall() - Date.parse(held.renewed) < renewEveryMs) return;
    await store.change((current) => (current && isOurs(current) ? { ...current, renewed: new Date(clock.wall()).toISOString() } : current));
  };
  const looking = (async () => {
    while (!done.signal.aborted) {
      await clock.sleep(store.lookEveryMs, done.signal);
      try {
        await look();
        if (failure !== undefined) note(`the lock can be looked at again (${store.where})`);
        failure = undefined;
      } catch (error) {
        // What is being broken may be what keeps the lock: the run goes on, and nobody else can take it either.
        if (failure === undefined) note(`the lock can't be looked at (${store.where}): ${messageOf(error)}`);
        failure = messageOf(error);
      }
    }
  })();
  // Ends by being told to.
  const settled = looking.catch((error: unknown) => {
    if (!done.signal.aborted) throw error;
  });
  return {
    ended: ended.signal,
    async release() {
      done.abort(new Error('the lock is given back'));
      await settled;
      try {
        await store.change((held) => (held && isOurs(held) ? undefined : held));
      } catch (error) {
        note(`the lock could not be given back (${store.where}): ${messageOf(error)}; it ends by itself within ${lastsMs / 1_000} s`);
      }
    },
  };
}
