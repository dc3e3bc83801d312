/** How long the main drill takes in a lab of its own, from the command to the report. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JudgedRun } from '../runner/verdict.ts';
import { printFigures } from './figures.ts';

const main = join(import.meta.dirname, '../cli/main.js');
const out = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
try {
  const startMs = performance.now();
  const { status, stderr, stdout } = spawnSync(process.execPath, [main, 'run', 'etcd-zone-plus-one', '--out', out], { encoding: 'utf8' });
  const tookMs = performance.now() - startMs;
  if (status !== 0) throw new Error(`the drill ended with ${status}\n${stdout}${stderr}`);
  const [run] = readdirSync(out);
  const report = JSON.parse(readFileSync(join(out, run!, 'report.json'), 'utf8')) as JudgedRun;
  process.stdout.write(`${report.verdict.headline}\n`);
  for (const slo of report.slos) process.stdout.write(`  ${slo.verdict}: ${slo.name}: ${slo.measured} (${slo.objective})\n`);
  printFigures([{ what: 'etcd-zone-plus-one, command to report', measured: tookMs / 1_000, limit: 75, unit: 's' }]);
} finally {
  rmSync(out, { recursive: true });
}
