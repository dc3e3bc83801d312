import assert from 'node:assert/strict';
import { compareRuns } from '../../../runner/past/compare.ts';
import { listingOf, type ListedRun } from '../../../runner/past/listing.ts';
import { summaryOf, type RunSummary } from '../../../runner/past/summary.ts';
import { trendOf } from '../../../runner/past/trend.ts';
import { abortedRun, heldRun, noBaselineRun, unfinishedRun } from '../../reports/sample-runs.ts';
import { repeats, summed } from './many-runs.ts';

describe('the summary of a run', () => {
  it('has the verdict, the score, the longest of each step, and when the last target was back', () => {
    const summary = summaryOf(heldRun);
    assert.deepEqual([summary.drill, summary.verdict, summary.score.value, summary.complete], ['etcd-zone-plus-one', 'held', heldRun.score.value, true]);
    const running = heldRun.waterfall.flatMap(({ fault, steps }) => steps.flatMap(({ step, tookMs }) => (fault === 'zone' && step === 'new instance running' && tookMs !== null ? [tookMs] : [])));
    assert.equal(summary.steps.find(({ fault, step }) => fault === 'zone' && step === 'new instance running')!.ms, Math.max(...running));
    const back = heldRun.waterfall.map(({ whole }) => (whole!.min + whole!.max) / 2);
    assert.equal(summary.recovery!.ms, Math.max(...back));
  });

  it('has no recovery when a target did not come back, and is not complete when the run was not', () => {
    assert.equal(summaryOf(unfinishedRun).recovery, null);
    for (const run of [unfinishedRun, abortedRun, noBaselineRun]) assert.equal(summaryOf(run).complete, false);
  });
});

describe('a list of runs', () => {
  const listed = (summary: RunSummary): ListedRun => ({ summary, folder: summary.run, hasPage: true, problems: [] });
  const runs = [summed(1), summed(3, { verdict: 'broken' }), summed(2, { drill: 'other', tags: ['pods'] })].map(listed);

  it('has the newest first, and the areas of what is listed', () => {
    const { runs: shown, areas } = listingOf(runs, [], {});
    assert.deepEqual(shown.map(({ summary }) => summary.startedAt.slice(8, 10)), ['04', '03', '02']);
    assert.deepEqual(areas.map(({ area }) => area).sort(), [...new Set(['pods', ...heldRun.run.tags])].sort());
  });

  it('is filtered by drill, verdict and time: since counts, until does not', () => {
    const of = (filter: Parameters<typeof listingOf>[2]): string[] => listingOf(runs, [], filter).runs.map(({ summary }) => summary.startedAt.slice(8, 10));
    assert.deepEqual(of({ drill: 'other' }), ['03']);
    assert.deepEqual(of({ verdict: 'broken' }), ['04']);
    assert.deepEqual(of({ sinceMs: Date.UTC(2026, 10, 3, 10) }), ['04', '03']);
    assert.deepEqual(of({ untilMs: Date.UTC(2026, 10, 3, 10) }), ['02']);
  });
});

