/**
 * How fast histories are judged, by size, and how much memory that takes. Processor time is what is held against the limits,
 * as other work on the machine makes no difference to it; the time that passed is printed beside it.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { printFigures, type Figure } from './figures.ts';
import type { Measured } from './consistency/measure.ts';

const program = join(import.meta.dirname, 'consistency/measure.ts');

/** Each in a process of its own: memory is told by its highest mark. */
function measure(what: string, operations: number, lost: number): Measured {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, what, String(operations), String(lost)], { encoding: 'utf8', maxBuffer: 1e7 });
  if (status !== 0) throw new Error(`measuring ${what} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Measured;
}

function tell(name: string, { operations, cpuMs, wallMs, memoryMB, readCpuMs, open, verdict }: Measured): void {
  const rate = Math.round(operations / (cpuMs / 1_000));
  process.stdout.write(`${name.padEnd(34)} ${verdict}  ${cpuMs.toFixed(0).padStart(6)} ms of processor (${wallMs.toFixed(0)} ms passed)  ${String(rate).padStart(8)} operations/s  ${memoryMB.toFixed(0).padStart(5)} MB  read in ${readCpuMs.toFixed(0)} ms  ${open} open\n`);
}

const sizes = [1_000, 10_000, 100_000, 1_000_000] as const;
const bySize = sizes.map((operations) => {
  const measured = measure('etcd', operations, 0);
  tell(`etcd, ${operations} operations`, measured);
  return measured;
});
const large = measure('etcd', 1_000_000, 1_000);
tell('etcd, 1000000 and 1000 lost', large);
const medium = measure('etcd', 100_000, 100);
tell('etcd, 100000 and 100 lost', medium);
const register = measure('register', 170, 5);
tell('register, 170 operations', register);

// n log n: ten times as many operations take ten times as long, and a fifth more for the longer sort.
const [, , hundredThousand, million] = bySize;
const growth = million!.cpuMs / hundredThousand!.cpuMs;
const figures: Figure[] = [
  { what: '1,000,000 operations, 1,000 lost: processor', measured: large.cpuMs / 1_000, limit: 5, unit: 's' },
  { what: '1,000,000 operations, 1,000 lost: memory', measured: large.memoryMB, limit: 1_000, unit: 'MB' },
  { what: '100,000 operations, 100 lost: processor', measured: medium.cpuMs, limit: 500, unit: 'ms' },
  { what: 'ten times as many take so many times as long', measured: growth, limit: (10 * Math.log(1e6)) / Math.log(1e5) * 1.5, unit: 'times' },
  { what: 'register of 170 operations, five clients', measured: register.cpuMs, limit: 50, unit: 'ms' },
];
printFigures(figures);
