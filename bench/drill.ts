/** How long the main drills take in a lab of their own, from the command to the report, and how often they ask AWS. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JudgedRun } from '../runner/verdict.ts';
import { printFigures, type Figure } from './figures.ts';

const main = join(import.meta.dirname, '../cli/main.js');
const drills = ['etcd-zone-plus-one', 'etcd-quorum-loss'];

const figures: Figure[] = [];
for (const drill of drills) {
  const out = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
  try {
    const startMs = performance.now();
    const { status, stderr, stdout } = spawnSync(process.execPath, [main, 'run', drill, '--out', out], { encoding: 'utf8' });
    const tookMs = performance.now() - startMs;
    if (status !== 0) throw new Error(`${drill} ended with ${status}\n${stdout}${stderr}`);
    const [run] = readdirSync(out);
    const report = JSON.parse(readFileSync(join(out, run!, 'report.json'), 'utf8')) as JudgedRun;
    print(report);
    figures.push({ what: `${drill}, command to report`, measured: tookMs / 1_000, limit: 75, unit: 's' });
    figures.push({ what: `${drill}, calls to AWS in the busiest second`, measured: report.calls?.mostInASecond ?? 0, limit: 10, unit: '' });
  } finally {
    rmSync(out, { recursive: true });
  }
}
printFigures(figures);

function print({ verdict, slos, calls }: JudgedRun): void {
  process.stdout.write(`${verdict.headline}\n`);
  for (const slo of slos) process.stdout.write(`  ${slo.verdict}: ${slo.name}: ${slo.measured} (${slo.objective})\n`);
  const actions = Object.entries(calls?.byAction ?? {}).sort(([, a], [, b]) => b - a);
  process.stdout.write(`  calls to AWS: ${actions.map(([action, count]) => `${action} ${count}`).join(', ')}\n`);
}
