import type { Observation } from '../../runner/outages.ts';
import type { Standstill } from '../../runner/presence.ts';
import { seeded } from '../../runner/rng.ts';

export type OutageKind = 'refuse' | 'error' | 'hang' | 'hold';

/** From when to when the service did not work, and how that showed: `hold` answers what waited when it is back. */
export interface TrueOutage {
  readonly from: number;
  readonly to: number;
  readonly kind: OutageKind;
}

export interface SimulatedRun {
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** A leg to or from the service takes between one and two times this. */
  readonly legMs: number;
  readonly outages: readonly TrueOutage[];
  readonly standstills: readonly Standstill[];
  readonly endMs: number;
  readonly seed: number;
}

/** What a probe records of a service whose outages are known. */
export function probeSimulated(run: SimulatedRun): Observation[] {
  const random = seeded(run.seed);
  const leg = () => run.legMs * (1 + random.next());
  const stalled = (time: number) => run.standstills.find((one) => time >= one.from && time < one.to);
  /** When the harness reads what comes at `time`. */
  const read = (time: number) => stalled(time)?.to ?? time;
  const observations: Observation[] = [];

  for (let due = 0; due < run.endMs; due += run.everyMs) {
    const start = read(due + random.next() * Math.min(1, run.everyMs / 10));
    // Questions that fell due in a standstill are not made up for, but for the first.
    const missed = Math.max(0, Math.floor((start - due) / run.everyMs));
    due += missed * run.everyMs;
    const bad = (end: number, why: string) => observations.push({ start, end: Math.max(start, read(end)), value: 'bad', why });
    const reached = start + leg();
    const outage = run.outages.find((one) => reached >= one.from && reached < one.to);
    const answered = (outage ? outage.to + random.next() : reached) + leg();
    if (outage?.kind === 'refuse') bad(reached + leg(), 'connection refused');
    else if (outage?.kind === 'error') bad(reached + leg(), 'status 503');
    else if (outage?.kind === 'hang' || answered > start + run.timeoutMs) bad(start + run.timeoutMs, 'no answer within 1s');
    else {
      const killed = run.outages.find((one) => one.kind === 'refuse' && reached < one.from && answered >= one.from);
      if (killed) bad(killed.from + leg(), 'connection reset');
      else observations.push({ start, end: read(answered), value: 'good', why: '' });
    }
  }
  return observations;
}
