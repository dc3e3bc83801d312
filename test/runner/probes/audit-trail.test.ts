import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { done, type Change } from '../../../runner/changes.ts';
import { environmentSchema } from '../../../runner/environment.ts';
import { ExpectedError } from '../../../runner/errors.ts';
import auditTrail from '../../../runner/probes/audit-trail.ts';
import type { OpenProbe } from '../../../runner/probe.ts';
import type { World } from '../../../runner/world.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { sampleContext } from './sample-fleet.ts';

const patienceMs = 60_000;
const aws = { region: 'eu-west-1', accountId: '123456789012' };
const signal = new AbortController().signal;

describe('audit-trail', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'firedrill-audit-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const call = (about: Partial<Change>, nowMs: number): Change => ({
    service: 'ec2', action: 'StopInstances', target: 'i-1', requestId: 'r-1', outcome: done, sentMs: nowMs, endedMs: nowMs, act: { fault: 'f', during: 'inject' }, ...about,
  });

  async function setUp(environment: object, patience: number | null = patienceMs) {
    const clock = simulatedClock();
    const delivered = new Set<string>();
    const asked: string[] = [];
    let failure: Error | undefined;
    const trail = {
      requestIds: async (action: string, { fromMs, toMs }: { fromMs: number; toMs: number }) => {
        if (failure) throw failure;
        assert.ok(fromMs <= clock.wall() && clock.wall() - fromMs < 3_600_000 && toMs > fromMs, 'asks around the time of the calls');
        asked.push(action);
        return delivered;
      },
    };
    const context = sampleContext(clock, {});
    const world = { environment: environmentSchema.parse({ name: 'sample', ...environment }), cloudTrail: async () => trail } as unknown as World;
    const probe: OpenProbe = await auditTrail.open({ kind: 'audit-trail', ...(patience === null ? {} : { patience }) }, { ...context, world });
    const make = (about: Partial<Change> = {}): void => void context.made.push(call(about, clock.now()));
    return { clock, probe, delivered, asked, make, fail: (error: Error | undefined) => (failure = error), ask: () => probe.streams[0]!.ask(signal) };
  }

  describe('in CloudTrail', () => {
    it('is good while nothing has been done, and asks for nothing', async () => {
      const { ask, asked } = await setUp({ aws });
      assert.deepEqual([await ask(), asked], [{ value: 'good' }, []]);
    });

    it('is unknown while a call is not delivered yet, and good when all are', async () => {
      const { ask, make, delivered, asked } = await setUp({ aws });
      make();
      make({ requestId: 'r-2', action: 'CreateTags', act: { fault: 'f', during: 'undo' } });
      delivered.add('r-1');
      assert.deepEqual(await ask(), { value: 'unknown', why: 'not yet in CloudTrail' });
      delivered.add('r-2');
      assert.deepEqual(await ask(), { value: 'good' });
      asked.length = 0;
      assert.deepEqual([await ask(), asked], [{ value: 'good' }, []], 'what was found is not looked for again');
    });

    it('is bad once patience is over, and names the call', async () => {
      const { ask, make, clock } = await setUp({ aws });
      make();
      await clock.until(clock.sleep(patienceMs));
      assert.equal((await ask()).value, 'unknown');
      await clock.until(clock.sleep(1));
      assert.deepEqual(await ask(), { value: 'bad', why: 'not in CloudTrail after 1m: ec2:StopInstances of i-1 (request r-1)' });
    });

    it('has the patience of CloudTrail itself when the drill says nothing', async () => {
      const { ask, make, clock } = await setUp({ aws }, null);
      make();
      await clock.until(clock.sleep(14 * 60_000));
      assert.equal((await ask()).value, 'unknown');
      await clock.until(clock.sleep(2 * 60_000));
      assert.equal((await ask()).value, 'bad');
    });

    it('is unknown, however late, while CloudTrail can not be asked', async () => {
      const { ask, make, clock, fail } = await setUp({ aws });
      make();
      await clock.until(clock.sleep(2 * patienceMs));
      fail(new Error('AccessDenied'));
      assert.deepEqual(await ask(), { value: 'unknown', why: 'CloudTrail: AccessDenied' });
    });

    it('does not look for what was refused, had no answer, or no fault did', async () => {
      const { ask, make, clock } = await setUp({ aws });
      make({ outcome: 'UnauthorizedOperation' });
      make({ outcome: 'no answer (ECONNRESET)', requestId: null });
      make({ act: undefined });
      make({ act: { fault: 'f', during: 'plan' } });
      make({ service: 'kubernetes', requestId: 'k-1' });
      await clock.until(clock.sleep(2 * patienceMs));
      assert.deepEqual(await ask(), { value: 'good' });
    });
  });

  describe('in the Kubernetes audit log', () => {
    const kubernetes = (auditLog: string | undefined) => ({ kubernetes: { kubeconfig: 'k', context: 'c', ...(auditLog === undefined ? {} : { auditLog }) } });
    const line = (auditID: string, userAgent = 'firedrill/1 run/run-1'): string => `${JSON.stringify({ kind: 'Event', auditID, userAgent })}\n`;
    const pod = (requestId: string): Partial<Change> => ({ service: 'kubernetes', action: 'delete pods', target: 'shop/web-1', requestId });

    it('is found in a folder of several servers\' logs, also when half a line comes first and the file is put aside', async () => {
      const [one, two] = [join(folder, 'master-1.log'), join(folder, 'master-2.log')];
      writeFileSync(one, line('old'));
      const { ask, make } = await setUp(kubernetes(folder));
      for (const id of ['k-1', 'k-2', 'k-3']) make(pod(id));
      writeFileSync(two, line('k-1'));
      appendFileSync(one, line('k-2').slice(0, 20));
      assert.deepEqual(await ask(), { value: 'unknown', why: 'not yet in the Kubernetes audit log' });
      appendFileSync(one, line('k-2').slice(20));
      renameSync(one, join(folder, 'master-1-2026-11-27T08-00-00.000Z.log'));
      writeFileSync(one, line('k-3'));
      assert.deepEqual(await ask(), { value: 'good' });
    });

    it('is bad when the event is there under another run\'s name only: it could not be found by ours', async () => {
      const file = join(folder, 'audit.log');
      writeFileSync(file, '');
      const { ask, make, clock } = await setUp(kubernetes(file));
      make(pod('k-1'));
      appendFileSync(file, line('k-1', 'firedrill/1 run/run-2'));
      await clock.until(clock.sleep(patienceMs + 1));
      assert.deepEqual(await ask(), { value: 'bad', why: 'not in the Kubernetes audit log after 1m: delete pods of shop/web-1 (request k-1)' });
    });

    it('is unknown when nobody says where the log is, once something was done', async () => {
      const { ask, make } = await setUp(kubernetes(undefined));
      assert.equal((await ask()).value, 'good');
      make(pod('k-1'));
      assert.match((await ask()).why!, /kubernetes\.auditLog/);
    });

    it('refuses to open on a log that is not there', async () => {
      await assert.rejects(setUp(kubernetes(join(folder, 'nosuch.log'))), (error) => error instanceof ExpectedError && /kubernetes\.auditLog can't be read: ENOENT/.test(error.message));
    });
  });

  it('has one stream for each log', async () => {
    const { probe } = await setUp({ aws, kubernetes: { kubeconfig: 'k', context: 'c' } });
    assert.deepEqual(probe.streams.map(({ name }) => name), ['mine/cloudtrail', 'mine/kubernetes']);
  });
});
