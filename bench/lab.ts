/** How long a lab takes to come up and to go, and how much memory it takes with nine members of etcd. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labFootprint } from '../lab/index.ts';
import { median, printFigures } from './figures.ts';

const main = join(import.meta.dirname, '../cli/main.js');
const name = `bench-${process.pid}`;
const rounds = 3;

/** Runs the command line to its end, where the environment file may be left. Returns how long it took. */
function firedrill(folder: string, ...args: string[]): number {
  const startMs = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'lab', ...args, '--lab', name], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`firedrill lab ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return (performance.now() - startMs) / 1_000;
}

const folder = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
const ups: number[] = [];
const downs: number[] = [];
const sizes: number[] = [];
try {
  for (let round = 0; round < rounds; round++) {
    ups.push(firedrill(folder, 'up'));
    const { totalBytes, processBytes, diskBytes, processes } = await labFootprint(name);
    sizes.push(totalBytes / 1e6);
    const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    process.stdout.write(`round ${round + 1}: up in ${ups.at(-1)!.toFixed(1)} s; ${processes} processes ${megabytes(processBytes)}, disks ${megabytes(diskBytes)}\n`);
    downs.push(firedrill(folder, 'down'));
  }
} finally {
  rmSync(folder, { recursive: true });
}
printFigures([
  { what: 'lab up, command to nine healthy members, median', measured: median(ups), limit: 15, unit: 's' },
  { what: 'lab up, the slowest', measured: Math.max(...ups), limit: 15, unit: 's' },
  { what: 'lab down, command to nothing left, median', measured: median(downs), limit: 5, unit: 's' },
  { what: 'memory in all, the largest', measured: Math.max(...sizes), limit: 700, unit: 'MB' },
]);
