import type { Bar } from '../verdict.ts';
import { atLeast, eachInWindow, notMeasured, usedOf, type Finding, type SloInput, type Window } from './finding.ts';
import { count, percent } from './words.ts';
import type { StreamHistory } from '../history.ts';
import { countsRequests, requestsIn, type RequestSum } from './requests.ts';

/**
 * `availability`: the part of the window's questions that was answered well. Unknown answers, and questions that the
 * harness failed to ask, may have been either: they make the error bar.
 */
export function judgeAvailability(input: SloInput): Finding {
  const { slo, probe, window } = input;
  if (countsRequests(probe)) return judgeRequests(input);
  const limit = slo.availability!;
  const objective = `at least ${percent(limit)} good`;
  let good = 0;
  let bad = 0;
  let unknown = 0;
  for (const stream of probe.streams) {
    eachInWindow(stream, window, (_start, _end, value) => {
      if (value === 'good') good++;
      else if (value === 'bad') bad++;
      else unknown++;
    });
    unknown += notAsked(stream, probe.everyMs, window);
  }
  const known = good + bad;
  const total = known + unknown;
  if (known === 0) return notMeasured(objective, `nothing is known of ${probe.name}`);

  const measured: Bar = { min: good / total, max: (good + unknown) / total };
  const verdict = atLeast(measured, limit);
  const counted = `${good} of ${count(known, 'answer')} good`;
  return {
    verdict,
    objective,
    measured: unknown > 0 ? `between ${percent(measured.min)} and ${percent(measured.max)}` : `${percent(measured.min)} of ${known}`,
    margin: marginOf(measured, limit, verdict === 'held'),
    used: usedOf(1 - good / known, 1 - limit),
    reason:
      verdict === 'inconclusive'
        ? `too close to call: ${counted}, ${unknown} unknown, against ${percent(limit)}`
        : `${counted}${unknown > 0 ? `, ${unknown} unknown` : ''}`,
  };
}

/** Of a probe that counts requests: the part of the requests due in the window that succeeded, over all streams. */
function judgeRequests({ slo, probe, window }: SloInput): Finding {
  const limit = slo.availability!;
  const objective = `at least ${percent(limit)} of requests succeed`;
  const sums = probe.streams.map((stream) => requestsIn(stream, window));
  const total = (of: (sum: RequestSum) => number): number => sums.reduce((all, sum) => all + of(sum), 0);
  const [ok, failed, unknown] = [total((sum) => sum.ok.min), total((sum) => sum.failed.min), total((sum) => sum.unknown)];
  const known = ok + failed;
  if (known === 0) return notMeasured(objective, `nothing is known of ${probe.name}`);
  const mostOk = total((sum) => sum.ok.max) + unknown;
  const mostFailed = total((sum) => sum.failed.max) + unknown;
  const measured: Bar = { min: ok / (ok + mostFailed), max: mostOk / (mostOk + failed) };
  const verdict = atLeast(measured, limit);
  const counted = `${failed} of ${count(known, 'request')} failed`;
  return {
    verdict,
    objective,
    measured: measured.min === measured.max ? `${percent(measured.min)} of ${count(known, 'request')}` : `between ${percent(measured.min)} and ${percent(measured.max)}`,
    margin: marginOf(measured, limit, verdict === 'held'),
    used: usedOf(failed / known, 1 - limit),
    reason:
      verdict === 'inconclusive'
        ? `too close to call: ${counted}, ${unknown} unknown, against ${percent(limit)}`
        : `${counted}${unknown > 0 ? `, ${unknown} unknown` : ''}`,
  };
}

function marginOf({ min, max }: Bar, limit: number, held: boolean): string {
  if (held) return `${percent(min - limit)} to spare`;
  return max < limit ? `${percent(limit - max)} too few` : '';
}

/** How many questions should have been asked in the window and were not. */
function notAsked(stream: StreamHistory, everyMs: number, { fromMs, toMs }: Window): number {
  let missing = 0;
  let before = fromMs;
  const askedAt = (ms: number): void => {
    missing += Math.max(0, Math.round((ms - before) / everyMs) - 1);
    before = ms;
  };
  stream.observations.each((start) => {
    if (start >= fromMs && start <= toMs) askedAt(start);
  });
  askedAt(toMs);
  return missing;
}
