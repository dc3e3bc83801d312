import type { Environment } from '../runner/environment.ts';
import { realClock } from '../runner/clock.ts';
import { openJournal, type Journal } from '../runner/journal-file.ts';
import type { Entry } from '../runner/journal.ts';
import { copyTo } from '../runner/watchdog/copied-journal.ts';
import type { World } from '../runner/world.ts';
import { mask } from './secrets.ts';
import { startWatchdogJob } from './watched-job.ts';
import { startWatchdog } from './watched.ts';

export interface ArmInput {
  readonly environment: Environment;
  readonly world: World;
  readonly run: { readonly id: string; readonly drill: string };
  /** The run's folder, absolute. */
  readonly folder: string;
  /** How the platform was named on the command line. */
  readonly platform: { readonly env?: string; readonly lab?: string };
  /** False: nothing that this run breaks has to be undone, or nobody wants a watchdog. */
  readonly watchdog: boolean;
  onEntry(entry: Entry): void;
}

/** A journal, and somebody who undoes from it what is left when this process is gone. */
export interface Armed {
  readonly journal: Journal;
  /** Nothing is left to do. Not called, the watchdog takes this process for gone when it ends. */
  end(): Promise<void>;
}

/**
 * Opens the journal of a run, and starts the watchdog where the environment says that it has to be.
 *
 * @throws ExpectedError when one of them can't be had: nothing may be broken then
 */
export async function arm({ environment, world, run, folder, platform, watchdog, onEntry }: ArmInput): Promise<Armed> {
  if (watchdog && environment.watchdog) {
    const job = await startWatchdogJob(environment.watchdog.job, run, world);
    const copying = copyTo(job.records);
    const tell = (entry: Entry): void => [onEntry, copying.onEntry].forEach((listen) => listen(entry));
    const journal = await openJournal({ folder, clock: realClock, mask, onEntry: tell });
    return { journal: copying.committing(journal), end: () => job.end() };
  }
  const journal = await openJournal({ folder, clock: realClock, mask, onEntry });
  if (!watchdog) return { journal, end: async () => {} };
  const watched = startWatchdog(folder, platform, (why) => journal.append('note', { text: `the watchdog is gone: ${why}` }));
  return { journal, end: async () => watched.end() };
}
