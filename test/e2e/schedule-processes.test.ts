import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readRecords } from '../../runner/schedule/state-file.ts';
import { collect, type Running } from './firedrill.ts';

describe('a scheduler, as a process', function () {
  this.timeout('5m');

  let folder: string;
  let state: string;
  let out: string;
  const began = Date.now();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-schedule-'));
    [state, out] = [join(folder, 'state'), join(folder, 'runs')];
    mkdirSync(out);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const start = (env: NodeJS.ProcessEnv = {}): Running =>
    collect(spawn(process.execPath, [join(import.meta.dirname, '../cli/schedule/scheduler-process.ts'), state, out, String(began)], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_NO_WARNINGS: '1', ...env } }));
  const started = (): string[] => readFileSync(join(out, 'started.log'), 'utf8').trim().split('\n');

  it('runs each slot in a process of its own, as planned, and ends the drill under way when it is told to end', async () => {
    const one = start({ STAND_IN_TAKES_MS: '60000' });
    await one.says(/drill small of slot \S+ begins/);
    // Until its drill is there to be told.
    while (!existsSync(join(out, 'started.log'))) await wait(20);
    await wait(200);
    one.child.kill('SIGTERM');
    assert.equal((await one.ended).code, 130);
    const records = await readRecords(state);
    assert.deepEqual(records.slice(-3).map(({ type }) => type), ['finished', 'ended', 'stopped']);
    const finished = records.find((record) => record.type === 'finished')!;
    assert.equal(finished.exit, 130);
    assert.match(finished.run!, /runs\/\d{8}T\d{6}Z-small-[0-9a-f]{4}$/);
    assert.match(started()[0]!, /^(\d+) small \1-cafe$/);
  });

  it('is the only one with its state: a second one refuses', async () => {
    const one = start();
    await one.says(/slot often@/);
    const second = await start().ended;
    assert.equal(second.code, 3);
    assert.match(second.stderr, /^refused: another scheduler works with the state in \S+ \(process \d+ on \S+, since \S+\); end that one first \(SIGTERM\), or give another --state$/m);
    one.child.kill('SIGTERM');
    await one.ended;
  });

  it('killed at any instant and started again, runs no slot twice, and reports what was under way with what to do', async () => {
    // Claimed, planned, with its drill just begun, in the middle of it, and just ended.
    for (const [says, afterMs] of [[/slot often@/, 0], [/slot often@/, 150], [/begins/, 0], [/begins/, 300], [/has ended/, 0]] as const) {
      const one = start();
      await one.says(says);
      await wait(afterMs);
      one.child.kill('SIGKILL');
      await one.ended;
    }
    const last = start();
    await last.says(/ended: often@/);
    last.child.kill('SIGTERM');
    await last.ended;
    const seeds = started().map((line) => line.split(' ')[0]!);
    assert.equal(new Set(seeds).size, seeds.length, `a slot was run twice:\n${started().join('\n')}`);
    const records = await readRecords(state);
    const claims = records.flatMap((record) => (record.type === 'claimed' ? [record.slot] : []));
    assert.equal(new Set(claims).size, claims.length);
    for (const slot of claims) {
      const ends = records.filter((record) => ['ended', 'interrupted', 'skipped'].includes(record.type) && 'slot' in record && record.slot === slot);
      assert.equal(ends.length, 1, `slot ${slot} has one end`);
    }
    const interrupted = records.filter((record) => record.type === 'interrupted');
    assert.ok(interrupted.length > 0, 'one of them was killed within a slot');
    for (const { todo } of interrupted) assert.match(todo, /firedrill recover/);
  });

  it('skips a slot that the guard refuses, and says why', async () => {
    const one = start({ STAND_IN_REFUSES: '1' });
    await one.says(/skipped: often@\S+: drill small: refused: too many zones/);
    one.child.kill('SIGTERM');
    await one.ended;
    assert.ok((await readRecords(state)).some((record) => record.type === 'skipped'));
  });
});
