import { ExpectedError } from '../runner/errors.ts';
import { judgeFolder } from '../runner/judge-folder.ts';
import type { JudgedRun } from '../runner/verdict.ts';

/** A run by its folder; undefined where it has left no journal that tells anything: it was refused, or died at once. */
export async function judgedRun(folder: string): Promise<JudgedRun | undefined> {
  try {
    return await judgeFolder(folder);
  } catch (error) {
    if (error instanceof ExpectedError) return undefined;
    throw error;
  }
}
