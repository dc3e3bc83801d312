import assert from 'node:assert/strict';
import { EtcdHistory } from '../../../runner/consistency/etcd-history.ts';
import { checkEtcd } from '../../../runner/consistency/etcd/check.ts';
import type { HistoryRecord, OperationRecord, WatchEvent } from '../../../runner/consistency/records.ts';
import { noLimit, type CheckName, type Finding } from '../../../runner/consistency/verdict.ts';

function findings(records: readonly HistoryRecord[]): Map<CheckName, Finding> {
  const history = new EtcdHistory({ members: ['m0', 'm1', 'm2'] });
  for (const [index, record] of records.entries()) history.add(record, index + 2);
  history.close();
  return new Map(checkEtcd(history, noLimit).map((finding) => [finding.check, finding]));
}

/** The finding of one check, when the others have nothing to say against the history. */
function onlyBroken(check: CheckName, records: readonly HistoryRecord[]): Finding {
  const all = findings(records);
  assert.deepEqual([...all.values()].filter(({ verdict }) => verdict === 'broken').map((finding) => finding.check), [check]);
  return all.get(check)!;
}

const x: OperationRecord = { c: 0, t: [0, 1], op: 'put', k: 'a', v: 'x', r: 2 };
const y: OperationRecord = { c: 0, t: [2, 3], op: 'put', k: 'a', v: 'y', r: 3 };
const z: OperationRecord = { c: 0, t: [4, 5], op: 'put', k: 'b', v: 'z', r: 4 };
const last: OperationRecord = { c: 0, t: [90, 91], op: 'range', k: 'a', end: '\0', rows: [['a', 'y', 3, 2, 2], ['b', 'z', 4, 4, 1]], r: 4 };
const watched = (stream: string, ...events: WatchEvent[]): HistoryRecord => ({ watch: stream, m: stream, t: 50, events });
const opened = (stream: string): HistoryRecord => ({ watch: stream, m: stream, t: 0, from: 2 });
const ofX: WatchEvent = ['put', 'a', 'x', 2, 2, 1];
const ofY: WatchEvent = ['put', 'a', 'y', 3, 2, 2];
const ofZ: WatchEvent = ['put', 'b', 'z', 4, 4, 1];
const written = [x, y, z, last];

