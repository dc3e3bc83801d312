import { join } from 'node:path';
import { runNames } from '../../runner/recover.ts';
import { partsOfRunName } from '../../runner/run-name.ts';
import { lastRun, type LastRun } from '../../runner/schedule/status.ts';
import { judgedRun } from '../judged-run.ts';

/** The newest run of each drill that has one, newest first. Only those are read: journals are long. */
export async function lastRuns(out: string): Promise<LastRun[]> {
  const found = new Map<string, LastRun>();
  for (const name of await runNames(out)) {
    const drill = partsOfRunName(name)?.drill;
    if (drill === undefined || found.has(drill)) continue;
    // One that died before it had begun says nothing of its drill.
    const judged = await judgedRun(join(out, name));
    if (judged) found.set(drill, lastRun(judged));
  }
  return [...found.values()];
}
