/**
 * The journal of an hour's drill with 1,000 observations a second: how large it is, and what it takes to judge it and to write
 * its reports. Processor time is what is held against the limit, as other work on the machine makes no difference to it; the
 * time that passed is printed beside it.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { printFigures } from './figures.ts';
import type { Measured } from './report-bounds/measure.ts';

const program = join(import.meta.dirname, 'report-bounds/measure.ts');

/** In a process of its own: memory is told by its highest mark. */
const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program], { encoding: 'utf8' });
if (status !== 0) throw new Error(`measuring ended with ${status}: ${stderr}`);
const { observations, journalMB, cpuMs, wallMs, memoryMB, htmlMB, parts } = JSON.parse(stdout) as Measured;

process.stdout.write(`${observations} observations; ${(wallMs / 1_000).toFixed(1)} s passed: ${Object.entries(parts).map(([what, ms]) => `${what} ${ms.toFixed(0)} ms`).join(', ')}\n`);
printFigures([
  { what: 'journal of an hour with 1,000 observations a second', measured: journalMB, limit: 120, unit: 'MB' },
  { what: 'to judge it and write all reports: processor', measured: cpuMs / 1_000, limit: 10, unit: 's' },
  { what: 'to judge it and write all reports: memory', measured: memoryMB, limit: 300, unit: 'MB' },
  { what: 'report.html', measured: htmlMB, limit: 2, unit: 'MB' },
]);
