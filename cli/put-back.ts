import { realClock } from '../runner/clock.ts';
import { connect } from '../runner/clients/connect.ts';
import { loadKinds } from '../runner/kinds.ts';
import { lockStore, takeLock } from '../runner/lock/lock.ts';
import { recover, type LeftRun, type RecoverInput } from '../runner/recover.ts';
import type { ChosenEnvironment } from './environment-file.ts';
import { mask } from './secrets.ts';
import { version } from './version.ts';

export interface PutBackInput extends ChosenEnvironment {
  readonly run: LeftRun;
  /** Who does it, for the journal: `firedrill recover`. */
  readonly by: string;
  readonly onUndone: RecoverInput['onUndone'];
  /** A line for people. */
  note(text: string): void;
}

/**
 * Undoes what a dead run has left, under the lock of its environment.
 *
 * @returns what could not be undone, with what a human must do
 * @throws Refused when another holds the lock; ExpectedError when this is another account or cluster
 */
export async function putBack({ run, environment, by, onUndone, note }: PutBackInput): Promise<readonly string[]> {
  const kinds = await loadKinds();
  const { started, folder } = run;
  const world = connect(environment, { run: started.run, version: version(), clock: realClock, mask });
  try {
    const store = lockStore(environment, world, realClock);
    const lock = await takeLock({ environment, store, run: started.run, folder, clock: realClock, mending: true, note });
    try {
      return await recover({ run, world, kinds, clock: realClock, by, onUndone });
    } finally {
      await lock.release();
    }
  } finally {
    await world.close();
  }
}
