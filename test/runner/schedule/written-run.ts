import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../../../runner/environment.ts';
import type { Target, UndoRecord } from '../../../runner/fault.ts';
import type { Entry } from '../../../runner/journal.ts';
import type { Scenario } from '../../../scenarios/schema.ts';

export interface WrittenRun {
  readonly seed: number;
  readonly environment: Environment;
  readonly scenario: Scenario;
  readonly targets: readonly Target[];
  readonly at: string;
  /** Left open when given. */
  readonly undo?: UndoRecord;
}

/** Writes the journal of a run that has injected one fault and stopped there. */
export async function makeRun(out: string, name: string, { seed, environment, scenario, targets, at, undo }: WrittenRun): Promise<void> {
  const entries: Entry[] = [
    { seq: 0, at, t: 0, type: 'run.started', version: 1, run: name, firedrill: '0', node: '24', command: 'firedrill run drill --env e.yaml', seed, scenario, source: 'drill', environment },
    { seq: 1, at, t: 1, type: 'fault.intent', fault: 'f', kind: 'asg-suspend', says: 'suspend Launch', sum: '', targets, undo: undo ?? null },
    { seq: 2, at, t: 2, type: 'fault.injected', fault: 'f' },
  ];
  await mkdir(join(out, name), { recursive: true });
  await writeFile(join(out, name, 'journal.ndjson'), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}
