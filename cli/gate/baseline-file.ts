import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ExpectedError, messageOf } from '../../runner/errors.ts';
import { parseBaseline, printBaseline, type Baseline } from '../../runner/gate/baseline.ts';
import { fileOn } from './git.ts';

/**
 * A baseline by what the user calls it: a file, a folder of files, or `main` for the file as it is on git's branch main.
 *
 * @param path where it is when it is on the branch
 * @returns with where it came from, for people
 * @throws ExpectedError
 */
export async function readBaseline(source: string, path: string): Promise<{ baseline: Baseline; source: string }> {
  if (source !== 'main') return { baseline: readBaselineAt(source), source };
  const name = `${path} on branch main`;
  return { baseline: parseBaseline(await fileOnMain(path), name), source: name };
}

/** CI systems check out one branch only: what they have of main is what they fetched. */
async function fileOnMain(path: string): Promise<string> {
  try {
    return await fileOn('main', path);
  } catch (error) {
    try {
      return await fileOn('origin/main', path);
    } catch (second) {
      if (!(second instanceof ExpectedError)) throw second;
      throw error;
    }
  }
}

/** @param path a file, or a folder with a file for each drill */
export function readBaselineAt(path: string): Baseline {
  if (!isFolder(path)) return parseBaseline(textOf(path), path);
  const files = readdirSync(path).filter((name) => name.endsWith('.json')).sort();
  const parts = files.map((name) => parseBaseline(textOf(join(path, name)), join(path, name)));
  return { schemaVersion: 1, drills: Object.assign({}, ...parts.map(({ drills }) => drills)) as Baseline['drills'] };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ExpectedError(`the baseline ${path} can't be read: ${messageOf(error)}; make one with: firedrill baseline update`);
  }
}

function isFolder(path: string): boolean {
  return path.endsWith('/') || (existsSync(path) && statSync(path).isDirectory());
}

/**
 * Puts what some drills measured into a baseline; the others in it stay as they are.
 *
 * @param path a file, or a folder: then each drill has a file of its own
 * @returns the files that were written
 */
export async function updateBaseline(path: string, drills: Baseline['drills']): Promise<string[]> {
  const before = existsSync(path) ? readBaselineAt(path).drills : {};
  const written: [path: string, baseline: Baseline][] = isFolder(path)
    ? Object.entries(drills).map(([id, drill]) => [join(path, `${id}.json`), { schemaVersion: 1, drills: { [id]: drill } }])
    : [[path, { schemaVersion: 1, drills: { ...before, ...drills } }]];
  for (const [file, baseline] of written) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, printBaseline(baseline));
  }
  return written.map(([file]) => file);
}
