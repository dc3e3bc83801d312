/**
 * How long a lab takes to come up and to go, and how much memory it takes: with nine members of etcd, and with Kubernetes and
 * twenty idle pods on top.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labFootprint } from '../lab/index.ts';
import { median } from '../runner/statistics/slow-down.ts';
import { printFigures } from './figures.ts';

const main = join(import.meta.dirname, '../cli/main.js');
const name = `bench-${process.pid}`;
const rounds = 3;

/** Runs the command line to its end, where the environment file may be left. Returns how long it took. */
function firedrill(folder: string, ...args: string[]): number {
  const startMs = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'lab', args[0]!, '--lab', name, ...args.slice(1)], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`firedrill lab ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return (performance.now() - startMs) / 1_000;
}

/** What a lab with Kubernetes takes, once twenty pods that do nothing are ready in it. */
async function withKubernetes(folder: string): Promise<{ upSeconds: number; megabytes: number }> {
  const startMs = performance.now();
  firedrill(folder, 'up', '--kubernetes');
  firedrill(folder, 'exec', '--', 'kubectl', 'create', 'deployment', 'idle', '--image=registry.k8s.io/pause:3.10', '--replicas=20');
  firedrill(folder, 'exec', '--', 'kubectl', 'rollout', 'status', 'deployment/idle', '--timeout=120s');
  const upSeconds = (performance.now() - startMs) / 1_000;
  const { totalBytes, processBytes, diskBytes, processes } = await labFootprint(name);
  process.stdout.write(`Kubernetes: 20 idle pods ready in ${upSeconds.toFixed(1)} s; ${processes} processes ${(processBytes / 1e6).toFixed(1)} MB, disks ${(diskBytes / 1e6).toFixed(1)} MB\n`);
  firedrill(folder, 'down');
  return { upSeconds, megabytes: totalBytes / 1e6 };
}

const folder = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
const ups: number[] = [];
const downs: number[] = [];
const sizes: number[] = [];
let kubernetes: Awaited<ReturnType<typeof withKubernetes>>;
try {
  for (let round = 0; round < rounds; round++) {
    ups.push(firedrill(folder, 'up'));
    const { totalBytes, processBytes, diskBytes, processes } = await labFootprint(name);
    sizes.push(totalBytes / 1e6);
    const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    process.stdout.write(`round ${round + 1}: up in ${ups.at(-1)!.toFixed(1)} s; ${processes} processes ${megabytes(processBytes)}, disks ${megabytes(diskBytes)}\n`);
    downs.push(firedrill(folder, 'down'));
  }
  kubernetes = await withKubernetes(folder);
} finally {
  rmSync(folder, { recursive: true });
}
printFigures([
  { what: 'lab up, command to nine healthy members, median', measured: median(ups), limit: 15, unit: 's' },
  { what: 'lab up, the slowest', measured: Math.max(...ups), limit: 15, unit: 's' },
  { what: 'lab down, command to nothing left, median', measured: median(downs), limit: 5, unit: 's' },
  { what: 'memory in all, the largest', measured: Math.max(...sizes), limit: 700, unit: 'MB' },
  { what: 'lab up --kubernetes, command to 20 idle pods ready', measured: kubernetes.upSeconds, limit: 30, unit: 's' },
  { what: 'memory with Kubernetes and 20 idle pods', measured: kubernetes.megabytes, limit: 1_500, unit: 'MB' },
]);
