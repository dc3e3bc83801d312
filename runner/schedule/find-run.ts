import { join } from 'node:path';
import { readJournalIfAny } from '../journal-file.ts';
import { runNames } from '../recover.ts';
import { runStamp } from '../run-name.ts';

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
  const earliest = runStamp(sinceMs - slackMs);
  for (const name of await runNames(out)) {
    if (!/^\d{8}T\d{6}Z-/.test(name) || name < earliest) continue;
    if ((await seedOfRun(join(out, name))) === seed) return name;
  }
  return undefined;
}

async function seedOfRun(folder: string): Promise<number | undefined> {
  return (await readJournalIfAny(folder))?.find((entry) => entry.type === 'run.started')?.seed;
}
