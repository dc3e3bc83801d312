import { realClock } from '../runner/clock.ts';
import { exitCodes, messageOf } from '../runner/errors.ts';
import { readLeftRun } from '../runner/recover.ts';
import type { ChosenEnvironment } from './environment-file.ts';
import { putBack } from './put-back.ts';
import { undoneText } from './undone-text.ts';

const tryAgainMs = 10_000;

/**
 * Undoes what a run has left, again and again until nothing is.
 *
 * @param folder with the run's journal
 */
export async function putAllBack(folder: string, chosen: ChosenEnvironment): Promise<number> {
  for (;;) {
    const run = await readLeftRun(folder);
    const left = [...run.open, ...run.leftovers];
    if (left.length === 0) return exitCodes.held;
    say(`the harness of run ${run.started.run} is gone; putting back ${left.map(({ id }) => id).join(', ')}`);
    try {
      const notBack = await putBack({ ...chosen, run, by: 'firedrill watchdog', note: say, onUndone: ({ of, id }, undone) => say(undoneText(`${of} ${id}`, undone)) });
      if (notBack.length === 0) return exitCodes.held;
    } catch (error) {
      if (!(error instanceof Error && 'exitCode' in error)) throw error;
      // Somebody else recovers it, or the platform can't be reached yet.
      say(messageOf(error));
    }
    await realClock.sleep(tryAgainMs);
  }
}

/** Its output is the file watchdog.log in the run's folder, or the pod's log. */
export function say(line: string): void {
  process.stdout.write(`${new Date(realClock.wall()).toISOString()} ${line}\n`);
}
