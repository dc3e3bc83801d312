import { join } from 'node:path';
import { ExpectedError } from '../errors.ts';
import { readJournal } from '../journal-file.ts';
import { runNames } from '../recover.ts';

/** A run begins after its slot was claimed; clocks that were set meanwhile are off by no more than this. */
const slackMs = 2 * 3_600_000;

/**
 * The run that a slot's drill has made: known by the seed, which the slot draws.
 *
 * @param out the folder of runs
 * @param sinceMs when it can have begun at the earliest: UTC, milliseconds since 1970
 * @returns its name; undefined when it has not got so far as a journal
 */
export async function findRunOf(out: string, seed: number, sinceMs: number): Promise<string | undefined> {
  const earliest = new Date(sinceMs - slackMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  for (const name of await runNames(out)) {
    if (!/^\d{8}T\d{6}Z-/.test(name) || name < earliest) continue;
    if ((await seedOfRun(join(out, name))) === seed) return name;
  }
  return undefined;
}

async function seedOfRun(folder: string): Promise<number | undefined> {
  try {
    return (await readJournal(folder)).find((entry) => entry.type === 'run.started')?.seed;
  } catch (error) {
    // A folder that is no run's, or a run that has not written a line yet.
    if (error instanceof ExpectedError) return undefined;
    throw error;
  }
}
