import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { nearest } from './nearest.ts';
import { ScenarioError } from './problem.ts';
import { FileRefused, readText, refuseWayOut } from './read-file.ts';
import { sizeLimitBytes } from './yaml-tree.ts';

/** A drill's file, read. */
export interface DrillFile {
  /** As messages name it: relative to the working folder when it is below that. */
  readonly file: string;
  readonly text: string;
  /** The name that its drill must have; undefined outside of the catalogue. */
  readonly catalogueName: string | undefined;
}

/** The built package keeps the catalogue beside `dist`, where the sources have it. */
const folder = [join(import.meta.dirname, 'catalogue'), join(import.meta.dirname, '../../scenarios/catalogue')].find((path) => existsSync(path))!;

/** The names of the drills that ship, in order. */
export async function catalogue(): Promise<string[]> {
  const files = await readdir(folder);
  return files.filter((file) => file.endsWith('.yaml')).map((file) => basename(file, '.yaml')).sort();
}

/**
 * Finds a drill by its name in the catalogue, or by the path of its file.
 *
 * @throws ScenarioError when there is no such drill, or its file can't be read
 */
export async function findDrill(nameOrPath: string): Promise<DrillFile> {
  const byName = join(folder, `${nameOrPath}.yaml`);
  const path = /^[a-z][a-z0-9-]*$/.test(nameOrPath) && existsSync(byName) ? byName : resolve(nameOrPath);
  const inCatalogue = dirname(path) === folder && path.endsWith('.yaml');
  const file = relative('.', path);
  try {
    await refuseWayOut(path);
    const text = await readText(path, sizeLimitBytes);
    return { file: file.startsWith('..') ? path : file, text, catalogueName: inCatalogue ? basename(path, '.yaml') : undefined };
  } catch (error) {
    throw new ScenarioError(nameOrPath, [{ at: null, text: await whyNot(nameOrPath, error) }], { cause: error });
  }
}

async function whyNot(nameOrPath: string, error: unknown): Promise<string> {
  if (!(error instanceof FileRefused)) throw error;
  if (error.code !== 'ENOENT') return `the drill ${nameOrPath} ${error.message}`;
  const names = await catalogue();
  const near = nearest(basename(nameOrPath, '.yaml'), names);
  return `there is no drill or file "${nameOrPath}"; ${near === undefined ? '' : `did you mean ${near}? `}give a path, or one of ${names.join(', ')}`;
}
