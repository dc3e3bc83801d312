import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { drillBaseline, parseBaseline, printBaseline, rounded, samplesOf, stepOf, type Baseline } from '../../../runner/gate/baseline.ts';
import { compareWith, requireEnoughRuns } from '../../../runner/gate/compare.ts';
import { conclude } from '../../../runner/gate/conclude.ts';
import type { Driven } from '../../../runner/gate/drive.ts';
import { measureOf } from '../../../runner/gate/measure.ts';
import { judge } from '../../../runner/judge.ts';
import type { Entry } from '../../../runner/journal.ts';
import { heldRun } from '../../reports/sample-runs.ts';
import { endedRun, gateDrill, judgedRun } from './sample-gate.ts';

const spread = [0, 40, 80, 120, 160, 200, 240, 280, 320, 360];
const runsAt = (baseMs: number, count = 10) => spread.slice(0, count).map((more) => judgedRun(baseMs + more));
const baselineOf = (baseMs: number, count = 10): Baseline => ({ schemaVersion: 1, drills: { zone: drillBaseline(runsAt(baseMs, count), 'm') } });
const zone = gateDrill('zone', { repeat: 10 });
const ended = (baseMs: number, drill = zone) => runsAt(baseMs).map((judged, index) => endedRun(drill, 0, { round: index + 1, judged }));
const driven = (runs: Driven['runs'], changes: Partial<Driven> = {}): Driven => ({ runs, notRun: [], notWhole: [], exitCode: 0, stopped: '', ...changes });

describe('a baseline', () => {
  it('is small JSON in a fixed order that reads back, its numbers rounded to what the error bars justify', () => {
    const text = printBaseline(baselineOf(4_003));
    assert.equal(
      text,
      `{
  "drills": {
    "zone": {
      "drill": "${heldRun.run.drill}",
      "environment": "staging",
      "firedrill": "${heldRun.run.firedrillVersion}",
      "measure": "m",
      "runs": 10,
      "times": {
        "writes are back": {
          "recovery": {
            "ms": [4000, 4040, 4080, 4120, 4160, 4200, 4240, 4280, 4320, 4360],
            "plusMinusMs": 10
          }
        }
      }
    }
  },
  "schemaVersion": 1
}
`,
    );
    assert.deepEqual(parseBaseline(text, 'b.json'), baselineOf(4_003));
  });

  it('is the same whatever the order of the runs', () => {
    const runs = runsAt(4_000);
    assert.equal(JSON.stringify(drillBaseline(runs, 'm')), JSON.stringify(drillBaseline([runs[0]!, ...runs.slice(1).toReversed()], 'm')));
  });

  it('tells no figure finer than its error', () => {
    assert.deepEqual([0.01, 0.5, 7, 27, 250, 1_200].map(stepOf), [0.1, 0.1, 1, 10, 100, 1_000]);
    assert.equal(rounded(1_234.56, 100), 1_200);
    assert.equal(rounded(0.34, 0.1), 0.3);
    assert.equal(rounded(Infinity, 100), Infinity);
  });

  for (const [what, text, says] of [
    ['no JSON', '{', /b\.json is no baseline \(.*\); make one with: firedrill baseline update/],
    ['another version', '{"schemaVersion":2,"drills":{}}', /schemaVersion/],
    ['a drill without runs', '{"schemaVersion":1,"drills":{"a":{}}}', /drills\.a/],
  ] as const) {
    it(`is refused in words when it is ${what}`, () => assert.throws(() => parseBaseline(text, 'b.json'), says));
  }

  it('takes the times of every SLO that measures one from a real journal', () => {
    const file = new URL('../../journals/etcd-zone-plus-one.ndjson', import.meta.url);
    const run = judge(readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Entry));
    const samples = samplesOf([run, run]);
    assert.deepEqual(samples.map(({ of }) => of), ['longest outage', 'recovery', 'recovery']);
    for (const { sample } of samples) {
      assert.equal(sample.values.length, 2);
      assert.ok(sample.values[0]! > 100 && sample.plusMinusMs < sample.values[0]! / 2, JSON.stringify(sample));
    }
  });

  it('goes by how a drill measures, not by what it allows or how it is worded', () => {
    const { scenario } = heldRun;
    const changed = (changes: Partial<typeof scenario>): string => measureOf({ ...scenario, ...changes });
    assert.equal(changed({ title: 'x', why: 'x', limits: { quorumLoss: 'refuse', zones: 3 } }), measureOf(scenario));
    assert.equal(changed({ slos: scenario.slos.map((slo) => (slo.recoversWithin === undefined ? slo : { ...slo, recoversWithin: 1 })) }), measureOf(scenario));
    assert.notEqual(changed({ recovery: { ...scenario.recovery, stableFor: 1 } }), measureOf(scenario));
    assert.notEqual(changed({ faults: scenario.faults.slice(0, 1) }), measureOf(scenario));
  });
});

