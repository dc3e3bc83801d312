import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Scenario } from '../../scenarios/schema.ts';
import { longestDrillMs } from '../../runner/drill-length.ts';
import type { Environment } from '../../runner/environment.ts';
import { exitCodes, messageOf } from '../../runner/errors.ts';
import { dayRunOf, type DayRun } from '../../runner/gameday/day.ts';
import type { PlannedDrill } from '../../runner/gameday/draw.ts';
import type { Entry } from '../../runner/journal.ts';
import { childEnd } from '../child.ts';
import { drillWords, platformWords } from '../drill-words.ts';
import { judgedRun } from '../judged-run.ts';
import { planText } from '../plan.ts';
import { readPrintedPlan } from '../printed-plan.ts';
import type { DrillRunner } from './drill-runner.ts';

export interface DrillProcessOptions {
  /** This very program: Node, and the file that it runs. */
  readonly program: readonly string[];
  readonly platform: { readonly env?: string; readonly lab?: string };
  readonly environment: Environment;
  /** Where runs are kept. */
  readonly out: string;
  readonly allowProtected?: string | undefined;
  scenarioOf(drill: PlannedDrill): Promise<Scenario>;
}

/** How many of its last lines a process that failed is quoted by. */
const mostSaid = 8;

/**
 * Each drill is a process of its own, the same command that is typed by hand: what ends one of them doesn't end the day, and its
 * exit code is that of `firedrill run`.
 */
export function drillProcesses({ program, platform, environment, out, allowProtected, scenarioOf }: DrillProcessOptions): DrillRunner {
  const words = (drill: PlannedDrill): string[] => {
    const [name = '', ...rest] = drillWords(drill, platformWords(platform), allowProtected);
    return [name, '--json', ...rest];
  };
  const judged = async (run: string): Promise<DayRun | null> => {
    const found = await judgedRun(join(out, run));
    return found ? dayRunOf(found) : null;
  };
  return {
    judged,
    async look(drill, stop) {
      const printed: string[] = [];
      const { code, said } = await runProgram([...program, 'plan', ...words(drill)], { onOutput: (line) => printed.push(line), onError() {} }, stop);
      stop.throwIfAborted();
      const seen = readPrintedPlan(printed.join('\n'));
      if (!seen) return { code: code === exitCodes.held || code === null ? exitCodes.inconclusive : code, said, text: '', hash: '', takesMs: 0 };
      const scenario = await scenarioOf(drill);
      return { code: seen.refusals.length > 0 ? exitCodes.refused : exitCodes.held, said: seen.refusals, text: planText(scenario, environment, seen, drill.seed).trimEnd(), hash: seen.hash, takesMs: longestDrillMs(scenario, seen.plan.faults) };
    },
    async run(drill, plan, { onEntry, onLine }, stop) {
      let run: string | undefined;
      const onOutput = (line: string): void => {
        const entry = readEntry(line);
        if (!entry) return;
        if (entry.type === 'run.started') run = entry.run;
        onEntry(entry);
      };
      const ended = await runProgram([...program, 'run', ...words(drill), '--yes', '--plan', plan, '--out', out], { onOutput, onError: onLine }, stop);
      return { ...ended, run: run === undefined ? null : await judged(run) };
    },
  };
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly said: readonly string[];
}

/** Runs a program to its end. It is asked once to end when `stop` aborts, and waited for all the same. */
async function runProgram([file = '', ...args]: readonly string[], { onOutput, onError }: { onOutput(line: string): void; onError(line: string): void }, stop: AbortSignal): Promise<Ended> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', onOutput);
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    if (said.length > mostSaid) said.shift();
    onError(line);
  });
  try {
    const { code, killedBy } = await childEnd(child, stop, 'SIGINT');
    return { code, signal: killedBy, said: said.filter((line) => line.trim() !== '') };
  } catch (error) {
    return { code: exitCodes.inconclusive, signal: null, said: [messageOf(error)] };
  }
}

/** A line of a journal; undefined for one that was cut short, or is something else. */
function readEntry(line: string): Entry | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null && 'type' in value ? (value as Entry) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
