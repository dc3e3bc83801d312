import assert from 'node:assert/strict';
import { EtcdHistory, type HistoryFacts } from '../../runner/consistency/etcd-history.ts';
import type { HistoryRecord } from '../../runner/consistency/records.ts';
import { judge } from '../../runner/judge.ts';
import type { JudgedRun } from '../../runner/verdict.ts';
import { answers, drill, JournalBuilder } from './journal-builder.ts';

const honest: HistoryRecord[] = [
  { watch: 'a', m: 'a', t: 0, from: 2 },
  { c: 0, t: [1, 2], op: 'put', k: 'x', v: '1', r: 2 },
  { watch: 'a', m: 'a', t: 2, r: 2, events: [['put', 'x', '1', 2, 2, 1]] },
  { c: 0, t: [3, 4], op: 'range', k: 'a', end: 'z', rows: [['x', '1', 2, 2, 1]], r: 2 },
  { hash: '7', m: 'a', t: 5, at: 2, compact: 0 },
  { hash: '7', m: 'b', t: 5, at: 2, compact: 0 },
];

function judged(records: readonly HistoryRecord[], { entry = true, ...facts }: HistoryFacts & { readonly entry?: boolean } = {}) {
  const history = new EtcdHistory({ members: ['a', 'b'], ...facts });
  for (const record of records) history.add(record);
  history.close();
  const probes = { lies: { kind: 'etcd-consistency', every: '1s', timeout: '2s' } };
  const journal = new JournalBuilder(drill({ probes, slos: [{ name: 'etcd does not lie', probe: 'lies', consistent: true }] }));
  journal.fault(0, 'zone').observe('lies', answers(-5_000, 20_000));
  if (entry) journal.add(19_000, 'history', { probe: 'lies', file: 'etcd-history.ndjson', lines: records.length + 1 });
  const run = judge(journal.end(1_000, 20_000).entries, { recorded: new Map([['lies', history]]) });
  return { run, slo: run.slos[0]! };
}

describe('an SLO that etcd does not lie', () => {
  it('is held when every check is, in one line', () => {
    const { slo, run } = judged(honest);
    assert.equal(slo.verdict, 'held', slo.reason);
    assert.equal(slo.measured, 'no lie in 2 operations');
    assert.match(run.verdict.headline, /^Held: etcd told no lie in 2 operations/);
  });

  it('is broken by one check, with the counterexample in the reason and in the run', () => {
    const stale: HistoryRecord = { c: 1, t: [6, 7], op: 'get', k: 'x', kv: null, r: 2 };
    const { slo, run } = judged([...honest, stale]);
    assert.equal(slo.verdict, 'broken');
    assert.match(run.verdict.headline, /^Broken: “etcd does not lie”/);
    assert.equal(run.consistency?.[0]?.findings[0]?.verdict, 'broken');
    assert.ok(run.consistency[0].findings[0].counterexample!.operations.some(({ impossible }) => impossible));
  });

  it('is inconclusive when a check can not be told, and when the history was cut short', () => {
    const { slo } = judged(honest.filter((record) => !('hash' in record)));
    assert.equal(slo.verdict, 'inconclusive');
    assert.match(slo.reason, /^members agree can't be told/);
    const none = judged(honest, { entry: false });
    assert.equal(none.slo.verdict, 'inconclusive');
    assert.match(none.slo.reason, /recorded no history, or it was cut short/);
    assert.equal(none.run.consistency, undefined);
  });

  it('tells what the record has cost the cluster', () => {
    assert.deepEqual(judged(honest).run.consistency?.[0]?.cost, {
      operations: 2, ok: 2, failed: 0, ambiguous: 0, forMs: 2, operationsPerSecond: 1000, writesPerSecond: 500, latency: { p50: 1, p99: 1, max: 1 }, writes: null,
    });
  });

  it('tells what a write took before the workload and beside it, until the first fault', () => {
    const put = (callMs: number, tookMs: number, r: number): HistoryRecord => ({ c: 0, t: [callMs, callMs + tookMs], op: 'put', k: 'x', v: String(r), r });
    const records = [put(0, 4, 2), put(10, 6, 3), put(20, 5, 4), put(9_990, 50, 5), put(11_000, 900, 6)];
    const startedAt = (run: JudgedRun, beforeMs: number): string => new Date(Date.parse(run.run.firstFaultAt!) - beforeMs).toISOString();
    const facts = { alone: [3, 1, 2], startedAt: startedAt(judged(records).run, 10_000) };
    assert.deepEqual(judged(records, facts).run.consistency?.[0]?.cost?.writes, { aloneMs: 2, besideMs: 5 });
    assert.equal(judged(records, { ...facts, alone: [] }).run.consistency?.[0]?.cost?.writes, null);
  });
});
