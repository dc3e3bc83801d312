import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findOutages, type Observation } from '../../runner/outages.ts';
import { probeSimulated, type OutageKind, type SimulatedRun, type TrueOutage } from './simulated-service.ts';

const kinds: OutageKind[] = ['refuse', 'error', 'hang', 'hold'];

const runs: fc.Arbitrary<SimulatedRun> = fc
  .record({
    everyMs: fc.constantFrom(5, 20, 100),
    legMs: fc.double({ min: 0.05, max: 3, noNaN: true }),
    parts: fc.array(
      fc.record({
        kind: fc.constantFrom(...kinds),
        before: fc.double({ min: 0, max: 500, noNaN: true }),
        intervals: fc.double({ min: 0.1, max: 40, noNaN: true }),
      }),
      { maxLength: 6 },
    ),
    stalls: fc.array(
      fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.double({ min: 0.5, max: 150, noNaN: true }) }),
      { maxLength: 4 },
    ),
    seed: fc.nat(),
  })
  .map(({ everyMs, legMs, parts, stalls, seed }) => {
    const calmMs = 12 * everyMs + 400;
    const outages: TrueOutage[] = [];
    let at = 30 * everyMs;
    for (const part of parts) {
      const from = at + part.before;
      const to = from + part.intervals * everyMs;
      outages.push({ from, to, kind: part.kind });
      at = to + calmMs;
    }
    const endMs = at + calmMs;
    const standstills = stalls
      .map(({ at, length }) => ({ from: at * endMs, to: at * endMs + length }))
      .sort((a, b) => a.from - b.from)
      // What is usual must be known before, and that a question was late shows in the next one.
      .filter((one) => one.from > 30 * everyMs && one.to < endMs - 300)
      .filter((one, index, all) => index === 0 || one.from > all[index - 1]!.to + 200);
    return { everyMs, legMs, outages, standstills, endMs, seed, timeoutMs: 1_000 };
  });

function find(run: SimulatedRun) {
  return findOutages(probeSimulated(run), run.everyMs);
}

const holds = (property: fc.IProperty<[SimulatedRun]>) => fc.assert(property, { numRuns: 60 });

describe('outages of a service whose true outages are known', () => {
  it('lie within their error bars, every time, and none is invented', () => {
    holds(
      fc.property(runs, (run) => {
        for (const found of find(run).outages) {
          const truth = run.outages.find(({ from, to }) => from < found.end!.max && to > found.start.min);
          // A standstill that hardly delayed a question can't be told from a service that kept one waiting as long.
          const unnoticed = run.standstills.some(
            ({ from, to }) => to - from < run.everyMs + 3 && from < found.end!.max && to > found.start.min,
          );
          if (!truth && unnoticed && found.length.min === 0) continue;
          assert.ok(truth, `invented: ${JSON.stringify(found)}`);
          const bars = JSON.stringify({ truth, found });
          assert.ok(found.start.min <= truth.from && truth.from <= found.start.max, `start: ${bars}`);
          assert.ok(found.end!.min <= truth.to && truth.to <= found.end!.max, `end: ${bars}`);
          const length = truth.to - truth.from;
          assert.ok(found.length.min <= length && length <= found.length.max, `length: ${bars}`);
          assert.ok(found.length.min <= found.lengthMs && found.lengthMs <= found.length.max, `best: ${bars}`);
        }
      }),
    );
  });

  it('are all found when they are longer than two intervals', () => {
    holds(
      fc.property(runs, (run) => {
        const { outages, silences } = find(run);
        for (const truth of run.outages) {
          // Late answers alone are no outage unless they are late by ten milliseconds.
          const least = truth.kind === 'hold' ? Math.max(2 * run.everyMs, run.everyMs + 10) : 2 * run.everyMs;
          if (truth.to - truth.from <= least * 1.05) continue;
          const seen = outages.filter(({ start, end }) => start.min <= truth.from && truth.to <= end!.max);
          // Where the harness stood still it may not have asked, but it knows that it has no answers.
          const blind = run.standstills.some(({ from, to }) => from < truth.to + 100 && to > truth.from - 100);
          const silent = silences.some(({ from, to }) => from <= truth.from && truth.to <= to);
          assert.ok(seen.length === 1 || (blind && silent), JSON.stringify({ truth, outages }));
        }
      }),
    );
  });

  it('are measured to within an interval and a half', () => {
    holds(
      fc.property(runs, (run) => {
        for (const found of find({ ...run, standstills: [] }).outages) {
          const truth = run.outages.find(({ from, to }) => from < found.end!.max && to > found.start.min)!;
          const error = Math.abs(found.lengthMs - (truth.to - truth.from));
          assert.ok(error <= 1.5 * run.everyMs + 4 * run.legMs, JSON.stringify({ error, truth, found }));
        }
      }),
    );
  });
});

