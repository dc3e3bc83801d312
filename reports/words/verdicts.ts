import type { JudgedFault, JudgedRun, JudgedStream, Outage, VerdictValue } from '../../runner/verdict.ts';
import { counted } from './lists.ts';
import { outageLength } from './times.ts';

/** A sign beside each verdict, as colour alone is not seen by everyone. */
export const signs: Readonly<Record<VerdictValue, string>> = { held: '✓', broken: '✗', inconclusive: '?' };

/** What the exit code means, as the README's table says it. */
export function exitMeaning(code: number): string {
  switch (code) {
    case 0: return 'every SLO held';
    case 1: return 'an SLO was broken';
    case 2: return 'bad input; nothing was touched';
    case 3: return 'refused by the guard; nothing was touched';
    case 4: return 'inconclusive';
    case 5: return 'aborted; everything was undone';
    case 6: return 'something could not be undone';
    case 130: return 'interrupted; everything was undone';
    default: return 'unknown';
  }
}

/** The verdict's sentence without the verdict's word at its beginning, for where that stands beside it already. */
export function headline(run: JudgedRun): string {
  const { value, headline: whole } = run.verdict;
  const prefix = `${value}: `;
  if (!whole.toLowerCase().startsWith(prefix)) return whole;
  const rest = whole.slice(prefix.length);
  return `${rest.slice(0, 1).toUpperCase()}${rest.slice(1)}`;
}

/** How the run came to its end, when that was not the ordinary way and the headline doesn't tell it; null otherwise. */
export function oddEnd(run: JudgedRun): string | null {
  const reason = run.run.outcomeReason;
  const told = reason !== '' && run.verdict.headline.includes(reason);
  if (told && run.run.outcome !== null) return null;
  const because = reason === '' || told ? '' : `: ${reason}`;
  switch (run.run.outcome) {
    case 'finished': return null;
    case 'no-baseline': return `There was no steady baseline, so nothing was broken${because}`;
    case 'aborted': return `Aborted by a stop condition${because}`;
    case 'interrupted': return `Interrupted${because}`;
    case 'failed': return `The run failed${because}`;
    case 'not-undone': return `Something could not be undone${because}`;
    case null: return `The run did not end: it was killed, or is still going on${because}`;
  }
}

/** Faults that may still be in place. */
export function openFaults(run: JudgedRun): readonly JudgedFault[] {
  return run.faults.filter((fault) => fault.open);
}

/** What to type when something may still be broken. */
export function recoverCommand(run: JudgedRun): string {
  return `firedrill recover ${run.run.id}`;
}

/** How many of each verdict, such as `3 held, 1 broken`. */
export function tally(run: JudgedRun): string {
  const parts = (['held', 'broken', 'inconclusive'] as const)
    .map((value) => ({ value, count: run.slos.filter((slo) => slo.verdict === value).length }))
    .filter(({ count }) => count > 0)
    .map(({ value, count }) => `${count} ${value}`);
  return parts.length === 0 ? 'no SLO judged' : parts.join(', ');
}

/** The longest outage of a stream, by its best figure. */
export function longestOutage(stream: JudgedStream): Outage | null {
  return stream.outages.reduce<Outage | null>(
    (longest, outage) => (longest === null || outage.lengthMs > longest.lengthMs ? outage : longest),
    null,
  );
}

/** A stream in one sentence, for those who can't see its lane. */
export function streamInWords(stream: JudgedStream): string {
  const longest = longestOutage(stream);
  const outages =
    longest === null
      ? 'no outage'
      : `${counted(stream.outages.length, 'outage')}, the longest ${outageLength(longest)}`;
  return `${stream.good} good, ${stream.bad} bad, ${stream.unknown} unknown; ${outages}`;
}
