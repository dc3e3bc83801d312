import type { ProbeHistory, StreamHistory } from '../history.ts';
import { outagesBetween } from '../outages.ts';
import { joined } from '../presence.ts';
import type { Bar } from '../verdict.ts';
import { atMost, eachInWindow, notMeasured, outagesIn, silencesIn, usedOf, type Finding, type SloInput, type Window } from './finding.ts';
import { requestsIn } from './requests.ts';
import { barAround, count, percent, time } from './words.ts';

/**
 * `errorBudget`: the service may be bad for (1 − slo) of its window, and the drill may spend so much of that. Spent are
 * the outages, and for each bad answer outside of them one interval (at most two: it may have begun right after the
 * question before, and ended right before the one after). A stretch of which nothing is known may have been bad or not.
 * With several streams, the one that spent most counts.
 */
export function judgeErrorBudget({ slo, probe, window }: SloInput): Finding {
  const { slo: target, window: budgetMs, spend } = slo.errorBudget!;
  const allowedMs = spend * (1 - target) * budgetMs;
  const objective = `spends at most ${percent(spend)} of the error budget of ${percent(target)} over ${time(budgetMs)}: ${time(allowedMs)}`;
  const spent = probe.streams
    .filter((stream) => isKnown(stream, window))
    .map((stream) => (stream.requests ? spentByRequests(stream, window) : spentOn(stream, probe, window)));
  const most = spent.sort((a, b) => b.length.max - a.length.max)[0];
  if (!most) return notMeasured(objective, `nothing is known of ${probe.name}`);

  const { length, bestMs } = most;
  const verdict = atMost(length, allowedMs);
  const { from } = most;
  const measured = length.max === 0 ? 'nothing spent' : barAround(length, bestMs);
  return {
    verdict,
    objective,
    measured,
    margin: verdict === 'held' ? `${time(allowedMs - length.max)} to spare` : verdict === 'broken' ? `over by ${time(length.min - allowedMs)}` : '',
    used: usedOf(bestMs, allowedMs),
    reason: verdict === 'inconclusive' ? `too close to call: ${measured} against ${time(allowedMs)}, from ${from}` : `bad for ${time(bestMs)}, from ${from}`,
  };
}

function isKnown(stream: StreamHistory, window: Window): boolean {
  let known = false;
  eachInWindow(stream, window, (_start, _end, value) => (known ||= value !== 'unknown'));
  return known;
}

function spentOn(stream: StreamHistory, probe: ProbeHistory, window: Window) {
  const outages = outagesIn(stream, window);
  const isolated: number[] = [];
  eachInWindow(stream, window, (start, _end, value) => {
    if (value === 'bad' && outagesBetween(outages, start, start).length === 0) isolated.push(start);
  });
  const silences = silencesIn(stream, probe, window).filter(({ from, to }) => !isolated.some((start) => start > from && start < to));
  // They may overlap: when an answer was given is only known up to its error bar.
  const unknownMs = joined(silences).reduce((sum, { from, to }) => sum + (to - from), 0);
  const length: Bar = {
    min: outages.reduce((sum, one) => sum + one.length.min, 0),
    max: outages.reduce((sum, one) => sum + one.length.max, 0) + isolated.length * 2 * probe.everyMs + unknownMs,
  };
  const bestMs = outages.reduce((sum, one) => sum + one.lengthMs, 0) + isolated.length * probe.everyMs;
  const from = `${count(outages.length, 'outage')}${isolated.length > 0 ? ` and ${count(isolated.length, 'single bad answer')}` : ''}`;
  return { length, bestMs, from };
}

/**
 * Of a probe that counts requests: each that failed spends the time between two of them, so that a service which fails
 * every second one for a minute spends half a minute.
 */
function spentByRequests(stream: StreamHistory, window: Window) {
  const { ok, failed, unknown } = requestsIn(stream, window);
  const { spacingMs } = stream.requests!;
  const length: Bar = { min: failed.min * spacingMs, max: (failed.max + unknown) * spacingMs };
  const from = `${failed.min} of ${count(ok.min + failed.min, 'request')} that failed${unknown > 0 ? `, ${unknown} unknown` : ''}`;
  return { length, bestMs: failed.min * spacingMs, from };
}
