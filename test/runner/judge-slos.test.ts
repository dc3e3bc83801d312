import assert from 'node:assert/strict';
import { judge } from '../../runner/judge.ts';
import type { RawObservation } from '../../runner/journal.ts';
import type { JudgedSlo } from '../../runner/verdict.ts';
import { answers, drill, JournalBuilder } from './journal-builder.ts';

const endMs = 20_000;

type Change = (journal: JournalBuilder) => void;

/** Judges one SLO on what `writes` (every 20 ms) said; fault at 0, recovery phase up to 20 s. */
function judged(slo: Record<string, unknown>, rows: readonly RawObservation[], change: Change = () => {}): JudgedSlo {
  const journal = new JournalBuilder(drill({ slos: [{ name: 'the SLO', probe: 'writes', ...slo }] }));
  journal.fault(0, 'zone').observe('writes', [...answers(-5_800, 0), ...rows]);
  change(journal);
  return judge(journal.end(1_000, endMs).entries).slos[0]!;
}

/** Good, but refused from 100 ms on, for as long as given. */
const outOf = (lengthMs: number): RawObservation[] => [
  ...answers(0, 100),
  ...answers(100, 100 + lengthMs, 'b'),
  ...answers(100 + lengthMs, endMs),
];
const allGood = answers(0, endMs);

function says(slo: JudgedSlo, expected: Partial<JudgedSlo>): void {
  for (const [key, value] of Object.entries(expected)) assert.deepEqual(slo[key as keyof JudgedSlo], value, key);
}

describe('an SLO on the longest outage', () => {
  it('is held when the whole error bar is within it', () => {
    says(judged({ longestOutage: '5s' }, outOf(1_240)), {
      verdict: 'held',
      objective: 'longest outage at most 5 s',
      measured: '1.24 s ± 0.03 s',
      margin: '3.74 s to spare',
      reason: 'the only outage was 1.26 s at most',
    });
  });

  it('is broken when the whole error bar is beyond it', () => {
    says(judged({ longestOutage: '1s' }, outOf(1_240)), {
      verdict: 'broken',
      measured: '1.24 s ± 0.03 s',
      margin: 'over by 218 ms',
      reason: 'the only outage was 1.22 s at least: connection refused',
    });
  });

  it('is too close to call when the error bar reaches over it', () => {
    says(judged({ longestOutage: '1250ms' }, outOf(1_240)), {
      verdict: 'inconclusive',
      margin: '',
      reason: 'too close to call: 1.24 s ± 0.03 s against 1.25 s; ask more often',
    });
  });

  it('tells how far it was used up', () => {
    assert.equal(judged({ longestOutage: '5s' }, outOf(1_000)).used, 0.2);
    assert.equal(judged({ longestOutage: '500ms' }, outOf(1_000)).used, 2);
    assert.equal(judged({ longestOutage: '5s' }, allGood).used, 0);
  });

  it('is held when there was no outage, with what could not be seen', () => {
    says(judged({ longestOutage: '5s' }, allGood), { verdict: 'held', measured: 'none longer than 40 ms', margin: '4.96 s to spare' });
  });

  it("can't be told where it is shorter than what can be seen", () => {
    says(judged({ longestOutage: '10ms' }, allGood), {
      verdict: 'inconclusive',
      reason: "outages shorter than 40 ms can't be seen with a question every 20 ms; ask more often",
    });
  });

  it('is broken by an outage that had not ended when the run did', () => {
    says(judged({ longestOutage: '5s' }, [...answers(0, 100), ...answers(100, endMs, 'b')]), {
      verdict: 'broken',
      measured: 'at least 19.88 s',
      margin: 'over by 14.88 s at least',
    });
  });

  it("can't be told when an outage had not ended, and the run ended before the objective was over", () => {
    const slo = judged({ longestOutage: '1m' }, [...answers(0, 100), ...answers(100, endMs, 'b')]);
    says(slo, { verdict: 'inconclusive', reason: 'an outage was not over when the run ended, after 19.88 s: connection refused' });
  });

  it('is not held when nothing is known for longer than it', () => {
    const blind = [...answers(0, 4_000), ...answers(12_000, endMs)];
    says(judged({ longestOutage: '5s' }, blind, (journal) => journal.blind(4_000, 12_000)), {
      verdict: 'inconclusive',
      reason: 'nothing is known of writes for 8.02 s',
    });
    says(judged({ longestOutage: '10s' }, blind), { verdict: 'held' });
    says(judged({ longestOutage: '5s' }, [...answers(0, 4_000), ...answers(4_000, 12_000, 'u'), ...answers(12_000, endMs)]), {
      verdict: 'inconclusive',
    });
  });

  it('is not held when the answers stop before the run ends', () => {
    says(judged({ longestOutage: '5s' }, answers(0, 8_000)), { verdict: 'inconclusive', reason: 'nothing is known of writes for 12.02 s' });
  });

  it('is not held when there were no answers at all', () => {
    const slo = judge(new JournalBuilder(drill()).fault(0, 'zone').end(1_000, endMs).entries).slos[0]!;
    says(slo, { verdict: 'inconclusive', measured: 'nothing', reason: 'nothing is known of writes' });
  });

  it('holds for every stream of a probe, and names the worst', () => {
    const journal = new JournalBuilder(drill()).fault(0, 'zone');
    journal.observe('writes', [...answers(-5_800, 0), ...allGood], 'writes/peer-1');
    journal.observe('writes', [...answers(-5_800, 0), ...outOf(6_000)], 'writes/peer-2');
    const slo = judge(journal.end(1_000, endMs).entries).slos[0]!;
    says(slo, { verdict: 'broken', reason: 'the only outage was 5.98 s at least of writes/peer-2: connection refused' });
  });

  it('counts a question that waited out an election as no answer', () => {
    const waited = answers(100, 900).map(([start]): RawObservation => [start, 910, 'g']);
    const slo = judged({ longestOutage: '500ms' }, [...answers(0, 100), ...waited, ...answers(920, endMs)]);
    assert.equal(slo.verdict, 'broken');
  });
});

