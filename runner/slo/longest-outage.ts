import type { ProbeHistory, StreamHistory } from '../history.ts';
import type { Bar, Outage, VerdictValue } from '../verdict.ts';
import { atMost, notMeasured, outagesIn, silencesIn, timeOf, usedOf, type Finding, type SloInput, type Window } from './finding.ts';
import { barAround, time } from './words.ts';

/**
 * `longestOutage`: the longest outage that overlaps the window; with several streams, of the worst one. It can't have
 * been longer than the longest stretch without a good answer, whatever the reason for that: this is the upper end of the
 * error bar, so what is not known is never taken for well.
 */
export function judgeLongestOutage({ slo, probe, window }: SloInput): Finding {
  const limit = slo.longestOutage!;
  const objective = `longest outage at most ${time(limit)}`;
  const measured = probe.streams.map((stream) => measure(stream, probe, window, limit));
  const worst = measured.sort((a, b) => rank[b.verdict] - rank[a.verdict] || b.length.max - a.length.max)[0];
  if (!worst) return notMeasured(objective, `nothing is known of ${probe.name}`);

  const { outage, length, verdict, stream } = worst;
  const outages = measured.reduce((sum, one) => sum + one.outages, 0);
  const which = outages === 1 ? 'the only outage' : `the longest of ${outages} outages`;
  const whose = probe.streams.length > 1 ? ` of ${stream.name}` : '';
  const times = [timeOf('longest outage', length, outage?.end === null ? Infinity : outage?.lengthMs)];
  const base = { verdict, objective, used: outage ? usedOf(outage.lengthMs, limit) : 0, times };
  if (verdict === 'held') {
    return {
      ...base,
      measured: outage ? barAround(outage.length, outage.lengthMs) : `none longer than ${time(length.max)}`,
      margin: `${time(limit - length.max)} to spare`,
      reason: outage
        ? `${which} was ${time(length.max)} at most${whose}`
        : `a question every ${time(intervalMs(worst.stream, probe))}, and good answers all along`,
    };
  }
  if (verdict === 'broken' && outage) {
    const open = outage.end === null;
    return {
      ...base,
      measured: barAround(outage.length, outage.lengthMs),
      margin: `over by ${time(length.min - limit)}${open ? ' at least' : ''}`,
      reason: `${which} was ${time(length.min)} at least${whose}${open ? ', and had not ended when the run did' : ''}: ${outage.why}`,
    };
  }
  return { ...base, measured: outage ? barAround(outage.length, outage.lengthMs) : 'nothing', margin: '', used: outage ? base.used : null, reason: whyOpen(worst, probe, limit) };
}

const rank: Record<VerdictValue, number> = { broken: 2, inconclusive: 1, held: 0 };

interface Measured {
  readonly stream: StreamHistory;
  /** The one that decides: the longest for certain, or the one that may have been longest. */
  readonly outage: Outage | undefined;
  readonly outages: number;
  readonly length: Bar;
  readonly verdict: VerdictValue;
  /** The longest stretch without a good answer that is no outage. */
  readonly silentMs: number;
}

function measure(stream: StreamHistory, probe: ProbeHistory, window: Window, limit: number): Measured {
  const outages = outagesIn(stream, window);
  const longest = outages.reduce<Outage | undefined>((a, b) => (a && a.length.min >= b.length.min ? a : b), undefined);
  const widest = outages.reduce<Outage | undefined>((a, b) => (a && a.length.max >= b.length.max ? a : b), undefined);
  const silentMs = Math.max(0, ...silencesIn(stream, probe, window).map(({ from, to }) => to - from));
  const length = { min: longest?.length.min ?? 0, max: Math.max(widest?.length.max ?? 0, silentMs, 2 * intervalMs(stream, probe)) };
  const verdict = atMost(length, limit);
  return { stream, outage: verdict === 'broken' ? longest : widest, outages: outages.length, length, verdict, silentMs };
}

/** How far apart questions are, or requests. */
function intervalMs({ requests }: StreamHistory, { everyMs }: ProbeHistory): number {
  return requests?.spacingMs ?? everyMs;
}

function whyOpen({ outage, silentMs, stream }: Measured, probe: ProbeHistory, limit: number): string {
  if (outage && outage.length.max > limit) {
    if (outage.end === null) return `an outage was not over when the run ended, after ${time(outage.length.min)}: ${outage.why}`;
    return `too close to call: ${barAround(outage.length, outage.lengthMs)} against ${time(limit)}; ask more often`;
  }
  if (silentMs > limit) return `nothing is known of ${stream.name} for ${time(silentMs)}`;
  const every = intervalMs(stream, probe);
  return `outages shorter than ${time(2 * every)} can't be seen with a question every ${time(every)}; ask more often`;
}
