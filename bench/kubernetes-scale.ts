/** What a cluster of 10,000 pods on 1,000 nodes costs: to plan a drill on it, and to watch all of its pods. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Etcd3 } from 'etcd3';
import { median } from '../runner/statistics/slow-down.ts';
import { startLocalApiServer } from '../test/e2e/local-api-server.ts';
import { printFigures } from './figures.ts';
import { fillCluster, size, touchPod } from './kubernetes-scale/cluster.ts';
import { measureProbe, peakMb, type ProbeCost } from './kubernetes-scale/probe.ts';

const main = join(import.meta.dirname, '../cli/main.js');
const pods = size.deployments * size.podsOfEach;
const measureMs = 30_000;
const changeEveryMs = 10;
const planRuns = 7;

const drill = {
  name: 'scale',
  title: 'Kill some pods of a large cluster',
  why: 'To see what planning costs',
  probes: { pods: { kind: 'pods-ready', select: { namespace: 'shop' } } },
  baseline: { for: '5s' },
  faults: [{ id: 'kill', kind: 'pod-kill', select: { namespace: 'shop', labels: { app: 'service-*' }, pick: 50 } }],
  slos: [{ name: 'pods are back', probe: 'pods', recoversWithin: '5m' }],
  limits: { pods: 50 },
  recovery: { timeout: '5m', stableFor: '5s' },
};

const [mode, kubeconfig = ''] = process.argv.slice(2);
if (mode === 'probe') process.stdout.write(JSON.stringify(await measureProbe(kubeconfig, measureMs)));
else await compare();

async function compare(): Promise<void> {
  const server = await startLocalApiServer();
  const etcd = new Etcd3({ hosts: [...server.etcd.endpoints] });
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
  try {
    await fillCluster(etcd);
    writeFileSync(join(folder, 'environment.yaml'), JSON.stringify({ name: 'bench', kubernetes: { kubeconfig: server.kubeconfig, context: 'local', clusterUid: await uidOf(etcd) } }));
    writeFileSync(join(folder, 'drill.yaml'), JSON.stringify(drill));
    // The first fills the cache of compiled code, and is looked at all the time for its memory.
    const megabytes = Math.max(await memoryOfPlan(folder), await memoryOfPlan(folder));
    const seconds: number[] = [];
    for (let run = 0; run < planRuns; run += 1) seconds.push(await secondsOfPlan(folder));
    process.stdout.write(`plans took ${seconds.map((each) => each.toFixed(2)).join(', ')} s, with the API server and etcd on the same processors\n`);
    const probe = await watchWhileTheyChange(server.kubeconfig, etcd);
    process.stdout.write(`all listed after ${(probe.openedMs / 1e3).toFixed(1)} s; ${probe.changes} changes; answers: ${probe.good} good, ${probe.bad} bad, ${probe.unknown} unknown; ${probe.cpuPercent.toFixed(0)} % of a core\n`);
    for (const why of probe.unknownBecause) process.stdout.write(`unknown: ${why}\n`);
    for (const note of probe.notes) process.stdout.write(`noted: ${note}\n`);
    printFigures([
      { what: `plan on ${pods} pods, command to answer`, measured: median(seconds), limit: 2, unit: 's' },
      { what: 'plan, memory', measured: megabytes, limit: 250, unit: 'MB' },
      { what: `pods-ready over ${pods} pods, memory`, measured: probe.rssMb, limit: 300, unit: 'MB' },
      { what: 'pages of the list of all pods', measured: probe.podPages, limit: pods / 500, unit: 'pages' },
      { what: 'journal while a pod changes every 10 ms', measured: probe.journalKbPerMinute, limit: 200, unit: 'kB/min' },
      { what: 'changes a second', measured: probe.changes / (measureMs / 1e3), limit: 90, unit: '/s', atLeast: true },
      { what: 'answers that were not known', measured: probe.unknown, limit: 0, unit: '' },
    ]);
  } finally {
    etcd.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

async function uidOf(etcd: Etcd3): Promise<string> {
  for (;;) {
    const text = await etcd.get('/registry/namespaces/kube-system').string();
    if (text !== null) return (JSON.parse(text) as { metadata: { uid: string } }).metadata.uid;
    await sleep(100);
  }
}

/** The command line as a user starts it. */
function startPlan(folder: string): { readonly child: ChildProcessByStdio<null, null, Readable>; readonly ended: Promise<void> } {
  const child = spawn(process.execPath, [main, 'plan', join(folder, 'drill.yaml'), '--env', join(folder, 'environment.yaml'), '--seed', '1'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`the plan ended with ${String(code)}: ${said}`);
  });
  return { child, ended };
}

async function secondsOfPlan(folder: string): Promise<number> {
  const startMs = performance.now();
  await startPlan(folder).ended;
  return (performance.now() - startMs) / 1e3;
}

/** The most memory that it had. To look so often takes time from the API server, which is in this process. */
async function memoryOfPlan(folder: string): Promise<number> {
  const { child, ended } = startPlan(folder);
  let megabytes = 0;
  const sampling = setInterval(() => {
    if (child.exitCode === null) megabytes = Math.max(megabytes, peakMb(child.pid!));
  }, 10);
  await ended.finally(() => clearInterval(sampling));
  return megabytes;
}

async function watchWhileTheyChange(kubeconfigFile: string, etcd: Etcd3): Promise<ProbeCost & { changes: number }> {
  const child = spawn(process.execPath, [import.meta.filename, 'probe', kubeconfigFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // As the command line has it.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const listed = Promise.withResolvers<void>();
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (chunk.includes('listed')) listed.resolve();
    else process.stderr.write(chunk);
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  closed.then(() => listed.resolve(), listed.reject);
  await listed.promise;
  let changes = 0;
  const untilMs = performance.now() + measureMs;
  const startMs = performance.now();
  // What is late is made up for: a change every 10 ms on the average.
  while (performance.now() < untilMs && child.exitCode === null) {
    while (changes * changeEveryMs < performance.now() - startMs) {
      await touchPod(etcd, changes % size.deployments, (changes * 7) % size.podsOfEach, changes % 2 === 1);
      changes += 1;
    }
    await sleep(1);
  }
  const [code] = await closed;
  if (code !== 0) throw new Error(`the measuring process ended with ${code}`);
  return { ...(JSON.parse(text) as ProbeCost), changes };
}
