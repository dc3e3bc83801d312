import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

/** This very program, to be started again: Node, its options, and the file that it runs. */
export function thisProgram(): string[] {
  return [process.execPath, ...process.execArgv, process.argv[1]!];
}

/** How a process ended. */
export interface ChildEnd {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
}

/**
 * Waits until a process has ended and what it said was read. When `stop` aborts it is sent `signal` once, and waited for all
 * the same.
 *
 * @throws the system's error when it could not be started
 */
export async function childEnd(child: ChildProcess, stop: AbortSignal, signal: NodeJS.Signals): Promise<ChildEnd> {
  const tell = (): void => void child.kill(signal);
  stop.addEventListener('abort', tell, { once: true });
  if (stop.aborted) tell();
  try {
    const [code, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return { code, killedBy };
  } finally {
    stop.removeEventListener('abort', tell);
  }
}

/** As shells have it: above 128 for what was killed. */
export function exitNumber({ code, killedBy }: ChildEnd): number {
  return code ?? 128 + constants.signals[killedBy!];
}
