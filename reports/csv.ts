import type { JudgedFault, JudgedObservation, JudgedRun } from '../runner/verdict.ts';
import { defineFormat } from './format.ts';
import { visible } from './words/untrusted.ts';

const columns = ['time', 't_s', 'took_s', 'probe', 'stream', 'value', 'why', 'phase', 'faults', 'ok', 'failed', 'unknown'] as const;

/**
 * The time series, for spreadsheets and notebooks: one line for each observation, in the order of time, after RFC 4180 with a
 * head line.
 *
 * - `time` is UTC; `t_s` counts seconds from the first fault, or from the run's start when nothing was broken; `took_s` is
 *   until the answer was there.
 * - `value` is good, bad or unknown. `phase` is that of the run; `faults` are those that were in place or had killed by then.
 * - `ok`, `failed` and `unknown` count the requests of a window; they are empty for single questions.
 *
 * A run whose observations were not kept has the head line alone.
 */
export default defineFormat({
  summary: 'For spreadsheets and notebooks: the time series, one line for each observation.',
  extension: 'csv',
  timeSeries: true,
  render: (run) => [...lines(run)].join(''),
  lines,
});

function* lines(run: JudgedRun): Generator<string> {
  yield lineOf(columns);
  const zeroMs = zeroOf(run);
  const phaseAt = phasesOf(run);
  const faultsAt = faultsOf(run.faults);
  for (const one of run.observations ?? []) {
    yield lineOf([
      utcAt(zeroMs + one.fromMs), secondsOf(one.fromMs), secondsOf(one.toMs - one.fromMs), text(one.probe), text(one.stream),
      one.value, text(one.why), phaseAt(one.fromMs), faultsAt(one.fromMs), ...requestsOf(one),
    ]);
  }
}

function lineOf(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}

/** In quotes where it has to be; what a spreadsheet would take for a formula begins with an apostrophe. */
function text(words: string): string {
  const shown = visible(words);
  const inert = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(shown) ? `'${shown}` : shown;
  return /[",]|^\s|\s$/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

function requestsOf({ requests }: JudgedObservation): string[] {
  return requests ? [requests.ok, requests.failed, requests.unknown].map(String) : ['', '', ''];
}

function secondsOf(durationMs: number): string {
  return Number.isFinite(durationMs) ? String(Math.round(durationMs * 1_000) / 1_000_000) : '';
}

/** When `t` is nothing, in milliseconds since 1970. */
function zeroOf({ run }: JudgedRun): number {
  return run.firstFaultAt === null ? Date.parse(run.startedAt) - run.startMs : Date.parse(run.firstFaultAt);
}

function utcAt(wallMs: number): string {
  const time = new Date(wallMs);
  return Number.isNaN(time.getTime()) ? '' : time.toISOString();
}

function phasesOf({ phases }: JudgedRun): (atMs: number) => string {
  return (atMs) => phases.findLast(({ fromMs }) => fromMs <= atMs)?.phase ?? '';
}

function faultsOf(faults: readonly JudgedFault[]): (atMs: number) => string {
  return (atMs) => {
    const there = faults.filter(({ injectedMs, undone }) => injectedMs !== null && injectedMs <= atMs && !(undone?.verified && undone.atMs <= atMs));
    return there.length === 0 ? '' : text(there.map(({ id }) => id).join(' '));
  };
}
