import { realClock } from '../runner/clock.ts';
import { ExpectedError, exitCodes } from '../runner/errors.ts';
import { readLeftRun, type LeftRun } from '../runner/recover.ts';
import { chooseEnvironment } from './environment-file.ts';
import { stepInside } from './inside.ts';
import { putAllBack, say } from './put-all-back.ts';
import { beat, farewell } from './watched.ts';

export interface WatchdogOptions {
  readonly env?: string;
  readonly lab?: string;
  readonly secret?: string;
}

/** A harness that says nothing for this long hangs: what is overdue then is not undone by it any more. Milliseconds. */
const silentMs = 5_000;
const lookEveryMs = 1_000;

/**
 * `firedrill watchdog`: the dead-man's switch of a run. It hears the harness on its standard input; when that ends without
 * a farewell the harness is gone, and what it has left is undone at once: nobody watches its stop conditions any more. A
 * harness that hangs while a fault is overdue is ended first.
 *
 * @param folder the run's
 * @returns the exit code: 0 when nothing is left
 */
export async function watchdogCommand(folder: string | undefined, options: WatchdogOptions): Promise<number> {
  if (options.secret !== undefined) {
    const { clusterWatchdog } = await import('./cluster-watchdog.ts');
    return clusterWatchdog(options.secret);
  }
  if (folder === undefined) throw new ExpectedError("give the run's folder, or --secret in a pod");
  const chosen = await chooseEnvironment(options);
  if (!chosen) throw new ExpectedError('say which platform the run is on, with --env or --lab');
  stepInside(chosen.environment, chosen.file);
  const harness = process.ppid;
  const hearing = hear(process.stdin);
  for (;;) {
    const ended = await Promise.race([hearing.ended, realClock.sleep(lookEveryMs)]);
    if (ended === 'farewell') return exitCodes.held;
    if (ended === 'gone') break;
    // Only our own parent may be ended: a number that was given to another process is not our parent's any more.
    if (hearing.silentForMs() > silentMs && process.ppid === harness && isOverdue(await readLeftRun(folder))) {
      say(`the harness (process ${harness}) has said nothing for ${Math.round(hearing.silentForMs() / 1_000)} s, and a fault is overdue: it is ended`);
      process.kill(harness, 'SIGKILL');
    }
  }
  return putAllBack(folder, chosen);
}

function isOverdue({ open }: LeftRun): boolean {
  return open.some(({ endsAtMs }) => realClock.wall() > endsAtMs);
}

function hear(input: NodeJS.ReadStream): { readonly ended: Promise<'farewell' | 'gone'>; silentForMs(): number } {
  let last = realClock.now();
  let said = '';
  const ended = Promise.withResolvers<'farewell' | 'gone'>();
  input.setEncoding('utf8').on('data', (text: string) => {
    last = realClock.now();
    said = (said + text).replaceAll(beat, '');
  });
  const end = (): void => ended.resolve(said === farewell ? 'farewell' : 'gone');
  input.on('end', end).on('error', end);
  return { ended: ended.promise, silentForMs: () => realClock.now() - last };
}
