import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../runner/clock.ts';
import { connect } from '../runner/clients/connect.ts';
import { ExpectedError, exitCodes, messageOf } from '../runner/errors.ts';
import { journalFileName } from '../runner/journal-file.ts';
import { freeDeadLock } from '../runner/lock/from-outside.ts';
import { lockStore } from '../runner/lock/lock.ts';
import type { LockStore } from '../runner/lock/record.ts';
import { differenceOf } from '../runner/platform-key.ts';
import { howToRecover, leftRuns, NotBegun, readLeftRun, runNames, type LeftRun } from '../runner/recover.ts';
import { chooseEnvironment } from './environment-file.ts';
import { stepInside } from './inside.ts';
import { withStores } from './lock-stores.ts';
import { putBack } from './put-back.ts';
import { sweepCommand } from './sweep.ts';
import { undoneText } from './undone-text.ts';
import { mask } from './secrets.ts';
import { version } from './version.ts';

export interface RecoverOptions {
  readonly env?: string;
  readonly lab?: string;
  readonly out: string;
  /** By marks, without a journal. */
  readonly sweep?: boolean;
  readonly json?: boolean;
}

/**
 * `firedrill recover`: undoes what a dead run has left, from its journal; with `--sweep`, what all dead runs have left, from
 * the marks on the platform.
 *
 * @param name a run's name below `--out`, or its folder; the newest run that has left something when not given
 * @returns the exit code: 0 when nothing is left, 6 when a human is needed
 * @throws ExpectedError when there is no such run or platform
 */
export async function recoverCommand(name: string | undefined, options: RecoverOptions): Promise<number> {
  if (options.sweep) {
    if (name !== undefined) throw new ExpectedError(`--sweep puts back what all runs have left: leave ${name} out, or --sweep`);
    return sweepCommand(options);
  }
  const run = await findRun(name, options.out);
  if (run instanceof NotBegun) return withStores(options, (stores) => tellNotBegun(run, stores, options.json));
  const code = await recoverRun(run, options);
  const others = (await leftRuns(options.out)).filter(({ folder }) => folder !== run.folder);
  for (const other of others) process.stderr.write(`${howToRecover(other)}\n`);
  return code;
}

/**
 * Puts back what this run has left.
 *
 * @param options the run's own platform when they name none
 * @returns the exit code: 0 when nothing is left, 6 when a human is needed
 */
export async function recoverRun(run: LeftRun, options: Omit<RecoverOptions, 'out'>): Promise<number> {
  const { started, open, leftovers } = run;
  if (open.length + leftovers.length === 0) {
    await freeLockOf(run);
    process.stdout.write(options.json ? '' : `run ${started.run} has left nothing to undo\n`);
    return exitCodes.held;
  }
  const chosen = await chooseEnvironment(options.env === undefined && options.lab === undefined ? platformOf(run) : options);
  if (!chosen) {
    throw new ExpectedError(`run ${started.run} was made in environment ${started.environment.name}; name it with --env or --lab (it was: ${started.command})`);
  }
  const difference = differenceOf(chosen.environment, started.environment);
  if (difference !== undefined) {
    throw new ExpectedError(
      `${chosen.file} is another platform than that of run ${started.run} (environment ${started.environment.name}): its ${difference}; nothing was touched`,
    );
  }
  stepInside(chosen.environment, chosen.file);

  const left = await putBack({
    ...chosen,
    run,
    by: 'firedrill recover',
    note: (text) => void process.stderr.write(`${text}\n`),
    onUndone({ of, id, kind }, { verified, said }) {
      const line = { type: 'undone', run: started.run, [of]: id, kind, verified, said };
      process.stdout.write(`${options.json ? JSON.stringify(line) : undoneText(`${of} ${id}`, line)}\n`);
    },
  });
  if (left.length === 0) return exitCodes.held;
  process.stderr.write(`run ${started.run}: a human is needed, then firedrill recover again\n`);
  return exitCodes.notUndone;
}

/** Frees the lock that such a run may hold, among these. */
export async function tellNotBegun({ run, message }: NotBegun, stores: readonly LockStore[], json = false): Promise<number> {
  for (const store of stores) await freeDeadLock(store, run, realClock);
  process.stdout.write(json ? '' : `${message}\n`);
  return exitCodes.held;
}

/** The lock that the run died holding, where it can be reached from here: otherwise it ends by itself. */
async function freeLockOf({ started }: LeftRun): Promise<void> {
  const world = connect(started.environment, { run: started.run, version: version(), clock: realClock, mask });
  try {
    await freeDeadLock(lockStore(started.environment, world, realClock), started.run, realClock);
  } catch (error) {
    process.stderr.write(`the lock of environment ${started.environment.name} could not be looked at: ${messageOf(error)}\n`);
  } finally {
    await world.close();
  }
}

async function findRun(name: string | undefined, out: string): Promise<LeftRun | NotBegun> {
  if (name !== undefined) {
    const folder = [join(out, name), name].find((one) => existsSync(join(one, journalFileName)));
    if (folder !== undefined) return readRun(folder);
    throw new ExpectedError(`there is no run ${name} in ${out}, and ${name} is no run's folder; say where its runs are kept with --out`);
  }
  const [left] = await leftRuns(out);
  if (left) return left;
  const newest = (await runNames(out)).find((run) => existsSync(join(out, run, journalFileName)));
  if (newest === undefined) throw new ExpectedError(`there is no run in ${out}; say where they are kept with --out, or put back what is marked on the platform with --sweep`);
  return readRun(join(out, newest));
}

/** @throws ExpectedError when it is no run's folder */
export async function readRun(folder: string): Promise<LeftRun | NotBegun> {
  try {
    return await readLeftRun(folder);
  } catch (error) {
    if (error instanceof NotBegun) return error;
    throw error;
  }
}

/** The platform that the run's own command named. */
function platformOf({ started }: LeftRun): { env?: string; lab?: string } {
  const option = (flag: string): string | undefined => new RegExp(`${flag} (?:'([^']*)'|(\\S+))`).exec(started.command)?.slice(1).find(Boolean);
  const [env, lab] = [option('--env'), option('--lab')];
  return { ...(env === undefined ? {} : { env }), ...(lab === undefined ? {} : { lab }) };
}