describe('comparing a gate with its baseline', () => {
  it('calls slower what is, and nothing else', () => {
    const slow = compareWith(baselineOf(4_000), 'b.json', [zone], ended(5_500));
    assert.deepEqual(slow.times.map(({ drill, slo, of, slower, nowRuns, beforeRuns }) => [drill, slo, of, slower, nowRuns, beforeRuns]), [['zone', 'writes are back', 'recovery', true, 10, 10]]);
    assert.equal(compareWith(baselineOf(4_000), 'b.json', [zone], ended(4_020)).times[0]!.slower, false);
    assert.equal(compareWith(baselineOf(4_000), 'b.json', [zone], ended(3_000)).times[0]!.slower, false);
  });

  it('tolerates what the suite says', () => {
    const patient = gateDrill('zone', { repeat: 10, slower: 0.5 });
    assert.equal(compareWith(baselineOf(4_000), 'b.json', [patient], ended(5_500, patient)).times[0]!.slower, false);
  });

  it('makes no difference of what was rounded away', () => {
    const before = baselineOf(4_003);
    assert.equal(compareWith(before, 'b.json', [zone], ended(4_003)).times[0]!.byPart, 0);
  });

  const missing: [what: string, before: Baseline, runs: ReturnType<typeof ended>, why: RegExp][] = [
    ['a drill that the baseline does not have', { schemaVersion: 1, drills: {} }, ended(4_000), /the baseline does not have it/],
    ['a drill that has changed', { schemaVersion: 1, drills: { zone: drillBaseline(runsAt(4_000), 'other') } }, ended(4_000), /measures in another way/],
    ['one of another environment', { schemaVersion: 1, drills: { zone: drillBaseline([judgedRun(4_000, { environment: 'lab' })], 'm') } }, ended(4_000), /the baseline is of lab, and this is staging/],
    ['a drill whose run was ended early', baselineOf(4_000), [endedRun(zone, 130, { judged: { ...judgedRun(Infinity), run: { ...heldRun.run, outcome: 'interrupted' } } })], /no run that measured anything/],
    ['a drill that was refused', baselineOf(4_000), [endedRun(zone, 3)], /no run that measured anything/],
  ];
  for (const [what, before, runs, why] of missing) {
    it(`tells that ${what} is not compared, and a gate that compares nothing does not pass`, () => {
      const comparison = compareWith(before, 'b.json', [zone], runs);
      assert.deepEqual(comparison.times, []);
      assert.match(comparison.missing[0]!.why, why);
      assert.equal(conclude(driven(runs), comparison).exitCode, 4);
    });
  }

  it('refuses before anything runs when there are too few runs to see anything, and says how many it takes', () => {
    assert.throws(
      () => requireEnoughRuns(baselineOf(4_000), [gateDrill('zone')]),
      /zone would be run once and compared with a baseline of 10 runs, one of 1 time: too few to tell a slow-down from chance; give --repeat 3 or more, better 10, or leave --baseline out/,
    );
    assert.throws(() => requireEnoughRuns({ schemaVersion: 1, drills: { zone: drillBaseline(runsAt(1, 1), 'm'), other: drillBaseline(runsAt(1, 1), 'm') } }, [zone, gateDrill('other')]), /make a baseline of more runs \(10 at least, better 20\)/);
    requireEnoughRuns(baselineOf(4_000), [zone]);
    requireEnoughRuns({ schemaVersion: 1, drills: {} }, [gateDrill('zone')]);
  });
});

describe('what a gate comes to', () => {
  const slow = compareWith(baselineOf(4_000), 'b.json', [zone], ended(5_500));
  const cases: [what: string, driven: Driven, comparison: typeof slow | null, exitCode: number, headline: RegExp][] = [
    ['all held', driven(ended(4_000)), null, 0, /^All 10 runs held$/],
    ['one run held', driven([endedRun(zone, 0)]), null, 0, /^All of 1 run held$/],
    ['nothing to run', driven([]), null, 0, /^Nothing to run$/],
    ['slower', driven(ended(5_500)), slow, 1, /^Slower than the baseline: zone: writes are back$/],
    ['broken', driven([endedRun(zone, 1)], { exitCode: 1 }), null, 1, /^Broken: zone$/],
    ['inconclusive', driven([endedRun(zone, 4)], { exitCode: 4 }), null, 4, /^Inconclusive: zone$/],
    ['killed', driven([endedRun(zone, 137)], { exitCode: 4 }), null, 4, /^Inconclusive: zone$/],
    ['out of time', driven(ended(1), { exitCode: 4, stopped: 'the time for the whole, 1h, was over' }), null, 4, /^Inconclusive: the time for the whole, 1h, was over$/],
    ['not whole', driven([endedRun(zone, 0)], { exitCode: 6, stopped: 'zone left the environment not whole: x' }), slow, 6, /^A human is needed: zone left the environment not whole: x$/],
    ['aborted', driven([endedRun(zone, 5)], { exitCode: 5 }), null, 5, /^Aborted, and everything undone: zone$/],
    ['refused', driven([endedRun(zone, 3)], { exitCode: 3 }), null, 3, /^Refused: zone$/],
    ['bad input', driven([endedRun(zone, 2)], { exitCode: 2 }), null, 2, /^Bad input: zone$/],
    ['interrupted', driven([], { exitCode: 130, stopped: 'interrupted', notRun: [{ drill: zone, round: 1, why: 'interrupted' }] }), null, 130, /^Interrupted, and everything undone; 1 not run$/],
  ];
  for (const [what, input, comparison, exitCode, headline] of cases) {
    it(`is ${exitCode} and says so: ${what}`, () => {
      const found = conclude(input, comparison);
      assert.equal(found.exitCode, exitCode);
      assert.match(found.headline, headline);
    });
  }
});
