import { faultBar, partsOf, recoveryEndMs, type FaultHistory, type ProbeHistory, type StreamHistory } from '../history.ts';
import { outagesBetween, type Observation } from '../outages.ts';
import type { Bar, VerdictValue } from '../verdict.ts';
import { atMost, inWindow, longestLateMs, notMeasured, timeOf, toleratedMs, usedOf, type Finding, type SloInput, type Window } from './finding.ts';
import { bar, time } from './words.ts';

/**
 * `recoversWithin`: from a fault to the first good answer of a streak that lasts `stableFor`. The streak that counts is
 * the first after something was wrong; a probe that never was wrong recovers at 0. With several streams, the last one to
 * recover counts. What is not known may have been good or bad: both are worked out, and make the error bar. Of a rolling
 * fault that the SLO names, each part has as much time, and the worst counts.
 */
export function judgeRecovery(input: SloInput): Finding {
  const { slo, faults } = input;
  const named = slo.from === undefined ? faults.slice(0, 1) : partsOf(slo.from, faults);
  const parts = named.filter(({ injectedMs, failedMs }) => injectedMs !== null || failedMs !== null);
  if (parts.length === 0) return notMeasured(objectiveOf(input), `fault ${slo.from ?? faults[0]?.id ?? ''} was not injected`);
  const found = parts.map((part) => ({ part, ...judgeFrom(part, input) }));
  const worst = found.reduce((a, b) => (rank[b.finding.verdict] - rank[a.finding.verdict] || b.length.max - a.length.max) > 0 ? b : a);
  const { finding, part } = worst;
  return parts.length === 1 ? finding : { ...finding, reason: `the worst of ${parts.length} was ${part.id}: ${finding.reason}` };
}

const rank: Record<VerdictValue, number> = { broken: 2, inconclusive: 1, held: 0 };

function objectiveOf({ slo }: SloInput): string {
  return `good again within ${time(slo.recoversWithin!)}${slo.from ? ` of fault ${slo.from}` : ''}`;
}

function judgeFrom(fault: FaultHistory, input: SloInput): { finding: Finding; length: Bar } {
  const { slo, probe, window, faults, stableForMs } = input;
  const limit = slo.recoversWithin!;
  const objective = objectiveOf(input);
  const begun = faultBar(fault);
  const since = { fromMs: begun.min, toMs: recoveryEndMs(fault, faults, window.toMs) };
  const recovery = recoveryOf(probe, since, stableForMs);
  if (!recovery) return { finding: notMeasured(objective, `nothing is known of ${probe.name}`), length: { min: 0, max: Number.POSITIVE_INFINITY } };

  const { at, wasBad } = recovery;
  const whole = wasBad ? { min: Math.max(0, at.min - begun.max), max: Math.max(0, at.max - begun.min) } : { min: 0, max: 0 };
  const whose = probe.streams.length > 1 ? `${recovery.stream}: ` : '';
  const verdict = atMost(whole, limit);
  const told = (finding: Omit<Finding, 'verdict' | 'objective'>): { finding: Finding; length: Bar } => ({
    finding: { verdict, objective, ...finding, times: [timeOf('recovery', whole)] },
    length: whole,
  });
  if (whole.max === Number.POSITIVE_INFINITY) {
    const ran = time(Math.max(0, since.toMs - begun.min));
    return told({
      measured: `not good again in ${ran}`,
      margin: verdict === 'broken' ? `over by ${time(whole.min - limit)} at least` : '',
      used: verdict === 'broken' ? usedOf(whole.min, limit) : null,
      reason: `${whose}${recovery.why || `no streak of good answers had lasted ${time(stableForMs)}`} when the run ended, ${ran} after the fault`,
    });
  }
  const used = usedOf((whole.min + whole.max) / 2, limit);
  const measured = whole.max === 0 ? 'never went bad' : bar(whole);
  if (verdict === 'inconclusive') {
    return told({ measured, margin: '', used, reason: `too close to call: ${measured} against ${time(limit)}; ask more often` });
  }
  return told({
    measured,
    margin: verdict === 'held' ? `${time(limit - whole.max)} to spare` : `over by ${time(whole.min - limit)}`,
    used,
    reason: whole.max === 0 ? `${probe.name} never went bad` : `${whose}stayed good for ${time(stableForMs)} from then on`,
  });
}