describe('an SLO that says always', () => {
  it('is held when every answer was good', () => {
    says(judged({ always: true }, allGood), { verdict: 'held', measured: '1000 of 1000 answers good', used: 0 });
  });

  it('is broken by one bad answer', () => {
    const slo = judged({ always: true }, [...answers(0, 500), [500, 502, 'b', 'no leader'], ...answers(520, endMs)]);
    says(slo, { verdict: 'broken', measured: '999 of 1000 answers good', reason: 'writes was first bad at 500 ms: no leader' });
  });

  it('tells how long it was bad', () => {
    const { reason } = judged({ always: true }, outOf(1_240));
    assert.equal(reason, 'writes was first bad at 100 ms, for 1.24 s ± 0.03 s: connection refused');
  });

  it('is not broken by what was bad before the fault', () => {
    says(judged({ always: true }, allGood, (journal) => journal.observe('writes', [[-3_000, -2_999, 'b']])), { verdict: 'held' });
  });

  it('is not held when nothing is known for longer than a question may take', () => {
    says(judged({ always: true }, [...answers(0, 2_000), ...answers(3_500, endMs)]), {
      verdict: 'inconclusive',
      reason: 'nothing is known of writes for 1.52 s, from 1.98 s on',
    });
    says(judged({ always: true }, [...answers(0, 2_000), ...answers(2_000, 3_500, 'u'), ...answers(3_500, endMs)]), {
      verdict: 'inconclusive',
    });
    says(judged({ always: true }, answers(0, 12_000)), { verdict: 'inconclusive' });
    says(judged({ always: true }, []), { verdict: 'inconclusive' });
  });

  it('is held although a question was under way when the run ended', () => {
    says(judged({ always: true }, [...allGood, [19_999, 20_003, 'u', 'cut off by the end of the run']]), { verdict: 'held' });
  });
});

describe('an SLO that says never', () => {
  const refused = answers(0, endMs, 'b');

  it('is held when no answer was good, and broken by one that was', () => {
    says(judged({ never: true }, refused), { verdict: 'held', measured: '1000 of 1000 answers bad' });
    says(judged({ never: true }, [...refused, [500.5, 502, 'g']]), { verdict: 'broken', reason: 'writes was first good at 501 ms' });
  });

  it('is not held when nothing was asked', () => {
    says(judged({ never: true }, []), { verdict: 'inconclusive', reason: 'nothing is known of writes' });
  });
});

describe('an SLO on availability', () => {
  it('counts answers from the fault on', () => {
    says(judged({ availability: '90%' }, outOf(1_000)), {
      verdict: 'held',
      objective: 'at least 90 % good',
      measured: '95 % of 1000',
      margin: '5 % to spare',
      reason: '950 of 1000 answers good',
    });
    says(judged({ availability: '99%' }, outOf(1_000)), { verdict: 'broken', margin: '4 % too few' });
  });

  it('takes what is unknown for good and for bad', () => {
    const rows = [...answers(0, 1_000), ...answers(1_000, 2_000, 'u'), ...answers(2_000, endMs)];
    says(judged({ availability: '99%' }, rows), {
      verdict: 'inconclusive',
      measured: 'between 95 % and 100 %',
      reason: 'too close to call: 950 of 950 answers good, 50 unknown, against 99 %',
    });
    says(judged({ availability: '90%' }, rows), { verdict: 'held' });
  });

  it('takes questions that were never asked for unknown', () => {
    says(judged({ availability: '99%' }, [...answers(0, 1_000), ...answers(2_000, endMs)]), { verdict: 'inconclusive' });
    says(judged({ availability: '99%' }, answers(0, 10_000)), { verdict: 'inconclusive' });
    says(judged({ availability: '99%' }, []), { verdict: 'inconclusive', measured: 'nothing' });
  });

  it('does not round up to the whole', () => {
    const rows = [[0, 1, 'b'] as RawObservation, ...answers(20, endMs)];
    says(judged({ availability: '99.9%' }, rows), { verdict: 'held', measured: '99.9 % of 1000' });
    says(judged({ availability: '100%' }, rows), { verdict: 'broken' });
  });
});

