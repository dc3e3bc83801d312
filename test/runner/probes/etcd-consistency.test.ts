import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkEtcd } from '../../../runner/consistency/etcd/check.ts';
import { readHistory } from '../../../runner/consistency/read-history.ts';
import { noLimit } from '../../../runner/consistency/verdict.ts';
import { ExpectedError } from '../../../runner/errors.ts';
import etcdConsistency from '../../../runner/probes/etcd-consistency.ts';
import { SampleEtcd } from '../consistency-workload/sample-etcd.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { askOnce, sampleContext } from './sample-fleet.ts';

describe('etcd-consistency', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-history-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const spec = { kind: 'etcd-consistency', clients: 4, keys: 3, rate: 40 };

  async function setUp() {
    const clock = simulatedClock();
    const etcd = new SampleEtcd(3, clock);
    const context = sampleContext(clock, { fleet: etcd.fleet, timeoutMs: 1000, folder });
    const probe = await clock.until(etcdConsistency.open(spec, context));
    return { clock, etcd, context, probe };
  }

  it('records a whole history beside the journal, which is judged as held, and takes its keys away', async () => {
    const { clock, etcd, context, probe } = await setUp();
    assert.deepEqual(context.lefts, [{ record: { prefix: 'drills/run-1/mine/' }, cleaned: false }]);
    await clock.advance(5_000);
    assert.equal((await askOnce(probe, clock)).value, 'good');
    await clock.until(probe.close());
    const path = join(folder, 'etcd-history.ndjson');
    assert.deepEqual(context.files, [{ file: 'etcd-history.ndjson', lines: readFileSync(path, 'utf8').trimEnd().split('\n').length }]);
    assert.deepEqual(etcd.deleted, ['drills/run-1/mine/']);
    assert.equal(context.lefts[0]!.cleaned, true);
    const read = await readHistory(path, 'auto', noLimit);
    assert.ok(read.kind === 'etcd');
    for (const { check, verdict, says } of checkEtcd(read.history, noLimit)) assert.equal(verdict, 'held', `${check}: ${says}`);
  });

  it('is bad while nothing is answered, and good again afterwards', async () => {
    const { clock, etcd, probe } = await setUp();
    await clock.advance(1_000);
    for (const mood of etcd.moods) mood.answers = 'deaf';
    await askOnce(probe, clock);
    await clock.advance(3_000);
    assert.deepEqual(await askOnce(probe, clock), { value: 'bad', why: 'no answer', tookMs: 0 });
    etcd.moods[0]!.answers = 'well';
    await clock.advance(3_000);
    assert.equal((await askOnce(probe, clock)).value, 'good');
    await clock.until(probe.close());
  });

  it('says how its keys are deleted when it could not', async () => {
    const { clock, etcd, context, probe } = await setUp();
    for (const mood of etcd.moods) mood.answers = 'refused';
    await clock.until(probe.close());
    assert.equal(context.lefts[0]!.cleaned, false);
    assert.match(context.notes.join(), /firedrill recover run-1, or etcdctl del --prefix drills\/run-1\/mine\//);
  });

  it('deletes them when the run is recovered', async () => {
    const clock = simulatedClock();
    const etcd = new SampleEtcd(1, clock);
    const { world, run, note } = sampleContext(clock, { fleet: etcd.fleet });
    const said = await clock.until(etcdConsistency.undo!({ prefix: 'drills/run-1/mine/' }, { world, clock, run, note, signal: new AbortController().signal, spare: () => {} }));
    assert.equal(said, 'deleted the keys below drills/run-1/mine/');
    assert.deepEqual(etcd.deleted, ['drills/run-1/mine/']);
  });

  const refused = (what: string, pattern: RegExp, prepare: (etcd: SampleEtcd) => Promise<unknown> | void, change = {}) =>
    it(what, async () => {
      const clock = simulatedClock();
      const etcd = new SampleEtcd(3, clock);
      await prepare(etcd);
      const context = sampleContext(clock, { fleet: etcd.fleet, folder });
      await assert.rejects(clock.until(etcdConsistency.open({ ...spec, ...change }, context)), (error) => error instanceof ExpectedError && pattern.test(error.message));
    });
  refused('refuses to begin where nobody answers', /no member can be read: connection refused/, (etcd) => {
    for (const mood of etcd.moods) mood.answers = 'refused';
  });
  it('refuses a second history in one run', async () => {
    const { clock, context } = await setUp();
    await assert.rejects(clock.until(etcdConsistency.open(spec, context)), /give a drill one probe of kind etcd-consistency/);
  });
});
