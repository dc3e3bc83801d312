import { resolve } from 'node:path';
import { connect } from '../runner/clients/connect.ts';
import { realClock } from '../runner/clock.ts';
import type { Environment } from '../runner/environment.ts';
import { ExpectedError, exitCodes, Refused } from '../runner/errors.ts';
import { loadKinds } from '../runner/kinds.ts';
import { lockStore, takeLock, type Lock } from '../runner/lock/lock.ts';
import { howToRecover, leftRuns } from '../runner/recover.ts';
import { sweep, titleOf, type Swept } from '../runner/sweep.ts';
import type { World } from '../runner/world.ts';
import { chooseEnvironment } from './environment-file.ts';
import { stepInside } from './inside.ts';
import { undoneText } from './undone-text.ts';
import { mask } from './secrets.ts';
import { version } from './version.ts';

export interface SweepOptions {
  readonly env?: string;
  readonly lab?: string;
  readonly out: string;
  readonly json?: boolean;
}

/**
 * `firedrill recover --sweep`: puts back everything on a platform that carries firedrill's marks.
 *
 * @returns the exit code: 0 when nothing is left, 6 when a human is needed
 * @throws ExpectedError when no platform was named, or a run is alive on it: nothing was touched
 */
export async function sweepCommand({ json = false, ...options }: SweepOptions): Promise<number> {
  const chosen = await chooseEnvironment(options);
  if (!chosen) throw new ExpectedError('say which platform to sweep, with --env or --lab');
  const { environment, file } = chosen;
  stepInside(environment, file);

  const kinds = await loadKinds();
  const id = `sweep-${new Date(realClock.wall()).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
  const say = (text: string, line: object): void => void process.stdout.write(`${json ? JSON.stringify(line) : text}\n`);
  const world = connect(environment, { run: id, version: version(), clock: realClock, mask });
  try {
    const lock = await lockOf(environment, world, id, resolve(options.out));
    try {
      const swept = await sweep({
        world,
        kinds,
        clock: realClock,
        onUndone: (found, undone) => say(undoneText(titleOf(found), undone), { type: 'undone', ...named(found), ...undone }),
        note: (text) => void process.stderr.write(`${text}\n`),
      });
      conclude(swept, environment, say);
      for (const run of await leftRuns(options.out, environment)) process.stderr.write(`its journal does not know of this yet: ${howToRecover(run)}\n`);
      return swept.forHuman.length === 0 ? exitCodes.held : exitCodes.notUndone;
    } finally {
      await lock.release();
    }
  } finally {
    await world.close();
  }
}

/** Whoever holds the lock is alive, and what it broke is its own to put back. */
async function lockOf(environment: Environment, world: World, run: string, folder: string): Promise<Lock> {
  const store = lockStore(environment, world, realClock);
  try {
    return await takeLock({ environment, store, run, folder, clock: realClock, mending: true });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const how = 'what a live run has broken is not swept; stop it first, and it puts everything back itself: firedrill stop';
    throw new Refused([...error.reasons, how]);
  }
}

function named({ things, ...found }: Swept['undone'][number]): object {
  return { ...found, things: things.map(({ type, id, namespace, name }) => ({ type, id, namespace, name })) };
}

function conclude({ undone, forHuman, elsewhere }: Swept, environment: Environment, say: (text: string, line: object) => void): void {
  for (const { environment: other, run, things } of elsewhere) {
    say(`left alone: ${things.join(', ')}: run ${run} of environment ${other}; sweep it with that environment's file`, { type: 'elsewhere', environment: other, run, things });
  }
  for (const one of forHuman) say(`A HUMAN IS NEEDED: ${one.what}: ${one.why}; ${one.todo}`, { type: 'human', ...one });
  const runs = new Set(undone.map(({ run }) => run)).size;
  const done = `put back ${undone.length} fault${undone.length === 1 ? '' : 's'} of ${runs} run${runs === 1 ? '' : 's'}`;
  const nothing = `nothing${elsewhere.length > 0 ? ' else' : ''} in environment ${environment.name} carries firedrill's marks`;
  const text = forHuman.length > 0 ? `${undone.length > 0 ? `${done}; ` : ''}a human is needed, then sweep again` : undone.length > 0 ? `${done}; ${nothing} any more` : nothing;
  say(text, { type: 'swept', undone: undone.length, human: forHuman.length, elsewhere: elsewhere.length });
}
