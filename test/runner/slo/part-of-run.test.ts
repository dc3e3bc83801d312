import assert from 'node:assert/strict';
import { judge } from '../../../runner/judge.ts';
import type { JudgedSlo } from '../../../runner/verdict.ts';
import { answers, drill, instance, JournalBuilder } from '../journal-builder.ts';

const endMs = 20_000;
const killed = instance(4);
const cut = { acl: 'acl-1' };

type Change = (journal: JournalBuilder) => JournalBuilder;

/** Judges one SLO during the fault and one during recovery, of a probe that was refused for the first ten seconds. */
function parts(change: Change, recoverMs = 1_000): { fault: JudgedSlo; recovery: JudgedSlo } {
  const slos = (['fault', 'recovery'] as const).map((during) => ({ name: during, probe: 'writes', availability: '99%', during }));
  const journal = change(new JournalBuilder(drill({ slos })));
  journal.observe('writes', [...answers(-5_800, 0), ...answers(0, 10_000, 'b'), ...answers(10_000, endMs)]);
  const [fault, recovery] = judge(journal.end(recoverMs, endMs).entries).slos;
  return { fault: fault!, recovery: recovery! };
}

/** The member of a killed machine is seen to answer again. */
function backAt(atMs: number, name = killed.name): Change {
  const seen = (seenMs: number, state: string) => ({ facet: 'member', subject: name, state, notYet: seenMs - 100, seen: seenMs, source: 'etcd' }) as const;
  return (journal) => journal.milestone(seen(200, 'down')).milestone(seen(atMs, 'up'));
}

const noTimeLeft = 'there was no time after the fault: it was not seen to be over before the run was';

describe('the part of a run that is the fault', () => {
  it('ends with the undo, not with the injection', () => {
    const { fault, recovery } = parts((journal) => journal.fault(0, 'cut', [], cut).add(10_000, 'fault.undone', { fault: 'cut', verified: true, said: '' }), 10_000);
    assert.deepEqual(fault.part, { fromMs: 0, toMs: 10_000 });
    assert.deepEqual(recovery.part, { fromMs: 10_000, toMs: endMs });
    assert.deepEqual([fault.verdict, recovery.verdict], ['broken', 'held']);
  });

  it('lasts, of a kill, until the last of its targets is back, and its error bar is over', () => {
    const other = instance(5);
    const { fault, recovery } = parts((journal) => backAt(10_100, other.name)(backAt(4_000)(journal.fault(0, 'kill', [killed, other]))));
    assert.deepEqual(fault.part, { fromMs: 0, toMs: 10_100 });
    assert.deepEqual(recovery.part, { fromMs: 10_100, toMs: endMs });
    assert.deepEqual([fault.verdict, recovery.verdict], ['broken', 'held']);
  });

  it('lasts until the end where a target was not seen to come back', () => {
    const { fault, recovery } = parts((journal) => backAt(4_000)(journal.fault(0, 'kill', [killed, instance(5)])));
    assert.deepEqual(fault.part, { fromMs: 0, toMs: endMs });
    assert.deepEqual([recovery.part, recovery.verdict, recovery.reason], [undefined, 'inconclusive', noTimeLeft]);
  });

  it("lasts until the end where nobody can tell what came back, and where an undo wasn't verified", () => {
    const rollout = { ...killed, kind: 'workload' as const };
    for (const change of [
      (journal: JournalBuilder) => journal.fault(0, 'rollout', [rollout]),
      (journal: JournalBuilder) => journal.fault(0, 'cut', [], cut).add(9_000, 'fault.undone', { fault: 'cut', verified: false, said: '' }),
      (journal: JournalBuilder) => journal.fault(0, 'cut', [], cut),
    ]) {
      const { fault, recovery } = parts(change);
      assert.deepEqual(fault.part, { fromMs: 0, toMs: endMs });
      assert.equal(recovery.reason, noTimeLeft);
    }
  });

  it('is from the first of several faults to the end of the last, with what lies between', () => {
    const undone = { verified: true, said: '' };
    const { fault, recovery } = parts((journal) =>
      journal.fault(0, 'a', [], cut).add(2_000, 'fault.undone', { fault: 'a', ...undone }).fault(6_000, 'b', [], cut).add(12_000, 'fault.undone', { fault: 'b', ...undone }), 12_000);
    assert.deepEqual(fault.part, { fromMs: 0, toMs: 12_000 });
    assert.deepEqual(recovery.part, { fromMs: 12_000, toMs: endMs });
  });

  it('goes no further than the recovery phase when what was left is undone only after it', () => {
    const { fault, recovery } = parts((journal) => journal.fault(0, 'cut', [], cut).add(endMs + 2, 'fault.undone', { fault: 'cut', verified: true, said: '' }));
    assert.deepEqual(fault.part, { fromMs: 0, toMs: endMs });
    assert.equal(recovery.verdict, 'inconclusive');
  });
});
