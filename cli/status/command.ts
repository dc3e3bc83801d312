import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import { realClock } from '../../runner/clock.ts';
import { exitCodes } from '../../runner/errors.ts';
import { isAlive, isOver } from '../../runner/lock/holder.ts';
import type { LockRecord } from '../../runner/lock/record.ts';
import { leftRuns } from '../../runner/recover.ts';
import { stateOf } from '../../runner/schedule/state.ts';
import { readRecords } from '../../runner/schedule/state-file.ts';
import { nextSlots, type Broken, type Status } from '../../runner/schedule/status.ts';
import { chooseEnvironment } from '../environment-file.ts';
import { stepInside } from '../inside.ts';
import { heldLocks, withStores } from '../lock-stores.ts';
import { stateLockStore } from '../schedule/state-lock.ts';
import { visibleLines } from '../visible-lines.ts';
import { lastRuns } from './last-runs.ts';
import { platformMarks } from './platform-marks.ts';
import { statusText } from './text.ts';

export interface StatusOptions {
  readonly state?: string;
  readonly out: string;
  readonly env?: string;
  readonly lab?: string;
  readonly json?: boolean;
}

/**
 * `firedrill status`: the next slots, the last verdicts, and whether anything is broken right now. Touches nothing.
 *
 * @returns the exit code: 0 when nothing is broken, 6 when something is, 4 when that could not be told
 */
export async function statusCommand(options: StatusOptions): Promise<number> {
  const chosen = await chooseEnvironment(options);
  if (chosen) stepInside(chosen.environment, chosen.file);
  const locks = await withStores(options, heldLocks);
  // What runs elsewhere is known by its renewals alone.
  const lives = (record: LockRecord): boolean => isAlive(record, realClock) || (record.host !== hostname() && !isOver(record, realClock));
  const underWay = locks.flatMap(({ record }) => (lives(record) ? [record.run] : []));
  const left = await leftRuns(options.out, chosen?.environment);
  const marks = chosen ? await platformMarks(chosen, underWay) : { broken: [], unknown: [] };
  const broken: Broken[] = [
    ...left
      .filter(({ started }) => !underWay.includes(started.run))
      .map(({ started, open, folder }) => ({
        what: `run ${started.run} has left ${open.map(({ id, says }) => `fault ${id} (${says})`).join(', ')} not undone`,
        todo: `firedrill recover ${basename(folder)} --out ${dirname(folder)}`,
      })),
    ...locks
      .filter(({ record }) => !lives(record) && !isOver(record, realClock) && !left.some(({ started }) => started.run === record.run))
      .map(({ record, store }) => ({ what: `run ${record.run} has died holding the lock of environment ${record.environment} (${store.where})`, todo: `firedrill recover ${record.folder}` })),
    ...marks.broken,
  ];
  const status: Status = {
    ...(options.state === undefined ? {} : { schedule: await scheduleStatus(options.state) }),
    last: await lastRuns(options.out),
    underWay,
    broken,
    unknown: marks.unknown,
  };
  process.stdout.write(options.json ? `${JSON.stringify(status, null, 2)}\n` : visibleLines(statusText(status)));
  if (broken.length > 0) return exitCodes.notUndone;
  return status.unknown.length > 0 ? exitCodes.inconclusive : exitCodes.held;
}

async function scheduleStatus(folder: string): Promise<NonNullable<Status['schedule']>> {
  const records = await readRecords(folder);
  const held = await stateLockStore(folder, realClock).read();
  const atWork = held !== undefined && !isOver(held, realClock);
  return {
    scheduler: atWork ? { pid: held.pid, host: held.host, since: held.since } : null,
    next: nextSlots(records, realClock.wall()),
    open: stateOf(records).open.map(({ claimed }) => claimed.slot),
  };
}
