import assert from 'node:assert/strict';
import fc from 'fast-check';
import { areaScores, scoreOf, type ScoredRun } from '../../runner/score.ts';
import type { JudgedSlo, VerdictValue } from '../../runner/verdict.ts';

function slo(name: string, verdict: VerdictValue, used: number | null): JudgedSlo {
  return { name, probe: 'writes', form: 'longestOutage', slo: { name, probe: 'writes', longestOutage: 5_000 }, verdict, objective: '', measured: '', margin: '', used, reason: '' };
}

describe('the score of a run', () => {
  it('is the margin of the worst SLO, whatever the others have left', () => {
    assert.deepEqual(scoreOf([slo('a', 'held', 0.1), slo('b', 'held', 0.8), slo('c', 'held', 0)], 'held'), { value: 0.2, slo: 'b', says: '20 %, by “b”' });
  });

  it('is below nought when one is broken, which nothing outweighs', () => {
    assert.deepEqual(scoreOf([slo('a', 'held', 0), slo('b', 'broken', 1.25)], 'broken'), { value: -0.25, slo: 'b', says: '−25 %, by “b”' });
    assert.equal(scoreOf([slo('b', 'broken', 12)], 'broken').value, -1);
    assert.equal(scoreOf([slo('b', 'broken', Infinity)], 'broken').value, -1);
    assert.equal(scoreOf([slo('b', 'broken', null)], 'broken').value, 0);
  });

  it('is not known when an SLO is not, unless another is broken', () => {
    assert.equal(scoreOf([slo('a', 'held', 0), slo('b', 'inconclusive', null)], 'inconclusive').value, null);
    assert.equal(scoreOf([slo('a', 'held', 0), slo('b', 'inconclusive', 0.9)], 'inconclusive').value, null);
    const both = scoreOf([slo('a', 'broken', 1.5), slo('b', 'inconclusive', null)], 'broken');
    assert.equal(both.value, -0.5);
    assert.match(both.says, /at most, as others are not known/);
  });

  it('is not known of a run without an SLO, or that did not come to its own end', () => {
    assert.equal(scoreOf([], 'inconclusive').value, null);
    assert.equal(scoreOf([slo('a', 'held', 0)], 'inconclusive').value, null);
  });

  it('is never better for one more SLO', () => {
    const any = fc.record({ verdict: fc.constantFrom('held', 'broken', 'inconclusive'), used: fc.option(fc.double({ min: 0, max: 3, noNaN: true })) }).map(({ verdict, used }) => slo('x', verdict, used));
    // What is not known may be anything: better than a broken one, and worse than a held one.
    const rank = (slos: readonly JudgedSlo[]): number => {
      const { value } = scoreOf(slos, slos.every(({ verdict }) => verdict === 'held') ? 'held' : 'broken');
      return value ?? 1e-9;
    };
    fc.assert(fc.property(fc.array(any, { minLength: 1, maxLength: 5 }), any, (slos, more) => {
      const known = rank(slos);
      const after = rank([...slos, more]);
      assert.ok(after <= known || (known === 1e-9 && after <= 1e-9) || known === 0, `${known} became ${after}`);
    }));
  });
});

describe('the score of an area', () => {
  const run = (drill: string, tags: string[], startedAt: string, value: number | null): ScoredRun => ({ drill, tags, startedAt, score: { value, slo: 'x', says: '' } });

  it('is that of the worst of its drills, each by its newest run', () => {
    const areas = areaScores([
      run('a', ['etcd', 'zone'], '2026-11-01', -1), run('a', ['etcd', 'zone'], '2026-11-02', 0.7), run('b', ['etcd'], '2026-11-01', 0.4),
    ]);
    assert.deepEqual(areas, [{ area: 'etcd', value: 0.4, drill: 'b', drills: 2 }, { area: 'zone', value: 0.7, drill: 'a', drills: 1 }]);
  });

  it('is not known when that of a drill is not, unless another is broken', () => {
    const known = run('a', ['etcd'], '2026-11-01', 0.4);
    const unknown = run('b', ['etcd'], '2026-11-01', null);
    assert.deepEqual(areaScores([known, unknown]).map(({ value, drill }) => [value, drill]), [[null, 'b']]);
    assert.deepEqual(areaScores([known, unknown, run('c', ['etcd'], '2026-11-01', -0.2)]).map(({ value, drill }) => [value, drill]), [[-0.2, 'c']]);
  });
});
