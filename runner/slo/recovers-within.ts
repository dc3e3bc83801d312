import { faultBar, type ProbeHistory, type StreamHistory } from '../history.ts';
import { outagesBetween, type Observation } from '../outages.ts';
import type { Bar } from '../verdict.ts';
import { atMost, inWindow, notMeasured, toleratedMs, usedOf, type Finding, type SloInput, type Window } from './finding.ts';
import { bar, time } from './words.ts';

/**
 * `recoversWithin`: from a fault to the first good answer of a streak that lasts `stableFor`. The streak that counts is
 * the first after something was wrong; a probe that never was wrong recovers at 0. With several streams, the last one to
 * recover counts. What is not known may have been good or bad: both are worked out, and make the error bar.
 */
export function judgeRecovery({ slo, probe, window, faults, stableForMs }: SloInput): Finding {
  const limit = slo.recoversWithin!;
  const objective = `good again within ${time(limit)}${slo.from ? ` of fault ${slo.from}` : ''}`;
  const fault = slo.from === undefined ? faults[0] : faults.find(({ id }) => id === slo.from);
  if (!fault || (fault.injectedMs === null && fault.failedMs === null)) {
    return notMeasured(objective, `fault ${slo.from ?? faults[0]?.id ?? ''} was not injected`);
  }
  const begun = faultBar(fault);
  const since = { fromMs: begun.min, toMs: window.toMs };
  const found = probe.streams.map((stream) => measure(stream, probe, since, stableForMs));
  if (found.length === 0 || found.every((one) => one === null)) return notMeasured(objective, `nothing is known of ${probe.name}`);

  const fromFault = ({ min, max }: Bar): Bar => ({ min: Math.max(0, min - begun.max), max: Math.max(0, max - begun.min) });
  // What a stream did that was never asked is not known: it may never have recovered.
  const recoveries = found.map((one) => (one ? { ...one, at: one.wasBad ? fromFault(one.at) : one.at } : noData));
  const whole = {
    min: Math.max(...recoveries.map(({ at }) => at.min)),
    max: Math.max(...recoveries.map(({ at }) => at.max)),
  };
  const index = recoveries.findIndex(({ at }) => at.max === whole.max);
  const last = recoveries[index]!;
  const whose = probe.streams.length > 1 ? `${probe.streams[index]!.name}: ` : '';
  const verdict = atMost(whole, limit);
  if (whole.max === Number.POSITIVE_INFINITY) {
    const ran = time(Math.max(0, window.toMs - begun.min));
    return {
      verdict,
      objective,
      measured: `not good again in ${ran}`,
      margin: verdict === 'broken' ? `over by ${time(whole.min - limit)} at least` : '',
      used: verdict === 'broken' ? usedOf(whole.min, limit) : null,
      reason: `${whose}${last.why || `no streak of good answers had lasted ${time(stableForMs)}`} when the run ended, ${ran} after the fault`,
    };
  }
  const used = usedOf((whole.min + whole.max) / 2, limit);
  const measured = whole.max === 0 ? 'never went bad' : bar(whole);
  if (verdict === 'inconclusive') {
    const reason = `too close to call: ${measured} against ${time(limit)}; ask more often`;
    return { verdict, objective, measured, margin: '', used, reason };
  }
  return {
    verdict,
    objective,
    measured,
    margin: verdict === 'held' ? `${time(limit - whole.max)} to spare` : `over by ${time(whole.min - limit)}`,
    used,
    reason: whole.max === 0 ? `${probe.name} never went bad` : `${whose}stayed good for ${time(stableForMs)} from then on`,
  };
}

interface Recovered {
  /** When, on the run's time; `max` is infinite when it had not by the end. */
  readonly at: Bar;
  readonly wasBad: boolean;
  /** What was wrong at the end, for those that had not recovered. */
  readonly why: string;
}

const noData: Recovered = { at: { min: 0, max: Number.POSITIVE_INFINITY }, wasBad: false, why: 'nothing is known' };

function measure(stream: StreamHistory, probe: ProbeHistory, window: Window, stableForMs: number): Recovered | null {
  const answers = withGaps(inWindow(stream, window), toleratedMs(probe), window);
  if (answers.length === 0) return null;
  const best = recover(answers, stream, stableForMs, (one) => one.value === 'bad');
  const worst = recover(answers, stream, stableForMs, (one) => one.value !== 'good');
  return {
    at: { min: Math.min(best.at.min, worst.at.min), max: Math.max(best.at.max, worst.at.max) },
    wasBad: best.wasBad || worst.wasBad,
    why: worst.why,
  };
}

/** Puts an unknown answer where there is none for longer than tolerated. */
function withGaps(answers: readonly Observation[], toleratedMs: number, window: Window): Observation[] {
  const result: Observation[] = [];
  let before = window.fromMs;
  for (const one of answers) {
    if (one.start - before > toleratedMs) result.push({ start: before, end: one.start, value: 'unknown', why: 'nothing was asked' });
    result.push(one);
    before = one.start;
  }
  return result;
}

function recover(
  answers: readonly Observation[],
  stream: StreamHistory,
  stableForMs: number,
  isBad: (one: Observation) => boolean,
): Recovered {
  let lastWrong: Observation | undefined;
  let first: Observation | undefined;
  let arrival = 0;
  for (const one of answers) {
    if (isBad(one) || waitedOut(one, stream)) {
      lastWrong = one;
      first = undefined;
      continue;
    }
    if (!first) {
      first = one;
      arrival = lastWrong ? Math.min(one.end, endOfOutage(lastWrong, stream)) : 0;
    }
    if (lastWrong && one.end - arrival >= stableForMs) return { at: { min: Math.min(lastWrong.start, arrival), max: arrival }, wasBad: true, why: '' };
  }
  const last = answers.at(-1)!;
  if (!lastWrong && last.end - answers[0]!.start >= stableForMs) return { at: { min: 0, max: 0 }, wasBad: false, why: '' };
  const why = first ? '' : `still ${last.value}${last.why ? ` (${last.why})` : ''}`;
  return { at: { min: lastWrong?.start ?? 0, max: Number.POSITIVE_INFINITY }, wasBad: lastWrong !== undefined, why };
}

/** Good in the end, but asked while there were no answers: it shows the outage, not the recovery. */
function waitedOut(one: Observation, stream: StreamHistory): boolean {
  return outagesBetween(stream.outages, one.start, one.start).some(
    ({ start, end }) => end !== null && one.start > start.min && one.start <= end.min && one.end >= end.max,
  );
}

/** The arrival of the first good answer after the outage that a question fell into. */
function endOfOutage(wrong: Observation, stream: StreamHistory): number {
  const outage = outagesBetween(stream.outages, wrong.start, wrong.start).find(
    ({ start, end }) => end !== null && wrong.start > start.min && wrong.start <= end.min,
  );
  return outage?.end?.max ?? Number.POSITIVE_INFINITY;
}
