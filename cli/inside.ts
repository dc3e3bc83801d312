import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { Environment } from '../runner/environment.ts';
import { ExpectedError, messageOf } from '../runner/errors.ts';

/** Names the environment file to the program that has stepped in already: process numbers mean nothing inside. */
const marker = 'FIREDRILL_INSIDE';

/** The environment file of the platform that this process has stepped into; undefined when it hasn't. */
export function steppedInto(): string | undefined {
  return process.env[marker];
}

/**
 * Where the platform's addresses exist only inside the namespaces of another process, this program starts itself again in
 * them, in place of itself (execve): same process, same terminal, signals as before. Does not return then.
 *
 * @param file the environment's file
 * @throws ExpectedError when that process is gone
 */
export function stepInside(environment: Environment, file: string): void {
  const { enter } = environment;
  if (!enter || steppedInto() !== undefined) return;
  if (startTimeOf(enter.pid) !== enter.startTime) {
    throw new ExpectedError(
      `environment ${environment.name}: process ${enter.pid}, in whose namespaces this platform lives, is gone; ` +
        'start the lab again with: firedrill lab up',
    );
  }
  const nsenter = findProgram('nsenter');
  const arguments_ = ['nsenter', '--preserve-credentials', '-t', String(enter.pid), '-U', '-n', '-m', `--wd=${process.cwd()}`, '--'];
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  if (!process.execve) throw new ExpectedError(`Node ${process.version} can't step into namespaces; use 22.19 or newer`);
  process.execve(nsenter, [...arguments_, ...again], { ...process.env, [marker]: resolve(file) });
}

/** Field 22 of /proc/<pid>/stat, in clock ticks since boot; undefined when there is no such process. */
function startTimeOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new ExpectedError(`process ${pid} can't be looked at: ${messageOf(error)}`);
  }
  // The second field is the program's name in parentheses, which may hold spaces: count from behind it.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

function findProgram(name: string): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/bin', '/usr/sbin', '/sbin'];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (!found) throw new ExpectedError(`${name} is not installed; on Debian: apt-get install util-linux`);
  return found;
}
