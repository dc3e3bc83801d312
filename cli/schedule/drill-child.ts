import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { exitCodes } from '../../runner/errors.ts';
import type { Plan } from '../../runner/plan.ts';
import type { SlotDrill } from '../../runner/schedule/slot-drills.ts';
import { childEnd, exitNumber } from '../child.ts';
import { drillWords, platformWords } from '../drill-words.ts';
import { readPrintedPlan } from '../printed-plan.ts';

/** How this program is started for a drill of a slot. */
export interface ChildOptions {
  /** This very program: Node, its options, and the file that it runs. */
  readonly program: readonly string[];
  readonly env?: string | undefined;
  readonly lab?: string | undefined;
  readonly out: string;
  readonly allowProtected?: string | undefined;
}

/** What `firedrill plan` says of a drill. */
export interface Planned {
  readonly exit: number;
  /** Undefined when there is no plan. */
  readonly hash?: string;
  readonly plan?: Plan;
  /** Why it may not run, or what went wrong. */
  readonly said: string;
}

/** How many of its last lines a process that failed is quoted by. */
const mostLines = 8;

/** Touches nothing. When `stop` aborts, the look is broken off. */
export async function planDrill(drill: SlotDrill, options: ChildOptions, stop: AbortSignal): Promise<Planned> {
  const child = start([...options.program, 'plan', '--json', ...wordsOf(drill, options)], ['ignore', 'pipe', 'pipe']);
  let [printed, said] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => void (printed += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => void (said += text));
  const exit = await ended(child, stop);
  const plan = readPrintedPlan(printed);
  if (!plan) return { exit, said: lastLines(said) || 'firedrill plan said nothing' };
  return { exit, hash: plan.hash, plan: plan.plan, said: lastLines(said) };
}

/**
 * Runs what was planned, and nothing else. When `stop` aborts, the drill is told to end, and waited for until it has undone
 * what it did.
 *
 * @param log the file to which goes what it says
 */
export async function runDrill(drill: SlotDrill, plan: string, options: ChildOptions, log: string, stop: AbortSignal): Promise<{ exit: number; said: string }> {
  const file = openSync(log, 'a', 0o600);
  const child = start([...options.program, 'run', ...wordsOf(drill, options), '--out', options.out, '--plan', plan, '--yes'], ['ignore', file, file]);
  closeSync(file);
  const exit = await ended(child, stop);
  return { exit, said: lastLines(readFileSync(log, 'utf8')) };
}

function wordsOf(drill: SlotDrill, { env, lab, allowProtected }: ChildOptions): string[] {
  return drillWords(drill, platformWords({ env, lab }), allowProtected);
}

function start([command, ...words]: readonly string[], stdio: ('ignore' | 'pipe' | number)[]): ChildProcess {
  return spawn(command!, words, { stdio });
}

async function ended(child: ChildProcess, stop: AbortSignal): Promise<number> {
  const end = await childEnd(child, stop, 'SIGTERM');
  // Once a run has begun it hears what it is told, and undoes: one that dies of it had not.
  return stop.aborted && end.killedBy === 'SIGTERM' ? exitCodes.interrupted : exitNumber(end);
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-mostLines).map((line) => line.trim()).filter(Boolean).join('; ');
}