describe('an SLO on recovery', () => {
  it('counts from the fault to the first good answer of a streak that lasts', () => {
    says(judged({ recoversWithin: '5s' }, outOf(1_240)), {
      verdict: 'held',
      objective: 'good again within 5 s',
      measured: '1.33 s ± 0.02 s',
      margin: '3.66 s to spare',
      reason: 'stayed good for 2 s from then on',
    });
    says(judged({ recoversWithin: '1s' }, outOf(1_240)), { verdict: 'broken', margin: 'over by 312 ms' });
    says(judged({ recoversWithin: '1330ms' }, outOf(1_240)), { verdict: 'inconclusive' });
  });

  it('is not there while good answers are only in between', () => {
    const flapping = [...outOf(1_000).filter(([start]) => start < 2_000), ...answers(2_000, 3_000, 'b'), ...answers(3_000, endMs)];
    says(judged({ recoversWithin: '5s' }, flapping), { verdict: 'held', measured: '2.99 s ± 0.02 s' });
  });

  it('is at 0 for a probe that never went bad', () => {
    says(judged({ recoversWithin: '5s' }, allGood), { verdict: 'held', measured: 'never went bad', used: 0, margin: '5 s to spare' });
  });

  it('is not held by a probe that was good at first, and noticed the fault only later', () => {
    const late = [...answers(0, 6_000), ...answers(6_000, endMs, 'b')];
    says(judged({ recoversWithin: '5s' }, late), { verdict: 'broken', measured: 'not good again in 20 s' });
  });

  it('is broken when the run lasted longer than the objective without it', () => {
    says(judged({ recoversWithin: '5s' }, [...answers(0, 100), ...answers(100, endMs, 'b')]), {
      verdict: 'broken',
      measured: 'not good again in 20 s',
      reason: 'still bad (connection refused) when the run ended, 20 s after the fault',
    });
  });

  it("can't be told when the run ended before the objective was over", () => {
    says(judged({ recoversWithin: '1m' }, [...answers(0, 100), ...answers(100, endMs, 'b')]), { verdict: 'inconclusive' });
    const justBack = [...answers(0, 100), ...answers(100, 19_000, 'b'), ...answers(19_000, endMs)];
    says(judged({ recoversWithin: '1m' }, justBack), {
      verdict: 'inconclusive',
      reason: 'no streak of good answers had lasted 2 s when the run ended, 20 s after the fault',
    });
  });

  it('takes what is unknown for good and for bad', () => {
    const rows = [...answers(0, 100), ...answers(100, 1_000, 'b'), ...answers(1_000, 4_000, 'u'), ...answers(4_000, endMs)];
    const slo = judged({ recoversWithin: '3s' }, rows);
    assert.equal(slo.verdict, 'inconclusive');
    assert.equal(judged({ recoversWithin: '5s' }, rows).verdict, 'held');
  });

  it('counts from another fault where it says so', () => {
    const slo = judged({ recoversWithin: '1s', from: 'extra' }, outOf(1_240), (journal) => journal.fault(1_000, 'extra'));
    says(slo, { verdict: 'held', objective: 'good again within 1 s of fault extra', measured: '327 ms ± 15 ms' });
    says(judged({ recoversWithin: '1s', from: 'extra' }, allGood), { verdict: 'inconclusive', reason: 'fault extra was not injected' });
  });

  it('gives each part of a rolling fault as much time, and tells of the worst', () => {
    const rolling = (limit: string): JudgedSlo => {
      const slos = [{ name: 'writes', probe: 'writes', recoversWithin: limit, from: 'each' }];
      const journal = new JournalBuilder(drill({ faults: [{ id: 'each', kind: 'instance-terminate', rolling: true }], slos, recovery: { timeout: '10m', stableFor: '1s' } }));
      journal.fault(0, 'each/peer-1').fault(5_000, 'each/peer-2').fault(12_000, 'each/peer-3');
      journal.observe('writes', [
        ...answers(-5_800, 5), ...answers(5, 1_005, 'b'), ...answers(1_005, 5_005), ...answers(5_005, 8_005, 'b'), ...answers(8_005, endMs),
      ]);
      return judge(journal.end(13_000, endMs).entries).slos[0]!;
    };
    says(rolling('4s'), { verdict: 'held', objective: 'good again within 4 s of fault each', reason: 'the worst of 3 was each/peer-2: stayed good for 1 s from then on' });
    says(rolling('2s'), { verdict: 'broken', margin: 'over by 977 ms' });
  });

  it('counts the stream that recovers last', () => {
    const journal = new JournalBuilder(drill({ slos: [{ name: 'members', probe: 'writes', recoversWithin: '5s' }] })).fault(0, 'zone');
    journal.observe('writes', [...answers(-5_800, 0), ...outOf(1_000)], 'writes/peer-1');
    journal.observe('writes', [...answers(-5_800, 0), ...outOf(6_000)], 'writes/peer-2');
    says(judge(journal.end(1_000, endMs).entries).slos[0]!, {
      verdict: 'broken',
      reason: 'writes/peer-2: stayed good for 2 s from then on',
    });
  });

  it('is measured by acknowledgements: waiting out an election is not being good', () => {
    const waited = answers(100, 900).map(([start]): RawObservation => [start, 910, 'g']);
    const slo = judged({ recoversWithin: '500ms' }, [...answers(0, 100), ...waited, ...answers(920, endMs)]);
    assert.equal(slo.verdict, 'broken');
  });

  it('is not undone by an answer that is just late, as the run does not wait for another streak', () => {
    const late = (from: number, to: number): RawObservation[] => answers(from, to).map(([start]) => [start, to + 10, 'g']);
    const rows = [...answers(0, 100), ...answers(100, 17_000, 'b'), ...answers(17_000, 19_000), ...late(19_000, 19_200), ...answers(19_220, endMs)];
    says(judged({ recoversWithin: '18s' }, rows), { verdict: 'held', reason: 'stayed good for 2 s from then on' });
  });
});

