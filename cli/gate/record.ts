import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ExpectedError, messageOf } from '../../runner/errors.ts';
import type { GateResult } from '../../runner/gate/result.ts';
import { isRunId, runId } from '../run-id.ts';

const fileName = 'gate.json';

const recordSchema = z.object({
  schemaVersion: z.literal(1),
  gate: z.string(),
  suite: z.string(),
  baselinePath: z.string(),
  runs: z.array(z.object({ drill: z.string(), run: z.string(), exitCode: z.number(), measure: z.string() })),
});

/** What a gate leaves behind for `firedrill baseline update`, and for programs. */
export type GateRecord = z.output<typeof recordSchema>;

/** The name of a gate: beside those of runs, and in the order of time with them. */
export function gateId(wallMs: number): string {
  return runId('gate', wallMs);
}

/** Makes the folder of a gate. @throws ExpectedError when that can't be done */
export function makeGateFolder(out: string, gate: string): string {
  const folder = join(out, gate);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new ExpectedError(`${folder} can't be made: ${messageOf(error)}; say where to keep runs with --out`);
  }
  return folder;
}

/** Writes `gate.json`. */
export function writeRecord(folder: string, result: GateResult, baselinePath: string): string {
  const { runs, notRun, ...rest } = result;
  const record = {
    ...rest,
    baselinePath,
    runs: runs.map(({ drill, round, run, exitCode, startedAt, tookMs, judged, lastWords }) => ({
      drill: drill.id, round, run, exitCode, startedAt, tookMs, measure: drill.measure, verdict: judged?.verdict.value ?? null, headline: judged?.verdict.headline ?? lastWords,
    })),
    notRun: notRun.map(({ drill, round, why }) => ({ drill: drill.id, round, why })),
  };
  const path = join(folder, fileName);
  writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`);
  return path;
}

/**
 * What a gate has left.
 *
 * @param gate its name; the newest in `out` by default
 * @throws ExpectedError when there is none
 */
export function readRecord(out: string, gate?: string): GateRecord {
  const name = gate ?? newest(out);
  if (name === undefined) throw new ExpectedError(`there is no gate in ${out}; run one first: firedrill gate …, or say where with --out`);
  const path = join(out, name, fileName);
  try {
    return recordSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new ExpectedError(`${path} is not what a gate leaves: ${messageOf(error)}; give the name of a gate in ${out}`);
  }
}

function newest(out: string): string | undefined {
  try {
    return readdirSync(out).filter((name) => isRunId(name) && name.includes('-gate-')).sort().at(-1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
