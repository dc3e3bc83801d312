import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../runner/clock.ts';
import { ExpectedError } from '../../runner/errors.ts';
import { openJournal, readJournal } from '../../runner/journal-file.ts';
import { judge } from '../../runner/judge.ts';
import { createMask } from '../../runner/mask.ts';
import type { UndoRecord } from '../../runner/fault.ts';
import type { Probe } from '../../runner/probe.ts';
import { howToRecover, leftRuns, NotBegun, readLeftRun, recover } from '../../runner/recover.ts';
import type { World } from '../../runner/world.ts';
import { Service, serviceKinds } from './engine.ts';
import { sampleEnvironment } from './sample-platform.ts';
import { sampleScenario } from './sample-scenario.ts';

describe('what a dead run has left', () => {
  let out: string;
  let service: Service;
  const environment = sampleEnvironment({ aws: undefined, etcd: undefined });
  const world = { environment, mask: createMask() } as World;
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'firedrill-runs-'));
    service = new Service();
  });
  afterEach(() => rm(out, { recursive: true }));

  /** A run that has injected these faults and undone some, and then died. */
  async function deadRun({ id = 'run-1', faults = ['a', 'b'], undone = [] as string[], kind = 'stop', name = 'staging' } = {}): Promise<string> {
    const journal = await openJournal({ folder: join(out, id), clock: realClock, mask: createMask() });
    journal.append('run.started', {
      version: 1, run: id, firedrill: '0', node: '0', command: 'firedrill run drill', seed: 1, scenario: sampleScenario(), source: 'drill',
      environment: { ...environment, name },
    });
    for (const fault of faults) {
      service.broken.add(fault);
      journal.append('fault.intent', { fault, kind, says: 'stop it', sum: '', targets: [], undo: { service: fault } });
      journal.append('fault.injected', { fault });
    }
    for (const fault of undone) journal.append('fault.undone', { fault, verified: true, said: 'done' });
    await journal.close();
    return journal.folder;
  }
  const recovered: string[] = [];
  const recoverNow = async (folder: string): Promise<string[]> => {
    recovered.length = 0;
    return recover({
      run: await readLeftRun(folder),
      world,
      kinds: serviceKinds(service),
      clock: realClock,
      by: 'firedrill recover',
      onUndone: ({ id }, { verified }) => recovered.push(`${id} ${verified}`),
    });
  };

  it('is undone, last first, and written into its journal', async () => {
    const folder = await deadRun();
    assert.deepEqual(await recoverNow(folder), []);
    assert.deepEqual(service.log, ['undo b', 'undo a']);
    assert.deepEqual(recovered, ['b true', 'a true']);
    const entries = await readJournal(folder);
    assert.deepEqual(entries.map(({ seq }) => seq), entries.map((_, index) => index));
    assert.ok(entries.every(({ t }, index) => index === 0 || t >= entries[index - 1]!.t), 'the run\'s clock goes on');
    assert.ok(judge(entries).faults.every(({ open }) => !open));
  });

  it('is nothing any more the second time, which changes nothing', async () => {
    const folder = await deadRun();
    await recoverNow(folder);
    const before = await readFile(join(folder, 'journal.ndjson'), 'utf8');
    assert.deepEqual(await recoverNow(folder), []);
    assert.equal(await readFile(join(folder, 'journal.ndjson'), 'utf8'), before);
    assert.deepEqual(service.log, ['undo b', 'undo a']);
  });

  it('is left alone when AWS answers from another region than the one that is named', async () => {
    const folder = await deadRun();
    const elsewhere = { environment: sampleEnvironment(), sts: async () => ({ accountId: async () => '123456789012' }), ec2: async () => ({ regions: async () => ['us-east-1'] }) } as unknown as World;
    const recovering = recover({ run: await readLeftRun(folder), world: elsewhere, kinds: serviceKinds(service), clock: realClock, by: 'firedrill recover', onUndone: () => {} });
    await assert.rejects(recovering, { message: /^refused: AWS answers from region us-east-1, the environment file names eu-west-1/, exitCode: 3 });
    assert.deepEqual(service.log, []);
    assert.equal((await readLeftRun(folder)).open.length, 2);
  });

  it('is only what was not seen to be undone', async () => {
    const folder = await deadRun({ undone: ['b'] });
    await recoverNow(folder);
    assert.deepEqual(service.log, ['undo a']);
  });

  it('is found behind a last line that was cut short', async () => {
    const folder = await deadRun();
    await appendFile(join(folder, 'journal.ndjson'), '{"seq":99,"type":"obser');
    await recoverNow(folder);
    assert.deepEqual(service.log, ['undo b', 'undo a']);
    assert.equal((await readLeftRun(folder)).open.length, 0);
  });

  it('is said to need a human when this firedrill does not know its kind', async () => {
    const folder = await deadRun({ faults: ['a'], kind: 'of-the-future' });
    assert.match((await recoverNow(folder)).join(), /fault a: this firedrill has no fault of kind of-the-future/);
    assert.equal((await readLeftRun(folder)).open.length, 1);
  });

  it('has the keys of probes in it, which are deleted after the faults, and keep no run out', async () => {
    const folder = await deadRun({ undone: ['b'] });
    const dead = await openJournal({ folder, clock: realClock, mask: createMask(), after: { seq: 9, t: 1 } });
    dead.append('probe.leaves', { probe: 'lies', kind: 'keeps', says: 'keys below a/ in etcd', undo: { prefix: 'a/' } });
    dead.append('probe.leaves', { probe: 'clean', kind: 'keeps', says: 'keys below b/ in etcd', undo: { prefix: 'b/' } });
    dead.append('probe.cleaned', { probe: 'clean', verified: true, said: 'deleted' });
    await dead.close();
    const deleted: unknown[] = [];
    const keeps = { undo: async (record: UndoRecord) => `deleted ${String(deleted.push(record['prefix']))}` } as unknown as Probe;
    const lines: string[] = [];
    const kinds = { ...serviceKinds(service), probes: { keeps } };
    await recover({ run: await readLeftRun(folder), world, kinds, clock: realClock, by: 'firedrill recover', onUndone: ({ of, id }, { verified }) => lines.push(`${of} ${id} ${verified}`) });
    assert.deepEqual(lines, ['fault a true', 'probe lies true']);
    assert.deepEqual(deleted, ['a/']);
    assert.deepEqual((await readLeftRun(folder)).leftovers, []);

    const tidy = await deadRun({ id: 'run-2', faults: [] });
    const other = await openJournal({ folder: tidy, clock: realClock, mask: createMask(), after: { seq: 9, t: 1 } });
    other.append('probe.leaves', { probe: 'lies', kind: 'keeps', says: 'keys below a/ in etcd', undo: { prefix: 'a/' } });
    await other.close();
    assert.deepEqual(await leftRuns(out, environment), []);
  });

  it('keeps the next run out, in the same environment only', async () => {
    const folder = await deadRun({ id: '2-second' });
    await deadRun({ id: '1-first', faults: ['a'] });
    await deadRun({ id: '3-clean', undone: ['a', 'b'] });
    await deadRun({ id: '4-elsewhere', name: 'elsewhere' });
    const left = await leftRuns(out, environment);
    assert.deepEqual(left.map(({ started }) => started.run), ['2-second', '1-first']);
    assert.equal(howToRecover(left[0]!), `run 2-second has left faults a, b not undone; put back: firedrill recover 2-second --out ${out}`);
    await recoverNow(folder);
    assert.deepEqual((await leftRuns(out, environment)).map(({ started }) => started.run), ['1-first']);
  });

  it('is nothing where the run died in the first line of its journal, and unknown where that is something else', async () => {
    const folder = join(out, '1-early');
    await mkdir(folder);
    const says = async (text: string): Promise<unknown> => {
      await writeFile(join(folder, 'journal.ndjson'), text);
      return readLeftRun(folder).catch((error: unknown) => error);
    };
    for (const text of ['', '{', '{"seq":1,"t":0,"type":"run.star']) {
      const error = await says(text);
      assert.ok(error instanceof NotBegun, text);
      assert.equal(error.message, 'run 1-early has left nothing to undo: it died before it had begun');
    }
    for (const text of ['hello', 'hello\nworld\n', '\n', '{"seq":1,"t":0,"type":"phase"}\n']) {
      const error = await says(text);
      assert.ok(error instanceof ExpectedError && !(error instanceof NotBegun), text);
    }
  });

  it('is nothing in a folder that is not there', async () => {
    assert.deepEqual(await leftRuns(join(out, 'nosuch')), []);
  });
});
