import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { needsOf, type Kinds } from '../runner/kinds.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { exitNumber } from './child.ts';

/** Tells the program that the lab it was given was made for it alone. */
const marker = 'FIREDRILL_OWN_LAB';

/** Whether this process runs in a lab that was made for it. */
export function ownLab(): boolean {
  return process.env[marker] !== undefined;
}

/** What a drill needs of a lab. */
export function labFor(scenario: Scenario, kinds: Kinds): { kubernetes: boolean; specimen: boolean } {
  const specimen = scenario.lab === 'specimen';
  return { kubernetes: specimen || needsOf(scenario, kinds).kubernetes, specimen };
}

/**
 * Makes a lab, runs this very command in it, and ends the lab, however the command ends. The lab ends too when this
 * process is killed.
 *
 * @param kubernetes whether the lab gets a Kubernetes cluster
 * @param specimen and on it linkerd and the services
 * @returns the exit code of the command
 * @throws ExpectedError when no lab can be made here
 */
export async function inOwnLab({ quiet, kubernetes, specimen }: { quiet: boolean; kubernetes: boolean; specimen: boolean }): Promise<number> {
  const say = (line: string): void => void (quiet || process.stderr.write(`${line}\n`));
  const interrupt = new AbortController();
  const forward = new Set<(signal: NodeJS.Signals) => void>([() => interrupt.abort()]);
  const onSignal = (signal: NodeJS.Signals): void => forward.forEach((listener) => listener(signal));
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const { labForCaller } = await import('../lab/index.ts');
    const lab = await labForCaller({ kubernetes, specimen, onProgress: say, signal: interrupt.signal });
    try {
      const arguments_ = [...process.execArgv, ...process.argv.slice(1), '--env', lab.environmentFile];
      const child = spawn(process.execPath, arguments_, { stdio: 'inherit', env: { ...process.env, [marker]: lab.name } });
      // A terminal sends Ctrl-C to both of us; the child takes the second one it gets as the same wish.
      forward.add((signal) => child.kill(signal));
      const [code, killedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      return exitNumber({ code, killedBy });
    } finally {
      await lab.end();
      say('the lab has ended');
    }
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}
