import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

export const usualPath = folders.join(':');

/**
 * The full path of a system program: a container's own PATH must not decide which `unshare` starts it.
 *
 * @throws when it isn't installed
 */
export function programPath(name: string): string {
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found === undefined) throw new Error(`the program "${name}" is not in ${usualPath}`);
  return found;
}

/** Whether there is such a file and it may be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not to be run: for whoever asks that is the same.
    return false;
  }
}