describe('all that is checked of a history of etcd', () => {
  it('holds where all is well', () => {
    const all = findings([
      ...written,
      opened('w0'), watched('w0', ofX, ofY), watched('w0', ofZ),
      opened('w1'), watched('w1', ofX), { watch: 'w1', m: 'w1', t: 60, from: 3 }, watched('w1', ofY, ofZ),
      { c: 1, t: [6, 7], op: 'get', k: 'a', serializable: true, kv: ['x', 2, 2, 1], r: 2 },
      { hash: '7', m: 'm0', t: 95, at: 4, compact: 0 }, { hash: '7', m: 'm1', t: 95, at: 4, compact: 0 }, { hash: '9', m: 'm2', t: 95, at: 4, compact: 2 },
      { c: 2, t: [10, 11], op: 'grant', lease: 'l', ttl: 1, r: 4 },
    ]);
    assert.deepEqual([...all.values()].map(({ check, verdict }) => [check, verdict]), [
      ['linearizability', 'held'], ['watch', 'held'], ['durability', 'held'], ['serializable reads', 'held'], ['members agree', 'held'], ['leases', 'held'],
    ]);
  });

  it('tells apart what is not known from what held', () => {
    const all = findings([x]);
    assert.deepEqual([...all.values()].map(({ verdict }) => verdict), ['held', 'unknown', 'unknown', 'held', 'unknown', 'held']);
  });

  describe('a watch is broken that', () => {
    const cases: readonly [string, HistoryRecord[], RegExp][] = [
      ['skips a revision', [opened('w0'), watched('w0', ofX, ofZ)], /says nothing of put a = y/],
      ['tells of one twice', [opened('w0'), watched('w0', ofX), watched('w0', ofX)], /again/],
      ['goes back', [opened('w0'), watched('w0', ofX, ofZ), watched('w0', ofY)], /after 4/],
      ['tells what was not written', [opened('w0'), watched('w0', ofX, ['put', 'a', 'ghost', 3, 2, 2], ofZ)], /ghost/],
      ['tells what nobody did', [opened('w0'), watched('w0', ofX, ofY, ofZ, ['delete', 'a', 5])], /nobody did/],
      ['tells another story than another watch', [opened('w0'), watched('w0', ofX), opened('w1'), watched('w1', ['put', 'a', 'x', 2, 2, 5])], /watch w1/],
      ['is silent about the last of what its progress covers', [opened('w0'), watched('w0', ofX, ofY), { watch: 'w0', m: 'w0', t: 60, r: 9 }], /says nothing of put b/],
    ];
    for (const [what, records, says] of cases) it(what, () => assert.match(onlyBroken('watch', [...written, ...records]).counterexample!.says, says));

    it('tells of half a transaction', () => {
      const txn: OperationRecord = { c: 0, t: [0, 1], op: 'txn', compare: [], success: [['put', 'a', 'x'], ['put', 'b', 'x']], succeeded: true, responses: [null, null], r: 2 };
      assert.match(onlyBroken('watch', [txn, opened('w0'), watched('w0', ofX)]).counterexample!.says, /a part of revision 2/);
    });

    it('skips what only a read and another watch know of', () => {
      const lost: OperationRecord = { c: 1, t: [2, null], op: 'put', k: 'c', v: 'l', is: 'ambiguous' };
      const records = [x, lost, opened('w0'), watched('w0', ofX, ['put', 'c', 'l', 3, 3, 1], ofZ), opened('w1'), watched('w1', ofX, ofZ), { ...z, r: 4 }];
      assert.match(onlyBroken('watch', records).counterexample!.says, /w1 (skipped revision 3|says nothing of put c)/);
    });
  });

  it('no watch is broken by a compaction, or by what it was not opened for', () => {
    const records = [...written, { watch: 'w0', m: 'w0', t: 5, from: 2 }, { watch: 'w0', m: 'w0', t: 6, compacted: 4 }, { watch: 'w0', m: 'w0', t: 7, from: 4 }, watched('w0', ofZ), { watch: 'w1', m: 'w1', t: 7, from: 4 }, watched('w1', ofZ)];
    assert.equal(findings(records).get('watch')!.verdict, 'held');
  });

  it('an acknowledged write that is gone is told by itself', () => {
    const found = findings([x, y, { c: 1, t: [8, 9], op: 'range', k: 'a', end: 'z', rows: [['a', 'x', 2, 2, 1]], r: 9 }]);
    assert.equal(found.get('durability')!.verdict, 'broken');
    assert.match(found.get('durability')!.counterexample!.says, /put a = y at revision 3.* what is there is older/);
    assert.equal(found.get('linearizability')!.verdict, 'broken');
  });

  it('a serializable read may be old, but shows what was', () => {
    const read: OperationRecord = { c: 1, t: [6, 7], op: 'get', k: 'a', serializable: true, kv: ['x', 3, 2, 2], r: 3 };
    assert.match(onlyBroken('serializable reads', [...written, read]).counterexample!.says, /serializable get a/);
  });

  it('a member never goes back', () => {
    const young: OperationRecord = { c: 1, t: [6, 7], op: 'get', k: 'a', serializable: true, kv: ['y', 3, 2, 2], r: 4 };
    const old: OperationRecord = { c: 1, t: [8, 9], op: 'get', k: 'a', serializable: true, kv: ['x', 2, 2, 1], r: 2 };
    assert.match(onlyBroken('serializable reads', [...written, young, old]).counterexample!.says, /member m1 went back/);
    assert.equal(findings([...written, young, { ...old, c: 2 }]).get('serializable reads')!.verdict, 'held');
  });

  it('members that differ at one revision do not agree', () => {
    const finding = onlyBroken('members agree', [...written, { hash: '7', m: 'm0', t: 95, at: 4, compact: 0 }, { hash: '8', m: 'm1', t: 95, at: 4, compact: 0 }]);
    assert.match(finding.counterexample!.says, /m0 and m1 hold different data at revision 4/);
  });

  describe('a lease', () => {
    const grant: OperationRecord = { c: 0, t: [0, 1], op: 'grant', lease: 'l', ttl: 10, r: 1 };
    const attach: OperationRecord = { c: 0, t: [2, 3], op: 'put', k: 'a', v: 'x', lease: 'l', r: 2 };
    const gone = (atMs: number): OperationRecord => ({ c: 1, t: [atMs, atMs + 1], op: 'get', k: 'a', kv: null, r: 3 });
    it('that ends before its time is told', () => assert.match(onlyBroken('leases', [grant, attach, gone(5_000)]).counterexample!.says, /lease l was to live until 10000 ms/));
    it('may end when it is over', () => assert.equal(findings([grant, attach, gone(10_000)]).get('leases')!.verdict, 'held'));
    it('lives on when it is kept alive', () => onlyBroken('leases', [grant, attach, { c: 0, t: [6_000, 6_001], op: 'keepalive', lease: 'l', ttl: 10, r: 2 }, gone(15_000)]));
    it('may be revoked', () => assert.equal(findings([grant, attach, { c: 0, t: [4, 5], op: 'revoke', lease: 'l', r: 3 }, gone(5_000)]).get('leases')!.verdict, 'held'));
    it('is not to blame for a deletion', () => assert.equal(findings([grant, attach, { c: 0, t: [4, null], op: 'delete', k: 'a', is: 'ambiguous' }, gone(5_000)]).get('leases')!.verdict, 'held'));
  });
});
