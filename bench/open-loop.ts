/** How punctually one process sends 5,000 requests a second, and what that costs it. Its memory must not grow with the run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDns } from '../runner/clients/dns.ts';
import { lookupBy } from '../runner/clients/http-lookup.ts';
import { httpSender } from '../runner/clients/http-sender.ts';
import { realClock } from '../runner/clock.ts';
import { keepHeapSmall } from '../runner/heap.ts';
import { arrivalsAt } from '../runner/traffic/arrivals.ts';
import { Latencies } from '../runner/traffic/latencies.ts';
import { startOpenLoop } from '../runner/traffic/open-loop.ts';
import { failedIn } from '../runner/traffic/window-value.ts';
import { requestSchema } from '../scenarios/traffic.ts';
import { printFigures } from './figures.ts';

const perSecond = 5_000;
const settleMs = 5_000;
const measureMs = 60_000;

const server = spawn(process.execPath, [join(import.meta.dirname, 'open-loop/server.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
const [line] = (await once(server.stdout, 'data')) as [Buffer];
const lookup = lookupBy(connectDns(undefined), realClock);
const spec = requestSchema.parse({ url: `http://127.0.0.1:${String(line).trim()}/` });

// As a run has it.
keepHeapSmall();
const lateness = new Latencies();
const answers = new Latencies();
let measuring = false;
const counts = { ok: 0, failed: 0, unknown: 0, windows: 0, bytes: 0 };
const loop = startOpenLoop({
  sender: httpSender(spec, { lookup, userAgent: 'firedrill/bench' }),
  arrivals: arrivalsAt(perSecond),
  startAtMs: realClock.now() + 100,
  windowMs: 100,
  timeoutMs: 1_000,
  clock: realClock,
  record: (window) => {
    if (!measuring) return;
    counts.windows += 1;
    counts.bytes += JSON.stringify(window).length;
    counts.ok += window.ok;
    counts.failed += failedIn(window);
    counts.unknown += window.unknown;
    if (window.latencies !== undefined) answers.add(window.latencies);
  },
  blind: () => {},
  sent: (lateMs) => {
    if (measuring) lateness.record(lateMs);
  },
});
await sleep(settleMs);
measuring = true;
const before = process.cpuUsage();
const startMs = performance.now();
await sleep(measureMs / 2);
const halfwayBytes = process.memoryUsage().rss;
await sleep(measureMs / 2);
const { user, system } = process.cpuUsage(before);
const tookMs = performance.now() - startMs;
const grownBytes = process.memoryUsage().rss - halfwayBytes;
measuring = false;
await loop.stop();
server.kill();

process.stdout.write(
  `${counts.ok} ok, ${counts.failed} failed, ${counts.unknown} not sent; ${Math.round(counts.bytes / counts.windows)} bytes a window\n` +
    `scheduling error p50 ${lateness.quantile(0.5).max.toFixed(2)} ms, max ${lateness.maxMs.toFixed(2)} ms; latency p50 ${answers.quantile(0.5).max.toFixed(2)} ms, p99 ${answers.quantile(0.99).max.toFixed(2)} ms\n`,
);
printFigures([
  { what: '5,000 requests a second, sent', measured: (counts.ok + counts.failed) / tookMs * 1_000, limit: perSecond * 0.99, unit: '/s', atLeast: true },
  { what: 'scheduling error, 99th percentile', measured: lateness.quantile(0.99).max, limit: 10, unit: 'ms' },
  { what: 'processor', measured: (user + system) / 10 / tookMs, limit: 100, unit: '% of a core' },
  { what: 'memory grown in the second half', measured: grownBytes / 1e6, limit: 20, unit: 'MB' },
]);
