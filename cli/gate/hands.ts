import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../../runner/clock.ts';
import { ExpectedError, exitCodes } from '../../runner/errors.ts';
import type { Hands } from '../../runner/gate/drive.ts';
import type { EndedRun, PlannedRun } from '../../runner/gate/result.ts';
import type { Lack } from '../../runner/gate/whole.ts';
import { howToRecover, leftRuns } from '../../runner/recover.ts';
import { seeded, type Rng } from '../../runner/rng.ts';
import { childEnd, exitNumber, thisProgram } from '../child.ts';
import { drillWords } from '../drill-words.ts';
import { judgedRun } from '../judged-run.ts';
import { runId } from '../run-id.ts';
import type { Platforms } from './platforms.ts';
import type { LoadedDrill } from './suite.ts';

export interface HandsInput {
  readonly drills: readonly LoadedDrill[];
  readonly platforms: Platforms;
  /** Where runs are kept. */
  readonly out: string;
  /** Where what runs say is kept, a file each. */
  readonly folder: string;
  /** The targets of all runs are drawn from it. */
  readonly seed: number;
  readonly allowProtected?: string | undefined;
}

/**
 * The hands of a gate: each run is a process of its own, the very command that a user would give. What one does to itself
 * hurts no other, its exit code is true, and it goes on, and undoes, when the gate is killed.
 */
export function realHands(input: HandsInput): Hands {
  const { platforms, out } = input;
  const rng = seeded(input.seed);
  return {
    clock: realClock,
    run: (planned, signal) => runOnce(planned, signal, input, rng),
    look: async (environment, signal) => look(platforms.get(environment)!.flags, signal),
    left: async (environment) => (await leftRuns(out, platforms.get(environment)!.environment)).map(howToRecover),
  };
}

function firedrill(args: readonly string[], stdio: ['ignore', number | 'pipe', number | 'pipe']): ChildProcess {
  const [node, ...program] = thisProgram();
  // The gate writes the step's summary itself, one for all.
  return spawn(node!, [...program, ...args], { stdio, env: { ...process.env, GITHUB_STEP_SUMMARY: '' } });
}

async function runOnce(planned: PlannedRun, signal: AbortSignal, { drills, platforms, out, folder, allowProtected }: HandsInput, rng: Rng): Promise<EndedRun> {
  const { drill } = planned;
  const { source, set } = drills.find((one) => one.drill === drill)!;
  const wallMs = realClock.wall();
  const startMs = realClock.now();
  const run = runId(drill.name, wallMs);
  const words = drillWords({ drill: source, set, seed: Math.floor(rng.next() * 2 ** 32) }, platforms.get(drill.environment)!.flags, allowProtected);
  const path = join(folder, `${run}.log`);
  // Into a file and no pipe: a run goes on, and undoes, when the gate is killed.
  const log = openSync(path, 'w');
  const child = firedrill(['run', ...words, '--out', out, '--id', run, '--yes'], ['ignore', log, log]);
  closeSync(log);
  const ended = await childEnd(child, signal, 'SIGINT');
  return {
    ...planned,
    run,
    exitCode: exitNumber(ended),
    startedAt: new Date(wallMs).toISOString(),
    tookMs: realClock.now() - startMs,
    judged: (await judgedRun(join(out, run))) ?? null,
    lastWords: lastWordsOf(readFileSync(path, 'utf8'), ended.killedBy),
  };
}

function lastWordsOf(log: string, killedBy: NodeJS.Signals | null): string {
  if (killedBy !== null) return `killed by ${killedBy}`;
  return log.trim().split('\n').at(-1) ?? '';
}

async function look(flags: readonly string[], signal: AbortSignal): Promise<readonly Lack[]> {
  const child = firedrill(['whole', '--json', ...flags], ['ignore', 'pipe', 'pipe']);
  let [stdout, stderr] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => void (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => void (stderr += text));
  const { code } = await childEnd(child, signal, 'SIGKILL');
  const told: readonly (number | null)[] = [exitCodes.held, exitCodes.inconclusive];
  if (stdout === '' || !told.includes(code)) throw new ExpectedError(stderr.trim().split('\n').at(-1) || `firedrill whole ended with exit code ${code}`);
  return (JSON.parse(stdout) as { lacks: readonly Lack[] }).lacks;
}
