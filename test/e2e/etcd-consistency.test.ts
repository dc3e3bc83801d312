import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../runner/clients/connect.ts';
import { realClock as clock } from '../../runner/clock.ts';
import { costOf } from '../../runner/consistency/cost.ts';
import { checkEtcd } from '../../runner/consistency/etcd/check.ts';
import { readHistory } from '../../runner/consistency/read-history.ts';
import { noLimit } from '../../runner/consistency/verdict.ts';
import { environmentSchema } from '../../runner/environment.ts';
import { createMask } from '../../runner/mask.ts';
import etcdConsistency from '../../runner/probes/etcd-consistency.ts';
import type { World } from '../../runner/world.ts';
import { startLocalEtcd, type LocalEtcd } from './local-etcd.ts';

const timeoutMs = 2_000;

describe('etcd-consistency on a real etcd cluster', function () {
  this.timeout(120_000);
  let etcd: LocalEtcd;
  let world: World;
  let folder: string;

  before(async () => {
    etcd = await startLocalEtcd(3);
    world = connect(environmentSchema.parse({ name: 'local', etcd: { endpoints: etcd.endpoints, clusterId: '0', prefix: 'drills/' } }), {
      run: 'run-1', version: '0', clock, mask: createMask(),
    });
    folder = mkdtempSync(join(tmpdir(), 'firedrill-history-'));
  });
  after(async () => {
    await world.close();
    await etcd.close();
    rmSync(folder, { recursive: true });
  });

  it('records what members that are killed, stopped and compacted have said, and accuses none', async () => {
    const fleet = await world.etcd();
    let whole = 0;
    const left: boolean[] = [];
    const probe = await etcdConsistency.open({ kind: 'etcd-consistency', clients: 6, keys: 4, rate: 60 }, {
      world, clock, run: { id: 'run-1', drill: 'd' }, name: 'lies', timeoutMs,
      platform: undefined, kubernetes: undefined, hit: () => [], changes: () => [], milestone: () => {}, note: (text) => assert.fail(text),
      folder,
      leaves: async () => (verified) => void left.push(verified),
      recorded: (_file, lines) => (whole = lines),
    });
    await sleep(3_000);
    await etcd.kill(0);
    await sleep(2_500);
    etcd.start(0);
    await etcd.pause(1);
    await sleep(2_500);
    etcd.resume(1);
    const { revision } = await fleet.members[2]!.status(timeoutMs);
    await compact(etcd.endpoints[2]!, revision - 5);
    await sleep(4_000);
    assert.ok((await fleet.members[2]!.keys('drills/run-1/lies/', timeoutMs)).length > 0);
    await probe.close();

    assert.deepEqual(left, [true]);
    assert.deepEqual(await fleet.members[2]!.keys('drills/run-1/', timeoutMs), []);
    const read = await readHistory(join(folder, 'etcd-history.ndjson'), 'auto', noLimit);
    assert.ok(read.kind === 'etcd');
    const { history } = read;
    assert.equal(whole, 1 + history.length + history.watches.length + history.hashes.length);
    for (const { check, verdict, says } of checkEtcd(history, noLimit)) assert.equal(verdict, 'held', `${check}: ${says}`);
    const cost = costOf(history);
    assert.ok(cost.ok > 100 && cost.ambiguous > 0, JSON.stringify(cost));
    assert.equal(new Set(history.watches.map(({ m }) => m)).size, 3);
    assert.equal(history.hashes.length, 3);
  });
});

/** By etcd's JSON gateway. */
async function compact(endpoint: string, revision: number): Promise<void> {
  const answer = await fetch(`${endpoint}/v3/kv/compaction`, { method: 'POST', body: JSON.stringify({ revision: String(revision) }) });
  assert.equal(answer.status, 200, await answer.text());
}
