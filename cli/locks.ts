import { hostname } from 'node:os';
import { realClock } from '../runner/clock.ts';
import { ExpectedError, exitCodes } from '../runner/errors.ts';
import { breakLock } from '../runner/lock/from-outside.ts';
import { isAlive, isOver } from '../runner/lock/holder.ts';
import { endsAt, type LockRecord } from '../runner/lock/record.ts';
import { heldLocks, withStores, type LockOptions } from './lock-stores.ts';

export interface LocksOptions extends LockOptions {
  /** The run whose lock is to be taken away. */
  readonly break?: string;
  readonly json?: boolean;
}

/**
 * `firedrill locks`: shows who holds the lock of an environment, and breaks one.
 *
 * @returns the exit code
 * @throws ExpectedError when the run whose lock is to be broken holds none; Refused when it is alive
 */
export async function locksCommand(options: LocksOptions): Promise<number> {
  return withStores(options, async (stores) => {
    const held = await heldLocks(stores);
    const { break: run } = options;
    if (run !== undefined) {
      const one = held.find(({ record }) => record.run === run);
      if (!one) throw new ExpectedError(`run ${run} holds no lock here; firedrill locks shows those that are held`);
      await breakLock(one.store, run, realClock);
      process.stdout.write(`broken: ${one.store.where}; what run ${run} may have left is put back by: firedrill recover ${one.record.folder}\n`);
      return exitCodes.held;
    }
    if (options.json) process.stdout.write(`${JSON.stringify(held.map(({ store, record }) => ({ ...record, where: store.where, state: stateOf(record) })), null, 2)}\n`);
    else if (held.length === 0) process.stdout.write('no environment is locked\n');
    else for (const { store, record } of held) process.stdout.write(`${textOf(record, store.where)}\n`);
    return exitCodes.held;
  });
}

function textOf(record: LockRecord, where: string): string {
  return [
    `${record.environment}: run ${record.run}, ${wordsFor[stateOf(record)](record)}`,
    `  process ${record.pid} on ${record.host}, since ${record.since}; ${where}`,
    `  journal in ${record.folder}`,
    ...(record.stop ? [`  ${record.stop.by} asked it to stop at ${record.stop.at}`] : []),
  ].join('\n');
}

type State = 'under way' | 'died' | 'over';

function stateOf(record: LockRecord): State {
  if (isAlive(record, realClock)) return 'under way';
  // What runs elsewhere is known by its renewals alone.
  if (isOver(record, realClock)) return 'over';
  return record.host === hostname() ? 'died' : 'under way';
}

const wordsFor: Readonly<Record<State, (record: LockRecord) => string>> = {
  'under way': () => 'under way',
  died: (record) => `died; the lock ends at ${new Date(endsAt(record)).toISOString()}`,
  over: (record) => `died; the lock ended at ${new Date(endsAt(record)).toISOString()} and is free to be taken`,
};
