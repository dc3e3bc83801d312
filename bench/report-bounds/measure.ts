/** Writes an hour's journal, judges it, writes all reports, and prints what that took as JSON. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeReports } from '../../cli/write-reports.ts';
import { journalFileName } from '../../runner/journal-file.ts';
import { judgeWhatIsThere } from '../../runner/judge-what-is-there.ts';

export interface Measured {
  readonly observations: number;
  readonly journalMB: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly memoryMB: number;
  readonly htmlMB: number;
  /** Processor time, in milliseconds. */
  readonly parts: Readonly<Record<string, number>>;
}

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const folder = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
try {
  // Written by another process: what writing takes is no part of what is measured.
  const writer = `const { writeHour } = await import(${JSON.stringify(new URL('journal.ts', import.meta.url).href)}); process.stdout.write(String(writeHour(${JSON.stringify(folder)})));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', writer], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the journal could not be written: ${stderr}`);
  const wallFrom = performance.now();
  const start = cpu();
  const { run } = await judgeWhatIsThere(folder);
  const judged = cpu();
  const { failures } = await writeReports(folder, run);
  if (failures.length > 0) throw new Error(failures.join('; '));
  const measured: Measured = {
    observations: Number(stdout),
    journalMB: statSync(join(folder, journalFileName)).size / 1e6,
    cpuMs: cpu() - start,
    wallMs: performance.now() - wallFrom,
    memoryMB: process.resourceUsage().maxRSS / 1_000,
    htmlMB: statSync(join(folder, 'report.html')).size / 1e6,
    parts: { judge: judged - start, reports: cpu() - judged },
  };
  process.stdout.write(JSON.stringify(measured));
} finally {
  rmSync(folder, { recursive: true });
}
