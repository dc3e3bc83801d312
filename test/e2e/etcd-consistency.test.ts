import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEtcdLayer } from '../../lab/lies/etcd-layer.ts';
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
/** Of the test's own questions. */
const patienceMs = 20_000;

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
    const { revision } = await fleet.members[2]!.status(patienceMs);
    await compact(etcd.endpoints[2]!, revision - 5);
    await sleep(4_000);
    assert.ok((await fleet.members[2]!.keys('drills/run-1/lies/', patienceMs)).length > 0);
    await probe.close();

    assert.deepEqual(left, [true]);
    assert.deepEqual(await fleet.members[2]!.keys('drills/run-1/', patienceMs), []);
    const read = await readHistory(join(folder, 'etcd-history.ndjson'), 'auto', noLimit);
    assert.ok(read.kind === 'etcd');
    const { history } = read;
    assert.equal(whole, 1 + history.length + history.watches.length + history.hashes.length);
    for (const { check, verdict, says } of checkEtcd(history, noLimit)) assert.equal(verdict, 'held', `${check}: ${says}`);
    const cost = costOf(history, null);
    assert.ok(cost.writes && cost.writes.aloneMs > 0 && cost.writes.besideMs > 0, JSON.stringify(cost));
    assert.ok(cost.ok > 100 && cost.ambiguous > 0, JSON.stringify(cost));
    assert.equal(new Set(history.watches.map(({ m }) => m)).size, 3);
    assert.equal(history.hashes.length, 3);
  });
});

describe('etcd-consistency with a layer that lies in front of one member', function () {
  this.timeout(120_000);
  let etcd: LocalEtcd;
  before(async () => {
    etcd = await startLocalEtcd(3);
  });
  after(() => etcd.close());

  for (const { lie, broken } of [
    { lie: 'staleReads', broken: 'linearizability' },
    { lie: 'watchGap', broken: 'watch' },
    { lie: undefined, broken: undefined },
  ] as const) {
    it(lie === undefined ? 'accuses nobody where the layer is honest' : `finds ${lie}`, async () => {
      const liar = new URL(etcd.endpoints[1]!);
      const layer = await startEtcdLayer({ host: '127.0.0.1', port: 0, target: { host: liar.hostname, port: Number(liar.port) }, lies: { staleReads: lie === 'staleReads', watchGap: lie === 'watchGap' } });
      const endpoints = [etcd.endpoints[0]!, `http://127.0.0.1:${layer.port}`, etcd.endpoints[2]!];
      const run = `run-${lie ?? 'honest'}`;
      const world = connect(environmentSchema.parse({ name: 'local', etcd: { endpoints, clusterId: '0' } }), { run, version: '0', clock, mask: createMask() });
      const folder = mkdtempSync(join(tmpdir(), 'firedrill-history-'));
      try {
        const probe = await etcdConsistency.open({ kind: 'etcd-consistency', clients: 6, keys: 4, rate: 60 }, {
          world, clock, run: { id: run, drill: 'd' }, name: 'lies', timeoutMs,
          platform: undefined, kubernetes: undefined, hit: () => [], changes: () => [], milestone: () => {}, note: (text) => assert.fail(text),
          folder, leaves: async () => () => {}, recorded: () => {},
        });
        await untilAnswered(join(folder, 'etcd-history.ndjson'), 100);
        await probe.close();
        const read = await readHistory(join(folder, 'etcd-history.ndjson'), 'auto', noLimit);
        assert.ok(read.kind === 'etcd');
        const findings = checkEtcd(read.history, noLimit).filter(({ verdict }) => verdict !== 'held');
        assert.equal(findings[0]?.check, broken, JSON.stringify([findings, costOf(read.history, null)]));
        assert.equal(findings[0]?.verdict, broken && 'broken');
      } finally {
        await world.close();
        layer.close();
        rmSync(folder, { recursive: true });
      }
    });
  }
});

/** Until the clients of the second of three members have had so many answers. */
async function untilAnswered(path: string, count: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  const answered = (): number => readFileSync(path, 'utf8').split('\n').filter((line) => /^\{"c":[14],/.test(line) && !line.includes('"is":')).length;
  while (answered() < count) {
    assert.ok(Date.now() < deadline, `${answered()} answers`);
    await sleep(200);
  }
}

/** By etcd's JSON gateway. */
async function compact(endpoint: string, revision: number): Promise<void> {
  const answer = await fetch(`${endpoint}/v3/kv/compaction`, { method: 'POST', body: JSON.stringify({ revision: String(revision) }) });
  assert.equal(answer.status, 200, await answer.text());
}
