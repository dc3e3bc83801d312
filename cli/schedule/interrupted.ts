import { basename, join } from 'node:path';
import { connect } from '../../runner/clients/connect.ts';
import { realClock } from '../../runner/clock.ts';
import type { Environment } from '../../runner/environment.ts';
import { isAlive } from '../../runner/lock/holder.ts';
import { lockStore } from '../../runner/lock/lock.ts';
import { howToRecover, NotBegun, type LeftRun } from '../../runner/recover.ts';
import { findRunOf } from '../../runner/schedule/find-run.ts';
import type { OpenSlot } from '../../runner/schedule/state.ts';
import type { ChosenEnvironment } from '../environment-file.ts';
import { readRun } from '../recover.ts';
import { mask } from '../secrets.ts';
import { version } from '../version.ts';

/**
 * What became of a slot whose scheduler died before it had ended.
 *
 * @param out the folder of runs
 * @returns its run, where it got so far, and what a human does about it
 */
export async function whatItLeft({ begun }: OpenSlot, out: string, { environment, file }: ChosenEnvironment): Promise<{ run?: string; todo: string }> {
  const sweep = `to be sure that nothing is left broken: firedrill recover --sweep --env ${file}`;
  if (!begun) return { todo: `no drill of it was under way; ${sweep}` };
  const name = await findRunOf(out, begun.seed, Date.parse(begun.at));
  if (name === undefined) return { todo: `it had not come so far as to break anything; ${sweep}` };
  const run = join(out, name);
  return { run, todo: todoFor(await readRun(run), await isUnderWay(name, environment), run, out) };
}

function todoFor(left: LeftRun | NotBegun, underWay: boolean, run: string, out: string): string {
  if (underWay) return `run ${basename(run)} is still under way by itself, and undoes what it does; afterwards: firedrill recover ${basename(run)} --out ${out}`;
  if (left instanceof NotBegun) return left.message;
  if (left.open.length > 0) return howToRecover(left);
  return `run ${basename(run)} has left nothing to undo, as far as its journal goes; to be sure: firedrill recover ${basename(run)} --out ${out}`;
}

/** Whether it holds the lock and lives here. Of a lock in the cluster nothing is known that a journal doesn't say. */
async function isUnderWay(run: string, environment: Environment): Promise<boolean> {
  if (environment.lock?.lease) return false;
  const world = connect(environment, { version: version(), clock: realClock, mask });
  try {
    const held = await lockStore(environment, world, realClock).read();
    return held !== undefined && held.run === run && isAlive(held, realClock);
  } finally {
    await world.close();
  }
}
