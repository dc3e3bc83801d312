/**
 * How well outages are found and measured: an HTTP and a TCP service, each with outages whose true start and end are
 * known, asked every 20 ms and every 5 ms at the same time.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { realClock, type Clock } from '../runner/clock.ts';
import { ascending, quantile } from '../runner/latency.ts';
import { findOutages, type Observation } from '../runner/outages.ts';
import type { ProbeStream } from '../runner/probe.ts';
import { startStream } from '../runner/probing.ts';
import type { Bar, Outage } from '../runner/verdict.ts';
import { httpStream, tcpStream } from './accuracy/questions.ts';
import { goFirst, monotonicMs, type Standstill, type Told, type TrueOutage } from './accuracy/target.ts';
import { printFigures } from './figures.ts';

const outagesEach = 100;
const timeoutMs = 1_000;
const warmUpMs = 1_500;
const cadences = [
  { everyMs: 20, medianMs: 10, p99Ms: 25 },
  { everyMs: 5, medianMs: 3, p99Ms: 8 },
];

/** The machine's monotonic clock, on which the targets tell their outages. */
const offsetMs = monotonicMs() - performance.now();
const clock: Clock = {
  ...realClock,
  now: () => performance.now() + offsetMs,
  schedule: (atMs, task) => realClock.schedule(atMs - offsetMs, task),
};

interface Series {
  readonly everyMs: number;
  readonly observations: Observation[];
  stop(): Promise<void>;
}

interface Target {
  readonly outages: readonly TrueOutage[];
  readonly standstills: readonly Standstill[];
  readonly series: readonly Series[];
}

async function watch(protocol: 'http' | 'tcp', seed: number): Promise<Target> {
  const child = fork(join(import.meta.dirname, 'accuracy/target.ts'), [protocol, String(outagesEach), String(seed)]);
  try {
    const { port } = (await heard(child)) as { port: number };
    const series = cadences.map(({ everyMs }) => ask(protocol === 'http' ? httpStream(port) : tcpStream(port), everyMs));
    await clock.sleep(warmUpMs);
    child.send('go');
    const truth = (await heard(child)) as Target;
    await Promise.all(series.map((one) => one.stop()));
    return { ...truth, series };
  } finally {
    child.kill();
  }
}

/** The next thing that a target tells; an error when it ends instead. */
async function heard(child: ChildProcess): Promise<Told> {
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`the target ended with ${code}`);
  });
  const [told] = (await Promise.race([once(child, 'message'), gone])) as [Told];
  return told;
}

function ask(stream: ProbeStream, everyMs: number): Series {
  const observations: Observation[] = [];
  const running = startStream({
    stream,
    everyMs,
    timeoutMs,
    clock,
    startAtMs: clock.now() + everyMs * Math.random(),
    record: (start, end, { value, why = '' }) => observations.push({ start, end, value, why }),
    // What was missed shows in the questions' own times.
    blind: () => {},
  });
  return { everyMs, observations, stop: () => running.stop() };
}

interface Score {
  outages: number;
  longEnough: number;
  missed: number;
  invented: number;
  outside: number;
  standstills: number;
  readonly errors: number[];
  readonly widths: number[];
}

