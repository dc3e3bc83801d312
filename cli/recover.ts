import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../runner/clock.ts';
import { connect } from '../runner/clients/connect.ts';
import { ExpectedError, exitCodes } from '../runner/errors.ts';
import { journalFileName } from '../runner/journal-file.ts';
import { loadKinds } from '../runner/kinds.ts';
import { platformKey, takeLock } from '../runner/lock.ts';
import { leftRuns, readLeftRun, recover, runNames, type LeftRun } from '../runner/recover.ts';
import { visible } from '../reports/words/untrusted.ts';
import { chooseEnvironment } from './environment-file.ts';
import { stepInside } from './inside.ts';
import { mask } from './secrets.ts';
import { version } from './version.ts';

export interface RecoverOptions {
  readonly env?: string;
  readonly lab?: string;
  readonly out: string;
}

/**
 * `firedrill recover`: undoes what a dead run has left, from its journal.
 *
 * @param name a run's name below `--out`, or its folder; the newest run that has left something when not given
 * @returns the exit code: 0 when nothing is left, 6 when a human is needed
 * @throws ExpectedError when there is no such run or platform
 */
export async function recoverCommand(name: string | undefined, options: RecoverOptions): Promise<number> {
  const run = await findRun(name, options.out);
  const { started, open } = run;
  if (open.length === 0) {
    process.stdout.write(`run ${started.run} has left nothing to undo\n`);
    return exitCodes.held;
  }
  const chosen = await chooseEnvironment(options.env === undefined && options.lab === undefined ? platformOf(run) : options);
  if (!chosen) {
    throw new ExpectedError(`run ${started.run} was made in environment ${started.environment.name}; name it with --env or --lab (it was: ${started.command})`);
  }
  const { environment, file } = chosen;
  if (platformKey(environment) !== platformKey(started.environment)) {
    throw new ExpectedError(
      `${file} is another platform than that of run ${started.run} (environment ${started.environment.name}); nothing was touched`,
    );
  }
  stepInside(environment, file);

  const kinds = await loadKinds();
  const world = connect(environment, { run: started.run, version: version(), clock: realClock, mask });
  try {
    const lock = await takeLock(environment, started.run, realClock);
    try {
      const left = await recover({
        run,
        world,
        kinds,
        clock: realClock,
        onUndone: ({ id }, { verified, said }) => process.stdout.write(`${verified ? 'undone' : 'NOT UNDONE'}: fault ${id}: ${visible(said)}\n`),
      });
      if (left.length === 0) return exitCodes.held;
      process.stderr.write(`run ${started.run}: a human is needed, then firedrill recover again\n`);
      return exitCodes.notUndone;
    } finally {
      await lock.release();
    }
  } finally {
    await world.close();
  }
}

async function findRun(name: string | undefined, out: string): Promise<LeftRun> {
  if (name !== undefined) {
    const folder = [join(out, name), name].find((one) => existsSync(join(one, journalFileName)));
    if (folder !== undefined) return readLeftRun(folder);
    throw new ExpectedError(`there is no run ${name} in ${out}, and ${name} is no run's folder; say where its runs are kept with --out`);
  }
  const [left] = await leftRuns(out);
  if (left) return left;
  const newest = (await runNames(out)).find((run) => existsSync(join(out, run, journalFileName)));
  if (newest === undefined) throw new ExpectedError(`there is no run in ${out}; say where they are kept with --out`);
  return readLeftRun(join(out, newest));
}

/** The platform that the run's own command named. */
function platformOf({ started }: LeftRun): { env?: string; lab?: string } {
  const option = (flag: string): string | undefined => new RegExp(`${flag} (?:'([^']*)'|(\\S+))`).exec(started.command)?.slice(1).find(Boolean);
  const [env, lab] = [option('--env'), option('--lab')];
  return { ...(env === undefined ? {} : { env }), ...(lab === undefined ? {} : { lab }) };
}
