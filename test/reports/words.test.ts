import assert from 'node:assert/strict';
import { cut, flattened, listed } from '../../reports/words/lists.ts';
import { clock, length, moment, momentWithError, outageLength, utc, withError } from '../../reports/words/times.ts';
import { recoveryName } from '../../reports/words/recoveries.ts';
import { targetsByZone } from '../../reports/words/targets.ts';
import { visible } from '../../reports/words/untrusted.ts';
import { headline, oddEnd } from '../../reports/words/verdicts.ts';
import type { Target } from '../../runner/fault.ts';
import { abortedRun, heldRun, noBaselineRun, unfinishedRun } from './sample-runs.ts';

describe('words for times', () => {
  const lengths: readonly [ms: number, said: string][] = [
    [0, '0 ms'], [0.04, '0 ms'], [4.25, '4.3 ms'], [9.95, '10 ms'], [350, '350 ms'], [999.4, '999 ms'], [999.6, '1 s'], [1_240, '1.24 s'],
    [59_940, '59.9 s'], [119_940, '119.9 s'], [119_960, '2 min'], [245_000, '4 min 5 s'], [7_380_000, '2 h 3 min'], [-1_500, '−1.5 s'],
    [Infinity, 'no end'], [Number.NaN, '–'],
  ];
  for (const [ms, said] of lengths) it(`says ${ms} ms as "${said}"`, () => assert.equal(length(ms), said));

  it('counts moments from the first fault, never as minus zero', () => {
    assert.deepEqual([12_345, 0, -500, -0.2, -Infinity].map(moment), ['t+12.345 s', 't+0.000 s', 't−0.500 s', 't+0.000 s', '–']);
  });

  it('gives error bars, and says so when one has no end', () => {
    assert.equal(withError({ min: 1_220, max: 1_260 }), '1.240 s ± 0.020 s');
    assert.equal(withError({ min: 3_000, max: Infinity }), 'at least 3.000 s');
    assert.equal(withError({ min: -Infinity, max: 3_000 }), 'at most 3.000 s');
    assert.equal(momentWithError({ min: 10, max: Infinity }), 'after t+0.010 s');
  });

  it('keeps to the best figure of an outage when its error bar lies unevenly around it', () => {
    const outage = { start: { min: 0, max: 0 }, end: { min: 0, max: 0 }, why: '' };
    assert.equal(outageLength({ ...outage, length: { min: 0, max: 1_184 }, lengthMs: 1_162 }), '1.162 s (0.000 s to 1.184 s)');
    assert.equal(outageLength({ ...outage, length: { min: 1_220, max: 1_260 }, lengthMs: 1_241 }), '1.240 s ± 0.020 s');
    assert.equal(outageLength({ ...outage, end: null, length: { min: 5_000, max: Infinity }, lengthMs: 5_000 }), 'at least 5.000 s');
  });

  it('tells UTC from the first fault, or from the start when there was none', () => {
    assert.equal(utc(heldRun, 1_488), '2026-11-23 10:21:40.000 UTC');
    assert.equal(clock(heldRun, heldRun.run.startMs), '10:21:33.298');
    assert.equal(clock(noBaselineRun, 0), '10:21:33.298');
    assert.equal(clock({ ...heldRun, run: { ...heldRun.run, firstFaultAt: 'never' } }, 0), '–');
  });
});

describe('words for verdicts', () => {
  it('does not say the verdict twice', () => {
    const run = { ...heldRun, verdict: { ...heldRun.verdict, headline: 'Held: writes were away for 1.24 s.' } };
    assert.equal(headline(run), 'Writes were away for 1.24 s.');
    assert.equal(headline(heldRun), heldRun.verdict.headline);
  });

  it('tells how a run ended that did not end as it should, unless the headline does', () => {
    assert.equal(oddEnd(heldRun), null);
    assert.match(oddEnd(unfinishedRun)!, /^The run did not end: it was killed, or is still going on/);
    const { outcomeReason } = abortedRun.run;
    assert.equal(oddEnd({ ...abortedRun, verdict: { ...abortedRun.verdict, headline: `Not undone: ${outcomeReason}.` } }), null);
  });
});

describe('words for targets', () => {
  const target = { id: '', roles: [], group: undefined, etcdMember: undefined, zone: 'eu-west-1a' };

  it('tell machines of one name apart by the nodes that they are, and go by the zone', () => {
    const workers = ['ip-10-0-1-9', 'ip-10-0-1-10'].map((host): Target => ({ ...target, kind: 'instance', name: 'worker', node: `${host}.eu-west-1.compute.internal` }));
    const pod: Target = { ...target, kind: 'pod', name: 'web-1', node: 'ip-10-0-2-9.eu-west-1.compute.internal', zone: 'eu-west-1b' };
    assert.equal(targetsByZone([...workers, pod]), 'worker ip-10-0-1-9, worker ip-10-0-1-10 (eu-west-1a); web-1 (eu-west-1b)');
    const node: Target = { ...target, kind: 'node', name: 'ip-10-0-1-9.eu-west-1.compute.internal' };
    assert.equal(targetsByZone([node]), 'ip-10-0-1-9 (eu-west-1a)');
    const recovery = { target: 'worker', zone: 'eu-west-1a', node: node.name, fault: 'node', steps: [], slowest: null, whole: null };
    assert.equal(recoveryName(recovery), 'worker ip-10-0-1-9');
  });

  it('have no empty zone for what is in none, or in several', () => {
    assert.equal(targetsByZone([{ ...target, kind: 'workload', name: 'web', zone: '' }]), 'web');
  });
});

describe('texts from the platform', () => {
  it('are made visible and put on one line', () => {
    assert.equal(visible('a\r\n  b\tc\u202ed\u0000'), 'a b c\\u202ed\\u0000');
    assert.equal(visible('\ud800'), '\\ud800');
    assert.equal(visible('שלום 👋 ±'), 'שלום 👋 ±');
  });
});

describe('lists', () => {
  it('are cut with a count', () => {
    assert.deepEqual(cut([1, 2, 3], 2), { shown: [1, 2], more: 1 });
    assert.equal(listed(['a', 'b', 'c', 'd'], 2), 'a, b and 2 more');
    assert.equal(listed([]), 'none');
  });

  it('of settings are flattened, and say none where there is nothing', () => {
    assert.deepEqual(flattened({ a: { b: 1, gone: undefined, c: [] }, d: ['x', 'y'], e: {}, f: [{ g: null }] }), [
      { path: 'a.b', values: ['1'] }, { path: 'a.c', values: ['none'] }, { path: 'd', values: ['x', 'y'] }, { path: 'e', values: ['none'] },
      { path: 'f.0.g', values: ['null'] },
    ]);
  });
});
