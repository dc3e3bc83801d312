import type { StreamHistory } from '../history.ts';
import type { Observation } from '../outages.ts';
import { eachInWindow, notMeasured, uncovered, type Finding, type SloInput } from './finding.ts';
import { bar, count, time } from './words.ts';

/** `always`: no answer in the window was bad. */
export function judgeAlways(input: SloInput): Finding {
  return judgePresence(input, { objective: 'always good', breaks: 'bad', keeps: 'good' });
}

/** `never`: no answer in the window was good. */
export function judgeNever(input: SloInput): Finding {
  return judgePresence(input, { objective: 'never good', breaks: 'good', keeps: 'bad' });
}

interface Presence {
  readonly objective: string;
  readonly breaks: 'good' | 'bad';
  readonly keeps: 'good' | 'bad';
}

/** One answer of the wrong kind breaks it; it is held only when something was known throughout. */
function judgePresence({ probe, window }: SloInput, { objective, breaks, keeps }: Presence): Finding {
  const wrong: { stream: StreamHistory; one: Observation }[] = [];
  let known = 0;
  let firstWhy = '';
  for (const stream of probe.streams) {
    eachInWindow(stream, window, (start, end, value, why) => {
      firstWhy ||= why;
      if (value === 'unknown') return;
      known += 1;
      if (value === breaks) wrong.push({ stream, one: { start, end, value, why } });
    });
  }
  wrong.sort((a, b) => a.one.start - b.one.start);
  const measured = `${known - wrong.length} of ${count(known, 'answer')} ${keeps}`;
  const first = wrong[0];
  if (first) {
    return {
      verdict: 'broken',
      objective,
      measured,
      margin: `${count(wrong.length, 'answer')} too many`,
      used: 1 + wrong.length / known,
      reason: whyBroken(first.stream, first.one, breaks),
    };
  }
  if (known === 0) return notMeasured(objective, `nothing is known of ${probe.name}${firstWhy ? `: ${firstWhy}` : ''}`);
  for (const stream of probe.streams) {
    const [gap] = uncovered(stream, probe, window);
    if (!gap) continue;
    const reason = `nothing is known of ${stream.name} for ${time(gap.to - gap.from)}, from ${time(gap.from)} on`;
    return { verdict: 'inconclusive', objective, measured, margin: '', used: null, reason };
  }
  return { verdict: 'held', objective, measured, margin: `no ${breaks} answer`, used: 0, reason: `none of ${count(known, 'answer')} was ${breaks}` };
}

function whyBroken(stream: StreamHistory, first: Observation, breaks: 'good' | 'bad'): string {
  const at = `${stream.name} was first ${breaks} at ${time(Math.max(0, first.start))}`;
  const outage = stream.outages.find(({ start, end }) => start.min <= first.end && first.start <= (end?.max ?? Infinity));
  const lasted = breaks === 'bad' && outage ? `, for ${bar(outage.length)}` : '';
  return `${at}${lasted}${first.why ? `: ${first.why}` : ''}`;
}
