import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from './errors.ts';
import { isAlive, readProc, type ProcessRef } from './procfs.ts';

/** Where the kernel shows control groups: a tree for each controller in version 1, one for all in version 2. */
export interface CgroupTrees {
  readonly memory: string | undefined;
  readonly cpu: string | undefined;
  readonly unified: string | undefined;
}

/** @param mounts in the form of /proc/self/mounts */
export function cgroupTrees(mounts: string = readProc('/proc/self/mounts') ?? ''): CgroupTrees {
  const all = mounts.split('\n').map((line) => line.split(' '));
  const version1 = (controller: string) => all.find(([, , type, options = '']) => type === 'cgroup' && options.split(',').includes(controller))?.[1];
  return { memory: version1('memory'), cpu: version1('cpu'), unified: all.find(([, , type]) => type === 'cgroup2')?.[1] };
}

/** The name of a lab's folder in these trees. It tells whose it is, as it outlives a lab that is killed. */
export const cgroupName = (lab: string, { pid, startTime }: ProcessRef): string => `firedrill-${lab}-${pid}-${startTime}`;

function ownerOf(name: string): ProcessRef | undefined {
  const [, pid, startTime] = /^firedrill-.+-(\d+)-(\d+)$/.exec(name) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), startTime: Number(startTime) };
}

/** Removes what labs that have ended left there. What isn't ours to remove stays. */
export function sweepCgroups({ memory, cpu, unified }: CgroupTrees = cgroupTrees()): void {
  for (const tree of [memory, cpu, unified]) {
    for (const name of tree === undefined ? [] : foldersIn(tree)) {
      const owner = ownerOf(name);
      if (owner && !isAlive(owner)) removeCgroup(join(tree!, name));
    }
  }
}

/**
 * Removes a control group and those below it: the kernel lets only folders be removed, and only when nothing runs in them.
 *
 * @returns whether it is gone
 */
export function removeCgroup(path: string): boolean {
  for (const name of foldersIn(path)) removeCgroup(join(path, name));
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (!['ENOENT', 'ENOTDIR', 'EBUSY', 'ENOTEMPTY', 'EACCES', 'EPERM', 'EROFS'].includes(code)) throw error;
    return code === 'ENOENT';
  }
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENODEV', 'EACCES', 'EPERM'].includes(systemCode(error) ?? '')) return [];
    throw error;
  }
}
