import { execFile } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { ExpectedError } from '../../runner/errors.ts';

const run = promisify(execFile);
const mostBytes = 32 * 1024 * 1024;

/**
 * @param folder where git is asked
 * @returns what git says
 * @throws ExpectedError with git's own last line
 */
async function git(folder: string, what: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await run('git', ['-C', folder, ...args], { maxBuffer: mostBytes });
    return stdout;
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    const why = code === 'ENOENT' ? 'git is not installed' : (stderr.trim().split('\n').at(-1) ?? '');
    throw new ExpectedError(`${what}: ${why || 'git failed'}`, undefined, { cause: error });
  }
}

/** The top of the repository that a folder is in; undefined when it is in none. */
export async function repositoryTop(folder: string): Promise<string | undefined> {
  try {
    return (await git(folder, 'the repository', 'rev-parse', '--show-toplevel')).trimEnd();
  } catch (error) {
    if (error instanceof ExpectedError) return undefined;
    throw error;
  }
}

/**
 * What has changed, from the top of the repository; of a file that was renamed both names.
 *
 * @param range as git takes it: `origin/main...HEAD`
 * @throws ExpectedError
 */
export async function changedPaths(range: string): Promise<string[]> {
  if (!/^[^\s-]\S*$/.test(range)) throw new ExpectedError(`--changed is "${range}"; give a range of git, such as origin/main...HEAD`);
  const listed = await git('.', `--changed ${range}`, 'diff', '--name-only', '--no-renames', '-z', range, '--');
  return listed.split('\0').filter((path) => path !== '');
}

/** A file as it is on a branch. @throws ExpectedError when it isn't there */
export async function fileOn(branch: string, path: string): Promise<string> {
  return git(dirname(path), `${path} on branch ${branch}`, 'show', `${branch}:./${basename(path)}`);
}
