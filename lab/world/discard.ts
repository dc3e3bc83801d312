import { renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../errors.ts';

/**
 * Removes a lab's folder. It is renamed first: if this process dies while it removes, no half of a lab is left under the
 * lab's name. Does nothing when another was faster.
 */
export function discard(folder: string): void {
  const gone = join(dirname(folder), `.gone-${basename(folder)}-${process.pid}-${Date.now()}`);
  try {
    renameSync(folder, gone);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  // Machines that live a moment longer may make a file while their folder is emptied.
  rmSync(gone, { recursive: true, force: true, maxRetries: 3 });
}
