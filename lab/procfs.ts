import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { systemCode } from './errors.ts';

/** A process, and when it started: together they tell it from a later process with the same number. */
export interface ProcessRef {
  readonly pid: number;
  /** Field 22 of `/proc/<pid>/stat`, in clock ticks since boot. */
  readonly startTime: number;
}

interface Stat extends ProcessRef {
  readonly state: string;
  readonly parent: number;
}

/** Null when there is no such process, or it died while being read. */
function readStat(pid: number): Stat | null {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The command's name stands in brackets and may hold spaces and brackets itself: count from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { pid, state: fields[0] ?? '?', parent: Number(fields[1]), startTime: Number(fields[19]) };
}

/** The text of a file of /proc; null when its process is gone or isn't ours to read. */
export function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(systemCode(error) ?? '');
}

/** The process as it can be recognised later; null when it is not there. */
export function processRef(pid: number): ProcessRef | null {
  const stat = readStat(pid);
  return stat && { pid, startTime: stat.startTime };
}

/** Whether that very process still runs; a zombie that nobody has reaped yet doesn't. */
export function isAlive(ref: ProcessRef): boolean {
  const stat = readStat(ref.pid);
  return stat !== null && stat.startTime === ref.startTime && stat.state !== 'Z' && stat.state !== 'X';
}

/** The numbers of all processes that can be seen. */
export function listProcesses(): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
}

/** The children of a process. */
export function childrenOf(pid: number): number[] {
  return listProcesses().filter((candidate) => readStat(candidate)?.parent === pid);
}

/** A process and all that descend from it now. */
export function familyOf(pid: number): ProcessRef[] {
  const parents = new Map(listProcesses().flatMap((each) => readStat(each) ?? []).map((stat) => [stat.pid, stat]));
  const belongs = (candidate: number): boolean => {
    for (let at = parents.get(candidate); at; at = parents.get(at.parent)) if (at.pid === pid) return true;
    return false;
  };
  return [...parents.values()].filter((stat) => belongs(stat.pid)).map(({ pid: each, startTime }) => ({ pid: each, startTime }));
}

/** Which namespace a process is in, as `net:[4026531840]`; null when it is gone. */
export function namespaceOf(pid: number, kind: 'net' | 'mnt' | 'pid' | 'user'): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** The numbers of the files that a process has open; none when it is gone or isn't ours to look into. */
export function openFilesOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fdinfo`);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** SIGKILL, or another signal. A process that is gone already is what was wanted. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}
