import assert from 'node:assert/strict';
import { outcomeOf } from '../../../runner/consistency-workload/ask.ts';
import { Workload } from '../../../runner/consistency-workload/workload.ts';
import { EtcdFailure } from '../../../runner/clients/etcd.ts';
import { checkEtcd } from '../../../runner/consistency/etcd/check.ts';
import { EtcdHistory } from '../../../runner/consistency/etcd-history.ts';
import type { HistoryHead, HistoryRecord, OperationRecord } from '../../../runner/consistency/records.ts';
import { noLimit, type Finding } from '../../../runner/consistency/verdict.ts';
import { seeded } from '../../../runner/rng.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { SampleEtcd } from './sample-etcd.ts';

const runMs = 20_000;

async function recorded(meddle: (etcd: SampleEtcd, sleep: (forMs: number) => Promise<void>) => Promise<void>, seed = 1) {
  const clock = simulatedClock();
  const etcd = new SampleEtcd(3, clock);
  const records: HistoryRecord[] = [];
  let head: HistoryHead | undefined;
  const workload = await clock.until(
    Workload.start({
      fleet: etcd.fleet, prefix: 'drills/run-1/', clients: 8, keys: 5, perSecond: 50, timeoutMs: 1000, clock, rng: seeded(seed),
      async begin(first) {
        head = first;
        return (record) => records.push(record);
      },
      onOperation: () => {},
    }),
  );
  const startMs = clock.now();
  await meddle(etcd, (forMs) => clock.advance(forMs));
  await clock.advance(Math.max(0, startMs + runMs - clock.now()));
  await clock.until(workload.finish());
  const history = new EtcdHistory(head);
  for (const record of records) history.add(record);
  history.close();
  return { etcd, head: head!, records, findings: checkEtcd(history, noLimit), operations: records.filter((record): record is OperationRecord => 'op' in record) };
}

function brokenIn(findings: readonly Finding[]): string[] {
  return findings.filter(({ verdict }) => verdict === 'broken').map(({ check }) => check);
}

function allHeld(findings: readonly Finding[]): void {
  assert.deepEqual(findings.filter(({ verdict }) => verdict !== 'held'), []);
}