interface Recovered {
  /** When, on the run's time; `max` is infinite when it had not by the end. Where nothing was wrong, the window's beginning. */
  readonly at: Bar;
  readonly wasBad: boolean;
  /** What was wrong at the end, for those that had not recovered. */
  readonly why: string;
}

/**
 * When all streams of a probe were good again, for as long as that takes to count.
 *
 * @param since from the beginning of what may have made it bad
 * @returns with the name of the stream that was last; null when nothing is known of any
 */
export function recoveryOf(probe: ProbeHistory, since: Window, stableForMs: number): (Recovered & { readonly stream: string }) | null {
  const found = probe.streams.map((stream) => measure(stream, probe, since, stableForMs));
  if (found.every((one) => one === null)) return null;
  // What a stream did that was never asked is not known: it may never have recovered.
  const noData: Recovered = { at: { min: since.fromMs, max: Number.POSITIVE_INFINITY }, wasBad: true, why: 'nothing is known' };
  const recoveries = found.map((one) => one ?? noData);
  const at = {
    min: Math.max(...recoveries.map((one) => one.at.min)),
    max: Math.max(...recoveries.map((one) => one.at.max)),
  };
  const index = recoveries.findIndex((one) => one.at.max === at.max);
  return { at, wasBad: recoveries.some((one) => one.wasBad || one.at.max === Number.POSITIVE_INFINITY), why: recoveries[index]!.why, stream: probe.streams[index]!.name };
}

function measure(stream: StreamHistory, probe: ProbeHistory, window: Window, stableForMs: number): Recovered | null {
  const answers = withGaps(inWindow(stream, window), toleratedMs(probe), window);
  if (answers.length === 0) return null;
  const lateMs = longestLateMs(probe);
  const isWrong = (one: Observation): boolean => one.value === 'bad' || waitedOut(one, stream, lateMs);
  const best = recover(answers, stream, window, stableForMs, isWrong);
  const worst = recover(answers, stream, window, stableForMs, (one) => one.value === 'unknown' || isWrong(one));
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
  { fromMs }: Window,
  stableForMs: number,
  isWrong: (one: Observation) => boolean,
): Recovered {
  let lastWrong: Observation | undefined;
  let first: Observation | undefined;
  let arrival = fromMs;
  for (const one of answers) {
    if (isWrong(one)) {
      lastWrong = one;
      first = undefined;
      continue;
    }
    if (!first) {
      first = one;
      arrival = lastWrong ? Math.min(one.end, endOfOutage(lastWrong, stream)) : fromMs;
    }
    if (lastWrong && one.end - arrival >= stableForMs) return { at: { min: Math.min(lastWrong.start, arrival), max: arrival }, wasBad: true, why: '' };
  }
  const last = answers.at(-1)!;
  if (!lastWrong && last.end - answers[0]!.start >= stableForMs) return { at: { min: fromMs, max: fromMs }, wasBad: false, why: '' };
  const why = first ? '' : `still ${last.value}${last.why ? ` (${last.why})` : ''}`;
  return { at: { min: lastWrong?.start ?? fromMs, max: Number.POSITIVE_INFINITY }, wasBad: lastWrong !== undefined, why };
}

/**
 * Good in the end, but asked while there were no answers for longer than `lateMs`: it shows the outage, not the recovery.
 */
function waitedOut(one: Observation, stream: StreamHistory, lateMs: number): boolean {
  return outagesBetween(stream.outages, one.start, one.start).some(
    ({ start, end, length }) => end !== null && length.max > lateMs && one.start > start.min && one.start <= end.min && one.end >= end.max,
  );
}

/** The arrival of the first good answer after the outage that a question fell into. */
function endOfOutage(wrong: Observation, stream: StreamHistory): number {
  const outage = outagesBetween(stream.outages, wrong.start, wrong.start).find(
    ({ start, end }) => end !== null && wrong.start > start.min && wrong.start <= end.min,
  );
  return outage?.end?.max ?? Number.POSITIVE_INFINITY;
}
