import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EtcdHistory } from '../../../runner/consistency/etcd-history.ts';
import { judgeEtcd } from '../../../runner/consistency/etcd/linearizability.ts';
import { BadRecord, type GetRecord, type Kv, type OperationRecord, type Row } from '../../../runner/consistency/records.ts';
import { noLimit, type Budget, type Verdict } from '../../../runner/consistency/verdict.ts';
import { seeded, type Rng } from '../../../runner/rng.ts';
import { bruteForce } from './brute-force.ts';
import { simulate, type Workload } from './simulated-etcd.ts';

/** Ends after so many looks at the clock, so that what comes out depends on no machine. */
function someLooks(looks: number): Budget {
  let left = looks;
  return { over: () => (left -= 1) < 0, memoryBytes: 1e8 };
}

function verdictOn(records: readonly OperationRecord[], budget = noLimit): Verdict {
  const history = new EtcdHistory();
  for (const record of records) history.add(record);
  history.close();
  return judgeEtcd(history, { serializable: false, watches: false }, budget).verdict;
}

const small: fc.Arbitrary<Workload> = fc.record({
  seed: fc.nat(),
  operations: fc.integer({ min: 1, max: 6 }),
  clients: fc.integer({ min: 1, max: 3 }),
  keys: fc.integer({ min: 1, max: 2 }),
  lost: fc.constantFrom(0, 0.3, 0.5),
  foreign: fc.constantFrom(0, 0.3),
  leases: fc.boolean(),
});

const large: fc.Arbitrary<Workload> = fc.record({
  seed: fc.nat(),
  operations: fc.integer({ min: 50, max: 400 }),
  clients: fc.integer({ min: 2, max: 8 }),
  keys: fc.integer({ min: 1, max: 5 }),
  lost: fc.constantFrom(0, 0.02, 0.1),
  foreign: fc.constantFrom(0, 0.2),
  transactions: fc.constant(false),
});

type Written = { -readonly [name in 'r' | 'kv' | 'rows' | 'deleted' | 'succeeded' | 'responses' | 'is' | 'op']?: unknown } & { r?: number; deleted?: number; op: string; is?: string };

/** Changes something in a few answers, so that most of what comes out never happened. */
function garbled(records: readonly OperationRecord[], seed: number): OperationRecord[] {
  const rng = seeded(seed);
  const one = (): number => (rng.next() < 0.5 ? 1 : -1);
  const changed = structuredClone(records) as unknown as Written[];
  for (let times = 1 + Math.floor(rng.next() * 3); times > 0; times -= 1) {
    const answered = changed.filter(({ is }) => is === undefined);
    if (answered.length === 0) break;
    const record = answered[Math.floor(rng.next() * answered.length)]!;
    const kv = (record.kv ?? (record.rows as Row[] | undefined)?.[0]?.slice(1)) as [string, number, number, number] | undefined;
    const dice = Math.floor(rng.next() * 6);
    if (dice === 0) record.r = Math.max(1, record.r! + one());
    else if (dice <= 3 && kv) kv[dice] = Math.max(1, (kv[dice] as number) + one());
    else if (dice === 4 && record.op === 'get') record.kv = null;
    else if (record.op === 'delete') record.deleted = record.deleted === 0 ? 1 : 0;
    else if (record.op === 'put' || record.op === 'txn') {
      record.is = 'ambiguous';
      for (const name of ['r', 'succeeded', 'responses'] as const) delete record[name];
    }
    if (kv && Array.isArray(record.rows)) record.rows[0] = [(record.rows as Row[])[0]![0], ...kv];
  }
  return changed as unknown as OperationRecord[];
}

function agrees(records: readonly OperationRecord[]): void {
  let verdict: Verdict;
  try {
    verdict = verdictOn(records);
  } catch (error) {
    if (error instanceof BadRecord) return;
    throw error;
  }
  if (verdict !== 'unknown') assert.equal(verdict, bruteForce(records) ? 'held' : 'broken');
}