type Row = [start: number, end: number, value: 'g' | 'b' | 'u', why?: string];
const values = { g: 'good', b: 'bad', u: 'unknown' } as const;

function table(...rows: Row[]): Observation[] {
  return rows.map(([start, end, letter, why = letter === 'b' ? 'refused' : '']) => ({ start, end, value: values[letter], why }));
}

/** Good answers after 1 ms, every 20 ms. */
function steady(from: number, to: number): Row[] {
  const rows: Row[] = [];
  for (let start = from; start < to; start += 20) rows.push([start, start + 1, 'g']);
  return rows;
}

function refused(from: number, to: number): Row[] {
  return steady(from, to).map(([start, end]) => [start, end, 'b']);
}

const find20 = (observations: Observation[]) => findOutages(observations, 20).outages;

describe('an outage', () => {
  it('lasts from the last good answer to the next, each end with an error bar of one interval', () => {
    const [outage, ...others] = find20(table(...steady(0, 1_000), ...refused(1_000, 2_000), ...steady(2_000, 3_000)));
    assert.deepEqual(others, []);
    assert.deepEqual(outage, {
      start: { min: 980, max: 1_001 },
      end: { min: 1_980, max: 2_001 },
      length: { min: 979, max: 1_021 },
      lengthMs: 1_000,
      why: 'refused',
    });
  });

  it('is not one bad answer between good ones', () => {
    assert.deepEqual(find20(table(...steady(0, 500), [500, 501, 'b'], ...steady(520, 900))), []);
  });

  it('is two bad answers in a row', () => {
    const [outage] = find20(table(...steady(0, 500), ...refused(500, 540), ...steady(540, 900)));
    assert.equal(outage?.lengthMs, 40);
  });

  it('is not made shorter by a question that waited it out', () => {
    const waited: Row[] = steady(500, 900).map(([start]) => [start, 905, 'g']);
    const [outage, ...others] = find20(table(...steady(0, 500), ...waited, ...steady(920, 1_500)));
    assert.deepEqual(others, []);
    assert.ok(outage);
    assert.equal(outage.end?.max, 905);
    assert.ok(outage.start.min === 480 && outage.start.max < 510);
    assert.equal(outage.why, 'answered late');
  });

  it('is ended by each good answer, also a lone one', () => {
    const observations = table(
      ...steady(0, 500), ...refused(500, 700), [700, 701, 'g'], ...refused(720, 900), ...steady(900, 1_500),
    );
    assert.deepEqual(find20(observations).map((outage) => Math.round(outage.lengthMs)), [200, 180]);
  });

  it('is not where the harness asked nothing', () => {
    const observations = table(...steady(0, 500), ...steady(2_000, 2_500));
    assert.deepEqual(find20(observations), []);
    const { silences } = findOutages(observations, 20);
    assert.equal(silences.length, 1);
    assert.equal(silences[0]?.to, 2_001);
  });

  it('is not where nothing could be told', () => {
    const unknown: Row[] = steady(500, 900).map(([start, end]) => [start, end, 'u', 'no answer from the API']);
    assert.deepEqual(find20(table(...steady(0, 500), ...unknown, ...steady(900, 1_000))), []);
  });

  it('is not a question whose answer lay unread while the process stood still', () => {
    const observations = table(...steady(0, 500), [500, 900, 'g'], ...steady(900, 1_500));
    assert.deepEqual(find20(observations), []);
  });

  it('has no end when there was none by the end of the run', () => {
    const [outage] = find20(table(...steady(0, 500), ...refused(500, 900)));
    assert.ok(outage);
    assert.equal(outage.end, null);
    assert.deepEqual(outage.length, { min: 379, max: Number.POSITIVE_INFINITY });
  });

  it('may have begun before the first question', () => {
    const [outage] = find20(table(...refused(0, 400), ...steady(400, 900)));
    assert.deepEqual(outage?.start, { min: 0, max: 1 });
    assert.deepEqual(outage?.end, { min: 380, max: 401 });
  });

  it('is none when there are no observations, or only good ones', () => {
    assert.deepEqual(find20([]), []);
    assert.deepEqual(find20(table(...steady(0, 3_000))), []);
  });

  it('is not made by answers that usually take longer than the interval', () => {
    const slow: Row[] = steady(0, 3_000).map(([start], index) => [start, start + 50 + (index % 7), 'g']);
    assert.deepEqual(find20(table(...slow)), []);
  });

  it('tells its most frequent reason', () => {
    const rows = refused(500, 900).map(([start, end], index): Row => [start, end, 'b', index < 5 ? 'reset' : 'refused']);
    assert.equal(find20(table(...steady(0, 500), ...rows, ...steady(900, 1_000)))[0]?.why, 'refused');
  });
});