describe('an SLO on latency', () => {
  const slow = allGood.map(([start], index): RawObservation => [start, start + (index % 50 === 0 ? 300 : 4), 'g']);

  it('is about good answers', () => {
    says(judged({ latency: { p50: '50ms', p99: '500ms' } }, slow), {
      verdict: 'held',
      objective: 'p50 at most 50 ms, p99 at most 500 ms',
      measured: 'p50 4 ms, p99 300 ms',
      margin: '200 ms to spare',
      used: 0.6,
    });
    says(judged({ latency: { max: '100ms' } }, slow), { verdict: 'broken', measured: 'max 300 ms', margin: 'over by 200 ms' });
  });

  it('is not known when no answer was good', () => {
    says(judged({ latency: { p99: '1s' } }, answers(0, endMs, 'b')), { verdict: 'inconclusive', reason: 'writes gave no good answer' });
  });

  it('may have been anything for unknown answers, and lower where the harness stood still', () => {
    says(judged({ latency: { max: '100ms' } }, [...answers(0, 1_000), ...answers(1_000, 1_100, 'u'), ...answers(1_100, endMs)]), {
      verdict: 'inconclusive',
    });
    const unread: RawObservation[] = [...answers(0, 1_000), [1_000, 1_400, 'g'], ...answers(1_400, endMs)];
    says(judged({ latency: { max: '100ms' } }, unread, (journal) => journal.blind(1_001, 1_399)), { verdict: 'inconclusive' });
    says(judged({ latency: { max: '100ms' } }, unread), { verdict: 'broken' });
  });
});

describe('an SLO on the error budget', () => {
  const errorBudget = { slo: '99.95%', window: '30d', spend: '1%' };

  it('is spent by outages and by single bad answers', () => {
    says(judged({ errorBudget }, outOf(1_240)), {
      verdict: 'held',
      objective: 'spends at most 1 % of the error budget of 99.95 % over 30 d: 12.96 s',
      measured: '1.24 s ± 0.03 s',
      reason: 'bad for 1.24 s, from 1 outage',
    });
    says(judged({ errorBudget }, [...answers(0, 500), [500, 502, 'b'], ...answers(520, endMs)]), {
      verdict: 'held',
      measured: '20 ms ± 20 ms',
      reason: 'bad for 20 ms, from 0 outages and 1 single bad answer',
    });
    says(judged({ errorBudget }, outOf(15_000)), { verdict: 'broken' });
  });

  it('may have been spent while nothing was known', () => {
    says(judged({ errorBudget }, [...answers(0, 1_000), ...answers(16_000, endMs)]), { verdict: 'inconclusive' });
    says(judged({ errorBudget }, answers(0, 1_000)), { verdict: 'inconclusive' });
  });
});
