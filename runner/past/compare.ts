import type { DrillBaseline } from '../gate/baseline.ts';
import { difference, differenceInterval, fewestRepeats } from '../statistics/bootstrap.ts';
import { holm } from '../statistics/holm.ts';
import { rankTest } from '../statistics/rank-test.ts';
import { median } from '../statistics/slow-down.ts';
import type { Bar, VerdictValue } from '../verdict.ts';
import type { RunSummary } from './summary.ts';

/** Of all comparisons of one report at most this part may call anything a change that is none. */
const errorRate = 0.05;

/** What is put beside what: the repeats of one drill at one time. */
export interface Side {
  readonly name: string;
  /** Of one drill; at least one. */
  readonly runs: readonly RunSummary[];
}

/** Sides by side; the first is what the others are compared with. */
export interface RunsComparison {
  readonly drill: string;
  readonly sides: readonly ComparedSide[];
  readonly rows: readonly ComparedRow[];
  /** What makes the comparison say less than it seems to, one sentence each. */
  readonly notes: readonly string[];
}

export interface ComparedSide {
  readonly name: string;
  readonly runs: number;
  readonly verdicts: Readonly<Record<VerdictValue, number>>;
  readonly score: number | null;
}

export interface ComparedRow {
  readonly kind: 'slo' | 'step';
  /** The SLO's name; for a step of the waterfall its fault and its name. */
  readonly name: string;
  /** What of it: `recovery`, `p99`, `used` for the part of a limit that was used. */
  readonly of: string;
  /** Milliseconds, or parts of the limit. */
  readonly unit: 'ms' | 'part';
  /** One for each side; null where it has none. */
  readonly figures: readonly (ComparedFigure | null)[];
  /** One for each side after the first. */
  readonly changes: readonly (Change | null)[];
}

export interface ComparedFigure {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly count: number;
  /** How far from it a single value typically may be. */
  readonly plusMinus: number;
  /** Of an SLO: how often it came to what. */
  readonly verdicts: Readonly<Record<VerdictValue, number>> | null;
}

export interface Change {
  readonly by: number;
  /** As a part of what it was; null where that was nothing. */
  readonly byPart: number | null;
  /** 95 %; null with too few repeats. */
  readonly interval: Bar | null;
  /** Null with too few repeats. */
  readonly moreThanNoise: boolean | null;
}

interface Sample {
  readonly values: readonly number[];
  readonly plusMinus: number;
  readonly verdicts: Readonly<Record<VerdictValue, number>> | null;
}
type Samples = ReadonlyMap<string, Sample>;

/**
 * Puts runs of one drill beside each other. Pure.
 *
 * @param sides at least one
 * @param baseline stands before all sides, when there is one
 */
export function compareRuns(sides: readonly Side[], baseline?: { readonly name: string; readonly drill: DrillBaseline }): RunsComparison {
  const first = sides[0]!.runs[0]!;
  const samples = [...(baseline ? [samplesOfBaseline(baseline.drill)] : []), ...sides.map(({ runs }) => samplesOf(runs.filter(({ complete }) => complete)))];
  const keys = [...new Set(samples.flatMap((one) => [...one.keys()]))];
  return {
    drill: first.drill,
    sides: [...(baseline ? [sideOfBaseline(baseline)] : []), ...sides.map(comparedSide)],
    rows: withTests(keys.map((key) => ({ key, samples: samples.map((one) => one.get(key) ?? null) }))),
    notes: notesOf(sides, baseline),
  };
}

function samplesOf(runs: readonly RunSummary[]): Samples {
  const found = new Map<string, { values: number[]; errors: number[]; verdicts: Record<VerdictValue, number> | null }>();
  const add = (key: readonly [kind: string, name: string, of: string], value: number | null, error: number, verdict?: VerdictValue): void => {
    const text = JSON.stringify(key);
    const one = found.get(text) ?? { values: [], errors: [], verdicts: verdict ? { held: 0, broken: 0, inconclusive: 0 } : null };
    found.set(text, one);
    if (value !== null) {
      one.values.push(value);
      one.errors.push(error);
    }
    if (verdict && one.verdicts) one.verdicts[verdict] += 1;
  };
  for (const { slos, steps } of runs) {
    for (const slo of slos) {
      for (const { of, ms, plusMs } of slo.times) add(['slo', slo.name, of], ms, plusMs, slo.verdict);
      if (slo.times.length === 0) add(['slo', slo.name, 'used'], slo.used, 0, slo.verdict);
    }
    for (const { fault, step, ms } of steps) add(['step', `${fault}: ${step}`, 'longest'], ms, 0);
  }
  return new Map([...found].map(([key, { values, errors, verdicts }]) => [key, { values, plusMinus: median(errors), verdicts }]));
}

