import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock, type Clock } from '../../../runner/clock.ts';
import { fileStore } from '../../../runner/lock/file-store.ts';
import { lockStore, takeLock } from '../../../runner/lock/lock.ts';
import type { LockRecord, LockStore } from '../../../runner/lock/record.ts';
import type { World } from '../../../runner/world.ts';
import { sampleEnvironment } from '../sample-platform.ts';
import { describeLocks, shifted, until } from './any-store.ts';

const environment = sampleEnvironment();

describeLocks('in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-lock-'));
  return { store: fileStore(join(folder, 'lock'), realClock), end: () => rm(folder, { recursive: true }) };
});

describe('the lock of an environment', () => {
  it('is renewed while it is held, and not lost while it can not be looked at', async () => {
    let record: LockRecord | undefined;
    let failing = false;
    const store: LockStore = {
      where: 'lock x',
      lookEveryMs: 5,
      read: async () => {
        if (failing) throw new Error('gone');
        return record;
      },
      change: async (decide) => (record = decide(record)),
    };
    const notes: string[] = [];
    let aheadMs = 0;
    const clock: Clock = { ...realClock, wall: () => realClock.wall() + aheadMs };
    const lock = await takeLock({ environment, store, run: 'run-1', folder: '/runs/run-1', clock, note: (text) => notes.push(text) });
    const first = record!.renewed;
    failing = true;
    await until(() => notes.length === 1);
    aheadMs = 11_000;
    failing = false;
    await until(() => notes.length === 2 && record!.renewed > first);
    assert.deepEqual(notes, ["the lock can't be looked at (lock x): gone", 'the lock can be looked at again (lock x)']);
    assert.ok(!lock.ended.aborted);
    await lock.release();
    assert.equal(record, undefined);
  });

  it('that a crash left half-written is taken over; a change that never ended, too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'firedrill-lock-'));
    const path = join(folder, 'lock');
    await writeFile(path, '{"run":"de');
    await writeFile(`${path}.changing`, 'x');
    const clock = shifted(6_000);
    const lock = await takeLock({ environment, store: fileStore(path, clock), run: 'run-2', folder: '/x', clock });
    assert.equal((JSON.parse(await readFile(path, 'utf8')) as LockRecord).run, 'run-2');
    await lock.release();
    await rm(folder, { recursive: true });
  });

  for (const [what, text] of [['notes', 'buy milk'], ['data', '{"run":{"of":"the mill"}}'], ['a longer list', '[]'], ['a word', 'null']] as const) {
    it(`in a file with ${what} of somebody else's is refused, and the file left as it is`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'firedrill-lock-'));
      const path = join(folder, 'notes');
      await writeFile(path, text);
      const store = fileStore(path, realClock);
      await assert.rejects(takeLock({ environment, store, run: 'run-1', folder: '/x', clock: realClock }), /notes is no lock that firedrill has made: name another file/);
      assert.equal(await readFile(path, 'utf8'), text);
      await rm(folder, { recursive: true });
    });
  }

  it('that can not be made is an error, not a go-ahead', async () => {
    const store = fileStore('/no/such/folder/lock', realClock);
    await assert.rejects(takeLock({ environment, store, run: 'run-1', folder: '/x', clock: realClock }), /the lock .* can't be taken: ENOENT/);
  });

  it('is another one for another platform', () => {
    const [one, other] = ['a', 'b'].map((name) => lockStore(sampleEnvironment({ name }), {} as World, realClock).where);
    assert.notEqual(one, other);
  });
});