/** Holds what was found against the truth, and prints where they differ. */
function score(score: Score, name: string, target: Target, { everyMs, observations }: Series, p99Ms: number): void {
  const found = findOutages(observations, everyMs).outages;
  const claimed = new Set<Outage>();
  for (const truth of target.outages) {
    score.outages++;
    const seen = found.filter((one) => isWithin(middleOf(one), truth));
    for (const one of seen) claimed.add(one);
    if (truth.to - truth.from > 2 * everyMs) {
      score.longEnough++;
      if (seen.length !== 1) {
        score.missed++;
        complain(name, seen.length === 0 ? 'missed' : 'found in pieces', truth, seen);
      }
    }
    const [one] = seen;
    if (seen.length !== 1 || !one?.end) continue;
    score.widths.push(one.length.max - one.length.min);
    // Where the target's process was not let run next to its outage, the outage began earlier or ended later by that.
    const next = target.standstills.filter(({ from, to }) => to > truth.from - 5 && from < truth.to + 5);
    const error = Math.abs(one.lengthMs - (truth.to - truth.from));
    if (next.length === 0) score.errors.push(error);
    if (next.length === 0 && error > p99Ms) complain(name, `wrong by ${error.toFixed(1)} ms`, truth, seen);
    const start = { min: Math.min(truth.from, ...next.map(({ from }) => from)), max: truth.from + truth.fuzzMs };
    const end = { min: truth.to - truth.fuzzMs, max: Math.max(truth.to, ...next.map(({ to }) => to)) };
    const length = { min: end.min - start.max, max: end.max - start.min };
    if (meets(one.start, start) && meets(one.end, end) && meets(one.length, length)) continue;
    score.outside++;
    complain(name, 'outside of its bar', truth, seen);
  }
  for (const one of found) {
    if (claimed.has(one)) continue;
    if (target.standstills.some(({ from, to }) => from < (one.end?.max ?? Infinity) && to > one.start.min)) {
      score.standstills++;
      continue;
    }
    score.invented++;
    complain(name, 'invented', undefined, [one]);
  }
}

function middleOf({ start, end }: Outage): number {
  return (start.min + start.max + (end ?? start).min + (end ?? start).max) / 4;
}

function isWithin(time: number, { from, to }: Standstill): boolean {
  return time >= from && time <= to;
}

function meets(bar: Bar, truth: Bar): boolean {
  return bar.min <= truth.max && truth.min <= bar.max;
}

function complain(name: string, what: string, truth: TrueOutage | undefined, seen: readonly Outage[]): void {
  const base = truth?.from ?? seen[0]!.start.min;
  const relative = (_: string, value: unknown) => (typeof value === 'number' && value > base / 2 ? Number((value - base).toFixed(3)) : value);
  process.stdout.write(`  ${name}: ${what}: ${JSON.stringify({ truth, seen }, relative)}\n`);
}

if (!goFirst()) process.stdout.write('no right to real-time priority: other load on this machine is measured as well\n');
const startedMs = performance.now();
const [http, tcp] = await Promise.all([watch('http', 1), watch('tcp', 2)]);
for (const [index, { everyMs, medianMs, p99Ms }] of cadences.entries()) {
  const total: Score = { outages: 0, longEnough: 0, missed: 0, invented: 0, outside: 0, standstills: 0, errors: [], widths: [] };
  score(total, `http every ${everyMs} ms`, http, http.series[index]!, p99Ms);
  score(total, `tcp every ${everyMs} ms`, tcp, tcp.series[index]!, p99Ms);
  const errors = total.errors.toSorted(ascending);
  process.stdout.write(`every ${everyMs} ms: ${total.outages} outages from 30 ms to 3 s, ${total.widths.length} found\n`);
  if (total.standstills > 0) process.stdout.write(`  found besides, where the machine did not let the target run: ${total.standstills}\n`);
  printFigures([
    { what: `missed of ${total.longEnough} longer than two intervals`, measured: total.missed, limit: 0, unit: '' },
    { what: 'invented', measured: total.invented, limit: 0, unit: '' },
    { what: 'truth outside of the error bar', measured: total.outside, limit: 0, unit: '' },
    { what: 'error of the length, median', measured: quantile(errors, 0.5) ?? Infinity, limit: medianMs, unit: 'ms' },
    { what: 'error of the length, p99', measured: quantile(errors, 0.99) ?? Infinity, limit: p99Ms, unit: 'ms' },
  ]);
  process.stdout.write(`  median width of the length's error bar: ${(quantile(total.widths.toSorted(ascending), 0.5) ?? 0).toFixed(1)} ms\n`);
}
process.stdout.write(`took ${((performance.now() - startedMs) / 1_000).toFixed(0)} s\n`);
process.exit();
