/** How fast the quick commands are, as whole processes: the median of several runs after a warm-up. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { median } from '../runner/statistics/slow-down.ts';
import { printFigures } from './figures.ts';

const main = join(import.meta.dirname, '../cli/main.js');
const runs = 11;

function wallMs(args: readonly string[]): number {
  const measured: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const startMs = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`firedrill ${args.join(' ')} ended with ${status}: ${stderr}`);
    if (run > 0) measured.push(performance.now() - startMs);
  }
  return median(measured);
}

const bareMs = wallMsOf(['-e', '0']);
process.stdout.write(`for comparison: node -e 0 takes ${bareMs.toFixed(0)} ms here; medians of ${runs} runs\n`);
printFigures([
  { what: 'firedrill --version', measured: wallMs(['--version']), limit: 100, unit: 'ms' },
  { what: 'firedrill validate (whole catalogue)', measured: wallMs(['validate']), limit: 300, unit: 'ms' },
]);

function wallMsOf(args: readonly string[]): number {
  return median(
    Array.from({ length: runs }, () => {
      const startMs = performance.now();
      spawnSync(process.execPath, args);
      return performance.now() - startMs;
    }),
  );
}
