import { ExpectedError } from '../errors.ts';
import { fewestRuns, median, slowDowns, type Sample } from '../statistics/slow-down.ts';
import { environmentNameOf, rounded, samplesOf, stepOf, type Baseline, type DrillBaseline } from './baseline.ts';
import type { JudgedRun } from '../verdict.ts';
import type { ComparedTime, Comparison, EndedRun, GateDrill } from './result.ts';

/** A time of a drill, as it is now and as it was. */
interface Pair {
  readonly drill: GateDrill;
  readonly slo: string;
  readonly of: string;
  readonly now: Sample;
  readonly before: Sample;
}

/**
 * Compares what recovery took with what it took before: every time of every drill, in one test over all of them.
 *
 * @param drills those of the gate; one that did not run has nothing to compare
 * @param source where the baseline came from, for people
 */
export function compareWith(baseline: Baseline, source: string, drills: readonly GateDrill[], runs: readonly EndedRun[]): Comparison {
  const missing: { drill: string; why: string }[] = [];
  const pairs: Pair[] = [];
  for (const drill of drills) {
    const judged = runs.flatMap((run) => (run.drill === drill && run.judged && isMeasurement(run.judged) ? [run.judged] : []));
    const before = baseline.drills[drill.id];
    const why = judged.length === 0 ? 'it has no run that measured anything' : whyNot(drill, environmentNameOf(judged[0]!), before);
    if (why !== undefined || !before) missing.push({ drill: drill.id, why: why ?? '' });
    else pairs.push(...pairsOf(drill, before, samplesOf(judged)));
  }
  const found = slowDowns(pairs.map(({ now, before, drill }) => ({ now, before, tolerated: drill.slower })));
  const times = pairs.map(({ drill, slo, of, now, before }, index): ComparedTime => {
    const { byPart, p, slower } = found[index]!;
    const sizes = { nowMs: median(now.values), beforeMs: median(before.values), nowRuns: now.values.length, beforeRuns: before.values.length };
    return { drill: drill.id, slo, of, ...sizes, byPart, tolerated: drill.slower, p, slower };
  });
  return { baseline: source, times, missing };
}

/** A run that was ended early cut its recovery off: that it did not come says nothing. */
function isMeasurement({ run, faults }: JudgedRun): boolean {
  return run.outcome === 'finished' && faults.length > 0;
}

/** Why a drill can't be compared; undefined when it can. */
function whyNot(drill: GateDrill, environment: string, before: DrillBaseline | undefined): string | undefined {
  if (!before) return 'the baseline does not have it';
  if (before.measure !== drill.measure) return 'it measures in another way than when the baseline was made';
  if (before.environment !== environment) return `the baseline is of ${before.environment}, and this is ${environment}`;
  return undefined;
}

/** Both are told in the same steps: what was rounded away in one must not make a difference. */
function pairsOf(drill: GateDrill, before: DrillBaseline, samples: ReturnType<typeof samplesOf>): Pair[] {
  return samples.flatMap(({ slo, of, sample }) => {
    const was = before.times[slo]?.[of];
    if (!was) return [];
    const stepMs = stepOf(was.plusMinusMs);
    const now = { values: sample.values.map((value) => rounded(value, stepMs)), plusMinusMs: sample.plusMinusMs };
    return [{ drill, slo, of, now, before: { values: was.ms, plusMinusMs: was.plusMinusMs } }];
  });
}

/**
 * That a gate has enough runs to see a slow-down at all: one that can see none would pass everything.
 *
 * @throws ExpectedError with how many it takes
 */
export function requireEnoughRuns(baseline: Baseline, drills: readonly GateDrill[]): void {
  const compared = drills.flatMap((drill) => {
    const before = baseline.drills[drill.id];
    const times = before && before.measure === drill.measure ? Object.values(before.times).flatMap((parts) => Object.values(parts)) : [];
    return times.map((time) => ({ drill, before: time.ms.length }));
  });
  for (const { drill, before } of compared) {
    const least = fewestRuns(before, compared.length);
    if (least !== undefined && drill.repeat >= least) continue;
    const times = `${compared.length} time${compared.length === 1 ? '' : 's'}`;
    const remedy = least === undefined ? 'make a baseline of more runs (10 at least, better 20)' : `give --repeat ${least} or more, better 10`;
    throw new ExpectedError(`${drill.id} would be run ${drill.repeat === 1 ? 'once' : `${drill.repeat} times`} and compared with a baseline of ${before} run${before === 1 ? '' : 's'}, one of ${times}: too few to tell a slow-down from chance; ${remedy}, or leave --baseline out`);
  }
}
