import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { realClock } from '../runner/clock.ts';

/** What a harness says to its watchdog: that it lives, again and again, and at last that all is done. */
export const beat = '.';
export const farewell = 'done';
const beatEveryMs = 1_000;

/** A watchdog that watches this process. */
export interface Watched {
  /** Tells it that nothing is left to do. */
  end(): void;
}

/**
 * Starts a watchdog as a process of its own, which outlives this one: it lives in its own session, and learns by the end
 * of its standard input that this one is gone, however that came.
 *
 * @param folder the run's; what the watchdog says is in `watchdog.log` there
 * @param platform how the platform was named on the command line
 * @param lost told when the watchdog itself is gone
 */
export function startWatchdog(folder: string, platform: { readonly env?: string; readonly lab?: string }, lost: (why: string) => void): Watched {
  const log = openSync(join(folder, 'watchdog.log'), 'a', 0o600);
  const named = Object.entries({ '--env': platform.env, '--lab': platform.lab }).flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, 'watchdog', folder, ...named], {
    detached: true,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  const pipe = child.stdin as Socket;
  let over = false;
  let takeBack = (): void => {};
  const isLost = (why: string): void => {
    if (!over) lost(why);
    over = true;
    takeBack();
  };
  child.on('error', (error) => isLost(error.message)).on('exit', (code, signal) => isLost(`it ended with ${code ?? signal}`));
  pipe.on('error', (error) => isLost(error.message));
  child.unref();
  pipe.unref();
  const tick = (): void => {
    if (over) return;
    pipe.write(beat);
    takeBack = realClock.schedule(realClock.now() + beatEveryMs, tick);
  };
  tick();
  return {
    end() {
      over = true;
      takeBack();
      pipe.end(farewell);
    },
  };
}
