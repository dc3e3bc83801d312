import type { JudgedSlo, Score, VerdictValue } from './verdict.ts';

/** What is missed by more than all of the limit is not told apart. */
const lowest = -1;

/**
 * How much a drill left of what was allowed: the margin of its worst SLO as a part of that SLO's limit. One that is broken is
 * never outweighed by others, and one that is not known makes the whole unknown, unless another is known to be broken.
 *
 * @param verdict of the whole run
 */
export function scoreOf(slos: readonly JudgedSlo[], verdict: VerdictValue): Score {
  const broken = slos.filter((slo) => slo.verdict === 'broken');
  if (broken.length > 0) return leastOf(broken.map(marginOf), broken.length < slos.length && slos.some(isUnknown));
  const unknown = slos.find(isUnknown);
  if (unknown) return { value: null, slo: unknown.name, says: `not known: “${unknown.name}” is inconclusive` };
  if (slos.length === 0) return { value: null, slo: null, says: 'not known: there is no SLO' };
  if (verdict !== 'held') return { value: null, slo: null, says: 'not known: the run did not come to its own end' };
  return leastOf(slos.map(marginOf), false);
}

function isUnknown({ verdict, used }: JudgedSlo): boolean {
  return verdict === 'inconclusive' || (verdict === 'held' && used === null);
}

interface Margin {
  readonly slo: string;
  /** Of the limit, what is left. */
  readonly value: number;
}

function marginOf({ name, verdict, used }: JudgedSlo): Margin {
  const left = Math.max(lowest, 1 - (used ?? 1));
  return { slo: name, value: verdict === 'broken' ? Math.min(0, left) : Math.max(0, left) };
}

function leastOf(margins: readonly Margin[], orLess: boolean): Score {
  const { slo, value } = margins.reduce((least, one) => (one.value < least.value ? one : least));
  const parts = Math.round(value * 1_000) / 1_000;
  return { value: parts, slo, says: `${Number((parts * 100).toFixed(1))} %${orLess ? ' at most, as others are not known' : ''}, by “${slo}”`.replace('-', '−') };
}

/** What a run says of the areas of the platform that its drill is about. */
export interface ScoredRun {
  readonly drill: string;
  readonly tags: readonly string[];
  /** UTC, ISO 8601. */
  readonly startedAt: string;
  readonly score: Score;
}

/** The score of a part of the platform: the drills that carry its tag. */
export interface AreaScore {
  readonly area: string;
  readonly value: number | null;
  /** The drill that decides. */
  readonly drill: string;
  /** How many drills have been run of it. */
  readonly drills: number;
}

/**
 * Of each tag the worst of its drills, each by its newest run: again one that is not known makes the area unknown, unless
 * another is broken. By the name of the tag.
 */
export function areaScores(runs: readonly ScoredRun[]): AreaScore[] {
  const newest = new Map<string, ScoredRun>();
  for (const run of runs) {
    const before = newest.get(run.drill);
    if (!before || before.startedAt < run.startedAt) newest.set(run.drill, run);
  }
  const tagged = [...newest.values()].flatMap((run) => [...new Set(run.tags)].map((tag) => ({ tag, run })));
  return [...Map.groupBy(tagged, ({ tag }) => tag)]
    .map(([area, all]) => areaOf(area, all.map(({ run }) => run)))
    .sort((a, b) => (a.area < b.area ? -1 : 1));
}

function areaOf(area: string, runs: readonly ScoredRun[]): AreaScore {
  const known = runs.filter(({ score }) => score.value !== null).sort((a, b) => a.score.value! - b.score.value!);
  const worst = known[0];
  const unknown = runs.find(({ score }) => score.value === null);
  const decides = worst && (worst.score.value! <= 0 || !unknown) ? worst : unknown!;
  return { area, value: decides.score.value, drill: decides.drill, drills: runs.length };
}
