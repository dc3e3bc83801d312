import assert from 'node:assert/strict';
import { fewestRuns, median, promisedErrorRate, slowDowns, type Sample } from '../../../runner/statistics/slow-down.ts';
import { noiseOf, simulate } from './noisy-runs.ts';

const sample = (values: readonly number[], plusMinusMs = 0): Sample => ({ values, plusMinusMs });
const ten = (from: number, step = 10): number[] => Array.from({ length: 10 }, (_, index) => from + index * step);
const one = (now: Sample, before: Sample, tolerated = 0.1) => slowDowns([{ now, before, tolerated }])[0]!;

describe('whether recovery became slower', () => {
  it('is told with by how much, and how likely chance would do so', () => {
    const found = one(sample(ten(1_300)), sample(ten(1_000)));
    assert.deepEqual({ ...found, byPart: found.byPart?.toFixed(3) }, { byMs: 300, byPart: '0.287', p: 1 / 184_756, slower: true });
  });

  it('is denied when it became faster, or stayed', () => {
    assert.equal(one(sample(ten(700)), sample(ten(1_000))).slower, false);
    assert.equal(one(sample(ten(1_000)), sample(ten(1_000))).slower, false);
  });

  it('is denied for what is tolerated, however certain', () => {
    assert.equal(one(sample(ten(1_100, 1)), sample(ten(1_000, 1)), 0.15).slower, false);
    assert.equal(one(sample(ten(1_100, 1)), sample(ten(1_000, 1)), 0.05).slower, true);
  });

  it('is denied for less than a measurement can be wrong by', () => {
    assert.equal(one(sample(ten(1_300), 160), sample(ten(1_000), 160)).slower, false);
    assert.equal(one(sample(ten(1_300), 140), sample(ten(1_000), 140)).slower, true);
  });

  it('counts a recovery that did not come as slower than any', () => {
    const found = one(sample(ten(1_000).map((value, index) => (index < 8 ? Infinity : value))), sample(ten(1_000)));
    assert.equal(found.slower, true);
    assert.equal(found.byMs, Infinity);
    assert.equal(one(sample([Infinity, Infinity]), sample([Infinity, Infinity])).slower, false);
  });

  it('copes with what took no time before', () => {
    const found = one(sample(ten(500), 10), sample(Array<number>(10).fill(0)));
    assert.equal(found.slower, true);
    assert.equal(found.byPart, null);
  });

  it('can not be told by too few runs, and says how many it takes', () => {
    assert.equal(one(sample([2_000, 2_001, 2_002, 2_003]), sample([1_000, 1_001, 1_002, 1_003])).slower, false);
    assert.equal(fewestRuns(10, 1), 3);
    assert.equal(fewestRuns(10, 8), 4);
    assert.equal(fewestRuns(1, 1), 124);
    assert.equal(fewestRuns(1, 8), undefined);
    assert.equal(fewestRuns(0, 1), undefined);
  });

  it('takes the middle of an even number of values, also without end', () => {
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.equal(median([Infinity, Infinity]), Infinity);
    assert.equal(median([]), 0);
  });
});

// What docs/statistics.md promises. The seeds are fixed: the figures are the same each time, and others with other seeds differ
// by a few tenths of a percent.
describe('the promises of the gate, by simulation', () => {
  it('are about times that scatter by some 10 %', () => {
    assert.ok(Math.abs(noiseOf() - 0.1) < 0.005, `${noiseOf()}`);
    assert.ok(noiseOf(2) > 0.18);
  });

  const unchanged: [what: string, gate: Parameters<typeof simulate>[0]][] = [
    ['one objective, nothing tolerated', { objectives: 1, now: 10, before: 10, slower: 1, tolerated: 0 }],
    ['8 objectives, nothing tolerated', { objectives: 8, now: 10, before: 10, slower: 1, tolerated: 0 }],
    ['8 objectives, 10 % tolerated as by default', { objectives: 8, now: 10, before: 10, slower: 1, tolerated: 0.1 }],
    ['8 objectives that scatter twice as much', { objectives: 8, now: 10, before: 10, slower: 1, tolerated: 0.1, wider: 2 }],
  ];
  for (const [what, gate] of unchanged) {
    it(`at most 1 % of gates raise an alarm on a system that has not changed: ${what}`, () => {
      const { any } = simulate(gate, { gates: 3_000, seed: 2 });
      assert.ok(any <= promisedErrorRate, `${(any * 100).toFixed(2)} %`);
    });
  }

  const slowed: [what: string, gate: Parameters<typeof simulate>[0]][] = [
    ['one objective', { objectives: 1, now: 10, before: 10, slower: 1.3, tolerated: 0.1 }],
    ['one of 8 objectives', { objectives: 8, now: 10, before: 10, slower: 1.3, tolerated: 0.1 }],
    ['one of 40, against 20 runs of before', { objectives: 40, now: 10, before: 20, slower: 1.3, tolerated: 0.1 }],
  ];
  for (const [what, gate] of slowed) {
    it(`at least 95 % of gates of 10 repeats find a slow-down of 30 %: ${what}`, () => {
      const { first } = simulate(gate, { gates: gate.objectives > 10 ? 250 : 2_000, seed: 2 });
      assert.ok(first >= 0.95, `${(first * 100).toFixed(2)} %`);
    });
  }

  it('fewer are found where times scatter twice as much, and docs/statistics.md says so', () => {
    const gate = { objectives: 8, now: 10, before: 10, slower: 1.3, tolerated: 0.1, wider: 2 };
    const { first } = simulate(gate, { gates: 300, seed: 2 });
    assert.ok(first < 0.5, `${(first * 100).toFixed(2)} %`);
  });
});