describe("etcd's linearizability, by revision", () => {
  it('agrees with trying everything, on small histories of a store that is linearizable', () => {
    fc.assert(fc.property(small, (workload) => agrees(simulate(workload))), { numRuns: 3_000 });
  });

  it('agrees with trying everything, on small histories that were garbled', () => {
    fc.assert(fc.property(small, fc.nat(), (workload, seed) => agrees(garbled(simulate(workload), seed))), { numRuns: 7_000 });
  });

  it('accuses no store that is linearizable, whatever answers were lost, and nearly always knows it', () => {
    let unknown = 0;
    const check = (workload: Workload): void => {
      const verdict = verdictOn(simulate(workload), someLooks(20));
      if (verdict === 'unknown') unknown += 1;
      else assert.equal(verdict, 'held');
    };
    fc.assert(fc.property(large, check), { numRuns: 150 });
    assert.ok(unknown <= 15, `${unknown} of 150 unknown`);
  });
});

/** Lies that can be seen, told in one answer of a history that is right. Each gives the changed history, or nothing where there is no place for it. */
const lies: Record<string, (records: readonly OperationRecord[], rng: Rng) => OperationRecord[] | undefined> = {
  'a stale read': (records, rng) =>
    lieInARead(records, rng, (read, writes) => {
      const before = writes.filter((write) => write.t[1]! < read.t[0] && write.op === 'put' && write.k === read.k).sort((a, b) => b.r! - a.r!);
      const old = before[1];
      return old?.op === 'put' ? { ...read, kv: [old.v, old.r!, 0, 0], r: old.r! } : undefined;
    }),
  'a stale read that claims to be of now': (records, rng) => lieInARead(records, rng, (read) => (read.kv && read.kv[3] > 1 ? { ...read, kv: [read.kv[0], read.kv[1], read.kv[2], read.kv[3] - 1] } : undefined)),
  'a lost write': (records, rng) => lieInARead(records, rng, (read) => (read.kv ? { ...read, kv: null } : undefined)),
  'a pair in the wrong order': (records, rng) => {
    const puts = records.filter((record) => record.op === 'put' && record.is === undefined);
    const later = puts[Math.floor(rng.next() * puts.length)];
    const earlier = later && puts.find((one) => one.t[1]! < later.t[0]);
    if (!earlier) return undefined;
    return records.map((record) => (record === later ? { ...later, r: earlier.r! } : record === earlier ? { ...earlier, r: later.r! } : record));
  },
  'a write that took effect twice': (records, rng) => lieInARead(records, rng, (read) => (read.kv ? { ...read, kv: [read.kv[0], read.r!, read.kv[2], read.kv[3] + 1], ...(read.kv[1] === read.r ? { r: read.r + 1 } : {}) } : undefined)),
  'a value that nobody wrote': (records, rng) => lieInARead(records, rng, (read) => (read.kv ? { ...read, kv: ['ghost', read.kv[1], read.kv[2], read.kv[3]] } : undefined)),
  'a revision that goes back': (records, rng) =>
    lieInARead(records, rng, (read, writes) => {
      const known = Math.max(0, ...writes.filter((write) => write.t[1]! < read.t[0]).map(({ r }) => r!));
      return known > 1 ? { ...read, r: known - 1 } : undefined;
    }),
};

function lieInARead(records: readonly OperationRecord[], rng: Rng, lie: (read: GetRecord, writes: readonly OperationRecord[]) => OperationRecord | undefined): OperationRecord[] | undefined {
  const reads = records.filter((record): record is GetRecord => record.op === 'get' && record.at === undefined && record.is === undefined);
  const writes = records.filter((record) => record.op === 'put' && record.is === undefined);
  const places = reads.flatMap((read) => {
    const lied = lie(read, writes);
    return lied ? [{ read, lied }] : [];
  });
  const chosen = places[Math.floor(rng.next() * places.length)];
  return chosen && records.map((record) => (record === chosen.read ? chosen.lied : record));
}