describe('the workload of etcd-consistency', () => {
  it('asks for everything that etcd can do, and no more often than it may', async () => {
    const { operations, head, etcd, findings } = await recorded(async () => {});
    const kinds = new Set(operations.map((one) => ('at' in one ? 'get at' : 'serializable' in one ? `serializable ${one.op}` : one.op)));
    assert.deepEqual([...kinds].sort(), ['delete', 'get', 'get at', 'grant', 'put', 'range', 'revoke', 'serializable get', 'serializable range', 'txn']);
    assert.ok(operations.some((one) => one.op === 'txn' && one.success.length === 2 && one.succeeded === true));
    assert.ok(operations.some((one) => one.op === 'txn' && one.succeeded === false));
    assert.ok(operations.length >= (runMs / 1000) * 45 && operations.length <= (runMs / 1000) * 50 + 20, `${operations.length} operations`);
    assert.ok(etcd.writesAtMs.length <= (runMs / 1000) * 50);
    assert.deepEqual(head.members, ['peer-0', 'peer-1', 'peer-2', 'peer-0', 'peer-1', 'peer-2', 'peer-0', 'peer-1']);
    allHeld(findings);
    assert.equal(head.alone?.length, 18, 'what writes take before it begins');
    assert.ok(head.alone.every((ms) => ms > 0));
  });

  it('has one question of each client under way at a time, and writes each value once', async () => {
    const { operations } = await recorded(async () => {});
    for (let client = 0; client < 8; client += 1) {
      const own = operations.filter(({ c }) => c === client).sort((a, b) => a.t[0] - b.t[0]);
      // The last reads of all are asked of every member at once.
      for (const [index, one] of own.slice(1).entries()) assert.ok(one.t[0] >= own[index]!.t[1]!, JSON.stringify([own[index], one]));
    }
    const values = operations.flatMap((one) => (one.op === 'put' ? [one.v] : one.op === 'txn' ? one.success.flatMap((step) => (step[0] === 'put' ? [step[2]] : [])) : []));
    assert.equal(new Set(values).size, values.length);
  });

  it('never accuses an etcd that loses answers, members, watches and old revisions', async () => {
    for (const seed of [1, 2, 3]) {
      const { findings, operations, records } = await recorded(async (etcd, sleep) => {
        await sleep(4_000);
        etcd.moods[0]!.answers = 'silent';
        await sleep(2_500);
        etcd.moods[0]!.answers = 'deaf';
        etcd.moods[1]!.answers = 'refused';
        etcd.cutWatches();
        await sleep(2_500);
        etcd.compactedAt = etcd.revision - 3;
        for (const mood of etcd.moods) mood.answers = 'well';
        await sleep(3_000);
      }, seed);
      allHeld(findings);
      assert.ok(operations.some(({ is, t }) => is === 'ambiguous' && t[1] === null));
      assert.ok(operations.some(({ is, why, op }) => is === 'failed' && op === 'put' && why === 'connection refused'));
      assert.ok(records.some((record) => 'compacted' in record), 'a watch was told of the compaction');
    }
  });

  it('goes on with a watch that hangs, right behind what it had told', async () => {
    const { findings, records } = await recorded(async (etcd, sleep) => {
      await sleep(2_000);
      // Told of nothing any more, without an end: as a machine that died.
      etcd.moods[2]!.skips = 1;
      await sleep(1_000);
      etcd.moods[2]!.skips = 0;
      etcd.moods[2]!.answers = 'deaf';
      await sleep(7_000);
      etcd.moods[2]!.answers = 'well';
    });
    const opened = records.flatMap((record) => ('watch' in record && record.m === 'peer-2' && record.from !== undefined ? [record.from] : []));
    assert.ok(opened.length > 1, `opened from ${opened.join(', ')}`);
    assert.equal(findings.find(({ check }) => check === 'watch')!.verdict, 'held');
  });

  it('finds a member that answers from the past', async () => {
    const { findings } = await recorded(async (etcd, sleep) => {
      await sleep(5_000);
      etcd.moods[1]!.behind = 3;
    });
    assert.ok(brokenIn(findings).includes('linearizability'), JSON.stringify(brokenIn(findings)));
  });

  it('finds writes that are lost', async () => {
    const { findings } = await recorded(async (etcd, sleep) => {
      await sleep(5_000);
      etcd.forget(4);
    });
    assert.ok(brokenIn(findings).includes('linearizability'), JSON.stringify(brokenIn(findings)));
  });

  it('finds a watch with a gap', async () => {
    const { findings } = await recorded(async (etcd) => {
      etcd.moods[2]!.skips = 20;
    });
    assert.deepEqual(brokenIn(findings), ['watch']);
  });

  it('finds a member that holds something else', async () => {
    const { findings } = await recorded(async (etcd) => {
      etcd.moods[0]!.hash = 'other';
    });
    assert.deepEqual(brokenIn(findings), ['members agree']);
  });

  it('does not know where nobody could be read at the end', async () => {
    const { findings } = await recorded(async (etcd, sleep) => {
      await sleep(5_000);
      for (const mood of etcd.moods) mood.answers = 'refused';
    });
    assert.deepEqual(brokenIn(findings), []);
    assert.equal(findings.find(({ check }) => check === 'durability')!.verdict, 'unknown');
    assert.equal(findings.find(({ check }) => check === 'members agree')!.verdict, 'unknown');
  });
});

describe('what is known of an operation that failed', () => {
  const failure = (kind: EtcdFailure['kind'], message: string, unsent = false) => new EtcdFailure(kind, message, { unsent });
  const cases: [string, unknown, 'failed' | 'ambiguous'][] = [
    ['nothing was sent', failure('refused', 'connection refused', true), 'failed'],
    ['the connection broke', failure('lost', 'connection lost'), 'ambiguous'],
    ['no answer came', failure('silent', 'no answer'), 'ambiguous'],
    ['the member gave up waiting for the others', failure('answered', 'etcdserver: request timed out'), 'ambiguous'],
    ['the leader changed meanwhile', failure('answered', 'etcdserver: leader changed'), 'ambiguous'],
    ['the member was full', failure('answered', 'etcdserver: too many requests'), 'failed'],
    ['the lease was gone', failure('answered', 'etcdserver: requested lease not found'), 'failed'],
    ['something else was thrown', new Error('?'), 'ambiguous'],
  ];
  for (const [what, error, of] of cases) {
    it(`a write is ${of} when ${what}`, () => assert.equal(outcomeOf({ op: 'put' }, error), of));
  }
  it('a read has no effect, whatever happened', () => assert.equal(outcomeOf({ op: 'get' }, failure('lost', 'connection lost')), 'failed'));
});
