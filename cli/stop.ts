import { existsSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../runner/clock.ts';
import { ExpectedError, exitCodes, type ExitCode } from '../runner/errors.ts';
import { journalFileName, readJournal } from '../runner/journal-file.ts';
import { askToStop } from '../runner/lock/from-outside.ts';
import { isAlive, whyNot } from '../runner/lock/holder.ts';
import { endsAt, type LockRecord, type LockStore } from '../runner/lock/record.ts';
import { NotBegun } from '../runner/recover.ts';
import { heldLocks, withStores, type LockOptions } from './lock-stores.ts';
import { readRun, recoverRun, tellNotBegun } from './recover.ts';
import { undoneText } from './undone-text.ts';

/** How often to look whether the run has ended, and after how long without a sign of life to give up on it. */
const lookEveryMs = 200;

export interface StopOptions extends LockOptions {
  /** This run and no other. */
  readonly run?: string;
}

/**
 * `firedrill stop`: the big red button. Ends the run that is under way and waits until everything is undone; puts back
 * what a run that died has left.
 *
 * @returns the exit code: 0 when nothing is broken any more, 6 when a human is needed
 * @throws ExpectedError when nothing runs, or it can't be told which run is meant
 */
export async function stopCommand(options: StopOptions): Promise<number> {
  return withStores(options, async (stores) => {
    const all = await heldLocks(stores);
    const held = options.run === undefined ? all : all.filter(({ record }) => record.run === options.run);
    if (held.length === 0 && options.run !== undefined) throw new ExpectedError(`run ${options.run} is not under way here; firedrill locks shows those that are`);
    if (held.length === 0) {
      process.stdout.write(`nothing runs: nobody holds ${stores.map(({ where }) => where).join(" or ") || "a lock on this machine"}; what a run that died has left is put back by: firedrill recover\n`);
      return exitCodes.held;
    }
    if (held.length > 1) {
      const which = held.map(({ record }) => `${record.run} in ${record.environment}`).join(', ');
      throw new ExpectedError(`several runs are under way (${which}); say which environment, with --env or --lab`);
    }
    return stop(held[0]!);
  });
}

async function stop({ store, record }: { store: LockStore; record: LockRecord }): Promise<number> {
  await askToStop(store, `${userInfo().username}@${hostname()}`, realClock);
  const here = record.host === hostname();
  // It would find the wish by itself; this is quicker.
  if (isAlive(record, realClock)) process.kill(record.pid, 'SIGTERM');
  process.stdout.write(`asked run ${record.run} (process ${record.pid} on ${record.host}) to end and to undo\n`);
  for (;;) {
    const now = await store.read();
    if (now?.run !== record.run || now.pid !== record.pid) return outcome(record, here);
    const dead = here ? !isAlive(now, realClock) : realClock.wall() > endsAt(now);
    if (dead && here) {
      process.stdout.write(`run ${record.run} had died\n`);
      if (!existsSync(record.folder)) throw new ExpectedError(whyNot(now, store, realClock), exitCodes.notUndone);
      const left = await readRun(record.folder);
      return left instanceof NotBegun ? tellNotBegun(left, [store]) : recoverRun(left, {});
    }
    if (dead) {
      throw new ExpectedError(
        `run ${record.run} on ${record.host} gives no sign of life; put back what it has left, on that machine: firedrill recover ${record.folder}`,
        exitCodes.notUndone,
      );
    }
    await realClock.sleep(lookEveryMs);
  }
}

/** What the run itself says of its end, where its journal can be read from here. */
async function outcome({ run, folder, host }: LockRecord, here: boolean): Promise<ExitCode> {
  if (!here || !existsSync(join(folder, journalFileName))) {
    process.stdout.write(`run ${run} has ended${here ? '' : `; its report is on ${host} in ${folder}`}\n`);
    return exitCodes.held;
  }
  const entries = await readJournal(folder);
  const undone = entries.filter((entry) => entry.type === 'fault.undone');
  for (const { fault, verified, said } of undone) process.stdout.write(`${undoneText(`fault ${fault}`, { verified, said })}\n`);
  const end = entries.findLast((entry) => entry.type === 'run.ended');
  process.stdout.write(`run ${run} has ended${end ? ` (${end.outcome}: ${end.reason})` : ''}; its report is in ${folder}\n`);
  return undone.every(({ verified }) => verified) ? exitCodes.held : exitCodes.notUndone;
}