describe('one lie in a history that is right', () => {
  for (const [name, lie] of Object.entries(lies)) {
    it(`is always found: ${name}`, () => {
      let told = 0;
      fc.assert(
        fc.property(fc.nat(), fc.boolean(), fc.constantFrom(6, 6, 6, 200), (seed, foreign, operations) => {
          const records = simulate({ seed, operations, clients: 3, keys: operations > 6 ? 3 : 1, foreign: foreign ? 0.2 : 0, transactions: false });
          const lied = lie(records, seeded(seed));
          if (!lied) return;
          told += 1;
          if (operations <= 6) assert.equal(bruteForce(lied), false, 'the lie can be seen');
          assert.equal(verdictOn(lied), 'broken');
        }),
        { numRuns: 400 },
      );
      assert.ok(told > 50, `told ${told} times`);
    });
  }
});

const put = (c: number, t: readonly [number, number], k: string, v: string, r: number): OperationRecord => ({ c, t, op: 'put', k, v, r });
const get = (c: number, t: readonly [number, number], k: string, kv: Kv | null, r: number): OperationRecord => ({ c, t, op: 'get', k, kv, r });
const lost = (c: number, callMs: number, k: string, v: string): OperationRecord => ({ c, t: [callMs, null], op: 'put', k, v, is: 'ambiguous' });

