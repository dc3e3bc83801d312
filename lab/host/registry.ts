import { lstatSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sweepCgroups } from '../cgroups.ts';
import { LabError, systemCode } from '../errors.ts';
import { isAlive, type ProcessRef } from '../procfs.ts';
import { controlSocket, logFile, stateFile } from '../world/config.ts';
import { discard } from '../world/discard.ts';
import { removeEnvironmentFile } from './environment-file.ts';

/** What is on disk about a lab. */
export interface LabEntry {
  readonly name: string;
  readonly timing: string;
  readonly kubernetes: boolean;
  /** The lab's first process: its namespaces are the world's. Its end is the lab's end. */
  readonly process: ProcessRef;
  readonly createdAt: string;
  /** The environment file that was written for it; undefined while it comes up. */
  readonly environmentFile?: string;
}

/** Where this user's labs are kept track of. Created when missing; nobody else may look into it. */
export function runtimeFolder(): string {
  const { FIREDRILL_RUNTIME_DIR: own, XDG_RUNTIME_DIR: xdg } = process.env;
  // A lab's own users see this user as 0; the variable keeps the folder what it is outside.
  const folder = own ?? (xdg !== undefined && isFolder(xdg) ? join(xdg, 'firedrill') : `/tmp/firedrill-${process.getuid?.() ?? 0}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0 || !lstatSync(folder).isDirectory()) {
    throw new LabError('taken', `${folder} must be a folder that belongs to you alone (mode 0700); remove it, or set FIREDRILL_RUNTIME_DIR`);
  }
  return folder;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** @throws LabError when this can't be the name of a lab */
export function checkName(name: string): void {
  if (/^[a-z0-9][a-z0-9-]{0,30}$/.test(name)) return;
  throw new LabError('bad-name', `"${name}" can't be the name of a lab; use up to 31 small letters, digits and dashes`);
}

export const labFolder = (name: string): string => join(runtimeFolder(), name);
export const socketOf = (name: string): string => join(labFolder(name), controlSocket);
export const logOf = (name: string): string => join(labFolder(name), logFile);

/** The lab of this name, if it runs. What a dead one has left is removed. */
export function findLab(name: string): LabEntry | undefined {
  checkName(name);
  const entry = readEntry(labFolder(name));
  if (entry && isAlive(entry.process)) return entry;
  if (entry) {
    removeEnvironmentFile(entry);
    forget(name);
  }
  return undefined;
}

/** @throws LabError when no lab of this name runs */
export function requireLab(name: string): LabEntry {
  const entry = findLab(name);
  if (entry) return entry;
  const others = listLabs().map((each) => each.name);
  const which = others.length > 0 ? `up are: ${others.join(', ')}` : 'none is up';
  const flag = name === 'lab' ? '' : ` --lab ${name}`;
  throw new LabError('not-up', `lab ${name} is not up (${which}); start it with: firedrill lab up${flag}`);
}

/** All labs of this user that run. What dead ones have left is removed. */
export function listLabs(): LabEntry[] {
  // Again, as something may still have been running in them when the lab was forgotten.
  sweepCgroups();
  return readdirSync(runtimeFolder())
    .filter((name) => /^[a-z0-9]/.test(name))
    .flatMap((name) => findLab(name) ?? []);
}

function readEntry(folder: string): LabEntry | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, stateFile), 'utf8')) as LabEntry;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Takes the name: at first for the process that makes the lab, later ({@link writeEntry}) for the lab itself.
 *
 * @throws LabError when a lab of this name is up or coming up
 */
export function claim(entry: LabEntry): void {
  const found = findLab(entry.name);
  if (found) throw alreadyUp(found);
  const folder = labFolder(entry.name);
  const fresh = join(runtimeFolder(), `.${entry.name}.${process.pid}`);
  mkdirSync(fresh, { mode: 0o700 });
  writeFileSync(join(fresh, stateFile), JSON.stringify(entry));
  try {
    // A folder can't be renamed onto one that holds something: of two that claim at once, one wins.
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
    const winner = findLab(entry.name);
    throw winner ? alreadyUp(winner) : new LabError('taken', `${folder} holds something that is no lab; remove it`);
  }
}

function alreadyUp(entry: LabEntry): LabError {
  const flag = entry.name === 'lab' ? '' : ` --lab ${entry.name}`;
  return new LabError(
    'already-up',
    `lab ${entry.name} is up already, since ${entry.createdAt}; use it, end it with "firedrill lab down${flag}", or choose another name with --lab`,
  );
}

export function writeEntry(entry: LabEntry): void {
  const path = join(labFolder(entry.name), stateFile);
  writeFileSync(`${path}.new`, JSON.stringify(entry));
  renameSync(`${path}.new`, path);
}

/** Removes what is on disk about a lab, and its control groups. */
export function forget(name: string): void {
  discard(labFolder(name));
  sweepCgroups();
}
