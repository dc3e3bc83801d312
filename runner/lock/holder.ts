import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Clock } from '../clock.ts';
import { endsAt, type LockRecord, type LockStore } from './record.ts';

/** Longer than this, a process of that number is another one that was given it anew. */
const believedMs = 60 * 60_000;

/**
 * Whether a lock may be taken over.
 *
 * @param mends the run that is to be put back, if that is why
 */
export function mayTake(held: LockRecord, mends: string | undefined, clock: Clock): boolean {
  if (isAlive(held, clock)) return false;
  const here = held.host === hostname();
  return isOver(held, clock) || (mends !== undefined && (here || held.run === mends));
}

/** Whether it has ended without being given back. */
export function isOver(held: LockRecord, clock: Clock): boolean {
  return clock.wall() > endsAt(held) && !isAlive(held, clock);
}

/** Whether it is known to be alive: a process of this machine. */
export function isAlive({ host, pid, renewed }: LockRecord, clock: Clock): boolean {
  if (host !== hostname() || clock.wall() - Date.parse(renewed) > believedMs) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Why it may not be taken over, and what to do. */
export function whyNot(held: LockRecord, store: LockStore, clock: Clock): string {
  if (held.host !== hostname() || isAlive(held, clock)) {
    return `${describe(held)}; one drill at a time (${store.where}); it ends with: firedrill stop`;
  }
  const died = `run ${held.run} died holding the lock of environment ${held.environment} (${store.where}), which ends by itself at ${new Date(endsAt(held)).toISOString()}`;
  // The journal is there before anything is broken; but who can say that nobody has removed it since?
  if (!existsSync(held.folder)) {
    return `${died}; ${held.folder} is not there: it had not begun, and has broken nothing, or its journal was removed; see what it may have left: firedrill recover --sweep, then firedrill locks --break ${held.run}`;
  }
  return `${died}; put back what it may have left: firedrill recover ${held.folder}`;
}

/** Who holds it, in words. */
export function describe({ run, pid, host, since, environment }: LockRecord): string {
  return `run ${run} (process ${pid} on ${host}, since ${since}) is under way in environment ${environment}`;
}