describe('one lie', () => {
  const told: readonly [string, OperationRecord[]][] = [
    ['a stale read', [put(0, [0, 1], 'a', 'x', 2), put(0, [2, 3], 'a', 'y', 3), get(1, [4, 5], 'a', ['x', 2, 2, 1], 2)]],
    ['a stale read that claims to be of now', [put(0, [0, 1], 'a', 'x', 2), put(0, [2, 3], 'a', 'y', 3), get(1, [4, 5], 'a', ['x', 2, 2, 1], 3)]],
    ['a lost write', [put(0, [0, 1], 'a', 'x', 2), get(1, [2, 3], 'a', null, 2)]],
    ['a lost write whose revision is given out again', [put(0, [0, 1], 'a', 'x', 2), put(1, [2, 3], 'a', 'y', 2)]],
    ['a pair in the wrong order', [put(0, [0, 1], 'a', 'x', 3), put(1, [2, 3], 'a', 'y', 2)]],
    ['a write that took effect twice', [put(0, [0, 1], 'a', 'x', 2), put(0, [2, 3], 'a', 'y', 3), get(1, [4, 5], 'a', ['x', 4, 2, 3], 4)]],
    ['a lost answer whose write took effect twice', [lost(0, 0, 'a', 'x'), get(1, [2, 3], 'a', ['x', 2, 2, 1], 2), put(1, [4, 5], 'a', 'y', 3), get(1, [6, 7], 'a', ['x', 4, 2, 3], 4)]],
    ['a value that nobody wrote', [get(1, [4, 5], 'a', ['ghost', 2, 2, 1], 2)]],
    ['a write that failed and is there', [{ ...lost(0, 0, 'a', 'x'), is: 'failed' }, get(1, [4, 5], 'a', ['x', 2, 2, 1], 2)]],
    ['a value from before its call', [get(1, [0, 1], 'a', ['x', 2, 2, 1], 2), lost(0, 2, 'a', 'x')]],
    ['a revision that goes back', [get(0, [0, 1], 'a', null, 5), get(0, [2, 3], 'a', null, 4)]],
    ['a state of the future', [{ c: 0, t: [0, 1], op: 'get', k: 'a', at: 9, kv: null, r: 3 }]],
    ['a comparison that can not have held', [put(0, [0, 1], 'a', 'x', 2), { c: 0, t: [2, 3], op: 'txn', compare: [['a', 'mod', '=', 1]], success: [['put', 'a', 'y']], succeeded: true, responses: [null], r: 3 }]],
    ['half a transaction', [{ c: 0, t: [0, 1], op: 'txn', compare: [], success: [['put', 'a', 'x'], ['put', 'b', 'y']], succeeded: true, responses: [null, null], r: 2 }, { c: 0, t: [2, 3], op: 'range', k: 'a', end: 'c', rows: [['a', 'x', 2, 2, 1]], r: 2 }]],
    ['a version that skips a write', [put(0, [0, 1], 'a', 'x', 2), put(0, [2, 3], 'a', 'y', 3), get(1, [4, 5], 'a', ['y', 3, 2, 3], 3)]],
    ['a revoked lease whose key stays', [{ c: 0, t: [0, 1], op: 'grant', lease: 'l', r: 1 }, { c: 0, t: [1, 2], op: 'put', k: 'a', v: 'x', lease: 'l', r: 2 }, { c: 0, t: [3, 4], op: 'revoke', lease: 'l', r: 3 }, get(0, [5, 6], 'a', ['x', 2, 2, 1], 3)]],
    ['two lost writes and room for one', [put(0, [0, 1], 'a', 'x', 2), lost(1, 2, 'a', 'y'), lost(2, 2, 'a', 'z'), put(0, [3, 4], 'a', 'w', 4), get(0, [5, 6], 'a', ['w', 4, 2, 4], 4)]],
  ];
  for (const [lie, records] of told) {
    it(`is found: ${lie}`, () => {
      assert.equal(verdictOn(records), 'broken');
      assert.equal(bruteForce(records), false);
    });
  }

  it('is not looked for where two lost writes put one value, and which was seen matters', () => {
    const records = [lost(0, 0, 'a', 'x'), get(1, [2, 3], 'a', ['x', 2, 2, 1], 2), lost(2, 4, 'a', 'x')];
    assert.equal(verdictOn(records), 'unknown');
  });

  const fine: readonly [string, OperationRecord[]][] = [
    ['a read at the very instant at which a write returned', [put(0, [0, 2], 'a', 'x', 2), get(1, [2, 3], 'a', null, 1)]],
    ['a lost write that takes effect long after its client went on', [lost(0, 0, 'a', 'x'), put(0, [5, 6], 'a', 'y', 2), get(0, [7, 8], 'a', ['x', 3, 2, 2], 3)]],
    ['two lost writes of one client, the later one first', [lost(0, 0, 'a', 'x'), lost(0, 5, 'a', 'y'), get(1, [7, 8], 'a', ['y', 2, 2, 1], 2), get(1, [9, 10], 'a', ['x', 3, 2, 2], 3)]],
    ['a lost write that only a version tells of', [put(0, [0, 1], 'a', 'x', 2), lost(1, 2, 'a', 'y'), put(0, [3, 4], 'a', 'w', 4), get(0, [5, 6], 'a', ['w', 4, 2, 3], 4)]],
    ['a lost deletion that only a new life tells of', [put(0, [0, 1], 'a', 'x', 2), { c: 1, t: [2, null], op: 'delete', k: 'a', is: 'ambiguous' }, put(0, [3, 4], 'a', 'w', 4), get(0, [5, 6], 'a', ['w', 4, 4, 1], 4)]],
    ['a deletion of nothing', [{ c: 1, t: [2, 3], op: 'delete', k: 'a', deleted: 0, r: 1 }, put(0, [4, 5], 'a', 'x', 2)]],
    ['revisions of others in between', [put(0, [0, 1], 'a', 'x', 20), get(1, [2, 3], 'a', ['x', 20, 20, 1], 35)]],
    ['a lease that ran out', [{ c: 0, t: [0, 1], op: 'put', k: 'a', v: 'x', lease: 'l', r: 2 }, get(0, [5, 6], 'a', null, 3)]],
  ];
  for (const [what, records] of fine) {
    it(`is not ${what}`, () => {
      assert.equal(verdictOn(records), 'held');
      assert.equal(bruteForce(records), true);
    });
  }
});