describe('runs side by side', () => {
  it('tell a change that is more than noise, of SLOs and of steps, with its interval', () => {
    const { rows, notes } = compareRuns([{ name: 'a', runs: repeats(8, 1) }, { name: 'b', runs: repeats(8, 1.4, 10) }]);
    for (const kind of ['slo', 'step'] as const) {
      const [change] = rows.find((row) => row.kind === kind)!.changes;
      assert.equal(change!.moreThanNoise, true);
      assert.ok(Math.abs(change!.byPart! - 0.4) < 0.05);
      assert.ok(change!.interval!.min < change!.by && change!.by < change!.interval!.max);
    }
    assert.deepEqual(notes, []);
  });

  it('call nothing a change that scatters as much by itself', () => {
    const { rows } = compareRuns([{ name: 'a', runs: repeats(10, 1) }, { name: 'b', runs: repeats(10, 1.005, 10) }]);
    assert.deepEqual([...new Set(rows.flatMap(({ changes }) => changes).filter((change) => change !== null).map(({ moreThanNoise }) => moreThanNoise))], [false]);
  });

  it('say that there are too few repeats, and still show the figures', () => {
    const { rows, notes } = compareRuns([{ name: 'a', runs: [summed(1)] }, { name: 'b', runs: [summed(2, { factor: 2 })] }]);
    const row = rows.find(({ of }) => of === 'longest outage')!;
    assert.deepEqual(row.figures.map((figure) => figure!.median), [1_000, 2_000]);
    assert.deepEqual([row.changes[0]!.by, row.changes[0]!.interval, row.changes[0]!.moreThanNoise], [1_000, null, null]);
    assert.match(notes.join('\n'), /too few repeats to tell a change from noise: it takes 5 on each side/);
  });

  it('leave out runs that did not end, and say so; and that they measured in different ways or places', () => {
    const odd = summed(9, { complete: false, measure: 'other', environment: 'staging' });
    const { rows, notes } = compareRuns([{ name: 'a', runs: [summed(1)] }, { name: 'b', runs: [odd] }]);
    assert.deepEqual(rows[0]!.figures[1], null);
    assert.match(notes.join('\n'), /not all break.*\n.*different environments: lab, staging\n.*0009 did not come to its own end/);
  });

  it('may be of many sides, each compared with the first', () => {
    const { rows, sides } = compareRuns([1, 2, 3].map((factor) => ({ name: String(factor), runs: [summed(factor, { factor })] })));
    assert.equal(sides.length, 3);
    assert.deepEqual(rows.find(({ of }) => of === 'longest outage')!.changes.map((change) => change!.by), [1_000, 2_000]);
  });

  it('may be compared with a baseline, which knows no steps', () => {
    const drill = { drill: 'etcd-zone-plus-one', environment: 'lab', firedrill: '0.1.0', measure: summed(1).measure, runs: 6, times: { 'writes are back': { 'longest outage': { ms: [900, 950, 1_000, 1_000, 1_050, 1_100], plusMinusMs: 20 } } } };
    const { rows, sides } = compareRuns([{ name: 'now', runs: repeats(8, 2) }], { name: 'baseline', drill });
    assert.deepEqual(sides.map(({ name, runs }) => [name, runs]), [['baseline', 6], ['now', 8]]);
    assert.equal(rows.find(({ of }) => of === 'longest outage')!.changes[0]!.moreThanNoise, true);
    assert.equal(rows.find(({ kind }) => kind === 'step')!.changes[0], null);
  });

  it('score as the worst of their runs, and not at all when one is not known', () => {
    const score = (value: number | null) => ({ value, slo: null, says: '' });
    const { sides } = compareRuns([
      { name: 'a', runs: [summed(1, { score: score(0.5) }), summed(2, { score: score(0.2) })] },
      { name: 'b', runs: [summed(3, { score: score(0.5) }), summed(4, { score: score(null) })] },
      { name: 'c', runs: [summed(5, { score: score(-0.5) }), summed(6, { score: score(null) })] },
    ]);
    assert.deepEqual(sides.map((side) => side.score), [0.2, null, -0.5]);
  });
});

describe('the trend of a drill', () => {
  it('has each time over all complete runs, oldest first', () => {
    const { series, leftOut } = trendOf('etcd-zone-plus-one', [summed(3, { factor: 2 }), summed(1), summed(2, { complete: false })]);
    assert.equal(leftOut, 1);
    assert.deepEqual(series.map(({ name, of }) => [name, of]), [['writes are back', 'longest outage'], ['the last target is whole again', 'recovery']]);
    assert.deepEqual(series[0]!.points.map(({ ms, limitMs }) => [ms, limitMs]), [[1_000, 5_000], [2_000, 5_000]]);
  });
});
