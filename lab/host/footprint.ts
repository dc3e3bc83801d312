import { familyOf, readProc } from '../procfs.ts';

/** Memory, in bytes. Shared pages count for each process by its share (PSS). */
export interface Footprint {
  readonly processes: number;
  readonly processBytes: number;
  /** What volumes and other file systems in memory hold. Pages that etcd maps are in {@link processBytes} as well. */
  readonly diskBytes: number;
  readonly totalBytes: number;
}

/** Adds up a process and all that descend from it. */
export function footprint(pid: number, diskBytes: number): Footprint {
  const family = familyOf(pid);
  const processBytes = family.reduce((sum, each) => sum + proportionalBytes(each.pid), 0);
  return { processes: family.length, processBytes, diskBytes, totalBytes: processBytes + diskBytes };
}

/** 0 for a process that has just ended. */
function proportionalBytes(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readProc(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
  return Number(kilobytes ?? 0) * 1024;
}