function samplesOfBaseline({ times }: DrillBaseline): Samples {
  return new Map(Object.entries(times).flatMap(([slo, parts]) => Object.entries(parts).map(([of, { ms, plusMinusMs }]) => [JSON.stringify(['slo', slo, of]), { values: ms, plusMinus: plusMinusMs, verdicts: null }])));
}

function withTests(keyed: readonly { key: string; samples: readonly (Sample | null)[] }[]): ComparedRow[] {
  const rows = keyed.map(({ key, samples }) => {
    const [kind, name, of] = JSON.parse(key) as ['slo' | 'step', string, string];
    const [before, ...after] = samples;
    const pairs = after.map((now) => (before && now && before.values.length > 0 && now.values.length > 0 ? { before, now } : null));
    return { kind, name, of, unit: of === 'used' ? ('part' as const) : ('ms' as const), samples, pairs };
  });
  const enough = rows.flatMap(({ pairs }) => pairs.filter((pair) => pair !== null && pair.now.values.length >= fewestRepeats && pair.before.values.length >= fewestRepeats) as Pair[]);
  const rejected = holm(enough.map(({ now, before }) => Math.min(1, 2 * Math.min(rankTest(now.values, before.values), rankTest(before.values, now.values)))), errorRate);
  const isChange = new Map(enough.map((pair, index) => [pair, rejected[index]!]));
  return rows.map(({ samples, pairs, ...rest }) => ({ ...rest, figures: samples.map(figureOf), changes: pairs.map((pair) => pair && changeOf(pair, isChange.get(pair))) }));
}

interface Pair {
  readonly before: Sample;
  readonly now: Sample;
}

/** @param isChange whether chance does not explain it; undefined where that could not be asked */
function changeOf({ before, now }: Pair, isChange: boolean | undefined): Change {
  const was = median(before.values);
  const by = difference(median(now.values), was);
  const interval = differenceInterval(now.values, before.values);
  const seen = Math.abs(by) > now.plusMinus + before.plusMinus;
  const apart = interval !== null && (interval.min > 0 || interval.max < 0);
  return { by, byPart: was > 0 ? by / was : null, interval, moreThanNoise: isChange === undefined ? null : isChange && seen && apart };
}

function figureOf(sample: Sample | null): ComparedFigure | null {
  if (!sample || (sample.values.length === 0 && sample.verdicts === null)) return null;
  const { values, plusMinus, verdicts } = sample;
  if (values.length === 0) return { median: Number.POSITIVE_INFINITY, least: Number.POSITIVE_INFINITY, most: Number.POSITIVE_INFINITY, count: 0, plusMinus, verdicts };
  return { median: median(values), least: Math.min(...values), most: Math.max(...values), count: values.length, plusMinus, verdicts };
}

function comparedSide({ name, runs }: Side): ComparedSide {
  const verdicts = { held: 0, broken: 0, inconclusive: 0 };
  for (const { verdict } of runs) verdicts[verdict] += 1;
  const scores = runs.map(({ score }) => score.value);
  // As for one run: what is broken outranks what is not known, which outranks the rest.
  const broken = scores.filter((value) => value !== null && value <= 0) as number[];
  const score = broken.length > 0 ? Math.min(...broken) : scores.includes(null) ? null : Math.min(...(scores as number[]));
  return { name, runs: runs.length, verdicts, score };
}

function sideOfBaseline({ name, drill }: { readonly name: string; readonly drill: DrillBaseline }): ComparedSide {
  return { name, runs: drill.runs, verdicts: { held: drill.runs, broken: 0, inconclusive: 0 }, score: null };
}

function notesOf(sides: readonly Side[], baseline: { readonly name: string; readonly drill: DrillBaseline } | undefined): string[] {
  const runs = sides.flatMap((side) => side.runs);
  const measures = new Set([...runs.map(({ measure }) => measure), ...(baseline ? [baseline.drill.measure] : [])]);
  const environments = new Set([...runs.map(({ environment }) => environment), ...(baseline ? [baseline.drill.environment] : [])]);
  const incomplete = runs.filter(({ complete }) => !complete);
  const sizes = [...(baseline ? [baseline.drill.runs] : []), ...sides.map((side) => side.runs.filter(({ complete }) => complete).length)];
  return [
    ...(measures.size > 1 ? ['they do not all break, watch and ask for the same things: their times are not of one kind'] : []),
    ...(environments.size > 1 ? [`they are of different environments: ${[...environments].join(', ')}`] : []),
    ...incomplete.map(({ run }) => `${run} did not come to its own end, or broke nothing: its figures are left out`),
    ...(sizes.some((size) => size < fewestRepeats) ? [`too few repeats to tell a change from noise: it takes ${fewestRepeats} on each side, better 10`] : []),
  ];
}

