import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pause } from '../kubelet/pause.ts';

const againAfterMs = 1_000;

/**
 * Keeps a program running, as a service manager does: again a second after it ended, for ever. All that it says goes to the
 * log under its name, and so does its end.
 */
export async function keepRunning(name: string, program: string, args: readonly string[], log: (line: string) => void): Promise<never> {
  for (;;) {
    const startedMs = performance.now();
    const how = await runOnce(program, args, (line) => log(`${name}: ${line}`));
    log(endOfProgram(name, how, performance.now() - startedMs));
    await pause(againAfterMs);
  }
}

/** Without its keeper nobody would start it again, or end it before another keeper starts a second one: it ends with it. */
function runOnce(program: string, args: readonly string[], say: (line: string) => void): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const output of [child.stdout, child.stderr]) createInterface({ input: output }).on('line', say);
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(signal ?? String(code)));
  });
}

const endOfProgram = (name: string, how: string, afterMs: number): string =>
  `service: ${name} ended with ${how} after ${(afterMs / 1000).toFixed(1)} s; again in ${againAfterMs / 1000} s`;

/**
 * A program that ends this often on one machine, each time so soon after its start, before the cluster has come up, will not
 * get well. One that has run for longer may have lost an election on a busy computer.
 */
const endsTooOften = 3;
const soonSeconds = 15;

/** A program that can't be kept running, and what it said. */
export interface Failure {
  readonly program: string;
  /** How it ended last: an exit code, a signal, or why it could not be started. */
  readonly how: string;
  /** All lines of it that the console still has. */
  readonly lines: readonly string[];
}

/** Looks in a master's console for a program that ended too often, too soon. */
export function failureIn(console: string): Failure | undefined {
  const ends = [...console.matchAll(/^service: (kube-\S+) ended with (.*) after (\d+\.\d) s; again/gm)].filter(([, , , afterSeconds]) => Number(afterSeconds) < soonSeconds);
  const [program, of] = [...Map.groupBy(ends, ([, name = '']) => name)].find(([, all]) => all.length >= endsTooOften) ?? [];
  if (program === undefined || of === undefined) return undefined;
  const lines = console.split('\n').flatMap((line) => (line.startsWith(`${program}: `) ? [line.slice(program.length + 2)] : []));
  return { program, how: of.at(-1)?.[2] ?? '', lines };
}
