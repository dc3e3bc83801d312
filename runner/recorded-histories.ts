import { join } from 'node:path';
import type { RecordedHistory } from './consistency/judge-recorded.ts';
import { readHistory } from './consistency/read-history.ts';
import { noLimit } from './consistency/verdict.ts';
import { ExpectedError } from './errors.ts';
import type { History } from './history.ts';

/** The histories beside a run's journal that it says are whole, by their probes. One that isn't there, or not so, says why. */
export async function recordedHistories(folder: string, { recorded }: Pick<History, 'recorded'>): Promise<ReadonlyMap<string, RecordedHistory>> {
  const found = new Map<string, RecordedHistory>();
  for (const { probe, file, lines } of recorded) found.set(probe, await readRecorded(join(folder, file), lines));
  return found;
}

async function readRecorded(path: string, lines: number): Promise<RecordedHistory> {
  try {
    const read = await readHistory(path, 'firedrill', noLimit);
    if (read.kind !== 'etcd') return { why: `${path} is no history of etcd` };
    const { history } = read;
    const there = 1 + history.length + history.watches.length + history.hashes.length;
    return there === lines ? history : { why: `${path} has ${there} lines and was written with ${lines}` };
  } catch (error) {
    if (error instanceof ExpectedError) return { why: error.message };
    throw error;
  }
}
