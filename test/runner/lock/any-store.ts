import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { realClock, type Clock } from '../../../runner/clock.ts';
import { askToStop, breakLock, freeDeadLock } from '../../../runner/lock/from-outside.ts';
import { takeLock, type Lock } from '../../../runner/lock/lock.ts';
import type { LockRecord, LockStore } from '../../../runner/lock/record.ts';
import { sampleEnvironment } from '../sample-platform.ts';

const environment = sampleEnvironment();
const deadPid = (): number => spawnSync(process.execPath, ['-e', '0']).pid;

/** Real time, and a wall clock that can be ahead. */
export function shifted(aheadMs: number): Clock {
  return { ...realClock, wall: () => realClock.wall() + aheadMs };
}

/** What is true of a lock wherever it is kept. */
export function describeLocks(name: string, open: () => Promise<{ store: LockStore; end: () => Promise<void> }>): void {
  describe(`the lock of an environment, ${name}`, () => {
    let store: LockStore;
    let end: () => Promise<void>;
    const notes: string[] = [];
    const take = (run: string, { clock = realClock, mending = false } = {}): Promise<Lock> =>
      takeLock({ environment, store, run, folder: `/runs/${run}`, clock, mending, note: (text) => notes.push(text) });
    const leftBy = async (record: Partial<LockRecord>): Promise<void> => {
      const at = new Date(realClock.wall()).toISOString();
      const whole = { run: 'run-1', environment: 'staging', host: hostname(), pid: deadPid(), since: at, renewed: at, lastsMs: 60_000, folder: import.meta.dirname };
      await store.change(() => ({ ...whole, ...record }));
    };
    const longAgo = new Date(realClock.wall() - 61_000).toISOString();
    beforeEach(async () => {
      notes.length = 0;
      ({ store, end } = await open());
    });
    afterEach(() => end());

    it('keeps a second run out, says who holds it, and is free again after', async () => {
      const lock = await take('run-1');
      await assert.rejects(take('run-2'), {
        exitCode: 3,
        message: new RegExp(`refused: run run-1 \\(process ${process.pid} on ${hostname()}, since .*\\) is under way in environment staging.*firedrill stop`),
      });
      await lock.release();
      assert.equal(await store.read(), undefined);
      await (await take('run-2')).release();
      assert.deepEqual(notes, []);
    });

    it('is got by one of many that want it at once', async () => {
      const wishes = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => take(`run-${index}`)));
      const got = wishes.filter((wish) => wish.status === 'fulfilled');
      assert.equal(got.length, 1);
      await got[0]!.value.release();
    });

    it('outlives a run that died, says how to put back what it left, and ends by itself', async () => {
      await leftBy({});
      await assert.rejects(take('run-2'), /run run-1 died holding the lock of environment staging .* ends by itself at .*; put back what it may have left: firedrill recover \/\S+\/lock$/);
      await leftBy({ folder: '/runs/run-1' });
      await assert.rejects(take('run-2'), /died holding .*; \/runs\/run-1 is not there: it had not begun, and has broken nothing, or its journal was removed; see what it may have left: firedrill recover --sweep, then firedrill locks --break run-1$/);
      await (await take('run-2', { clock: shifted(61_000) })).release();
    });

    it('of a dead run is taken over to put that back', async () => {
      await leftBy({});
      await (await take('run-1', { mending: true })).release();
      assert.equal(await store.read(), undefined);
    });

    it('of a run that lives is not taken over, whatever for and however old', async () => {
      await leftBy({ pid: process.pid, renewed: longAgo });
      await assert.rejects(take('run-1', { mending: true }), /is under way/);
      await assert.rejects(breakLock(store, 'run-1', realClock), /is under way/);
      await freeDeadLock(store, 'run-1', realClock);
      assert.equal((await store.read())?.run, 'run-1');
    });

    it('of another machine holds until it is over, and then only if nobody renews it', async () => {
      await leftBy({ host: 'elsewhere' });
      await assert.rejects(take('run-2'), /run run-1 \(process \d+ on elsewhere/);
      await leftBy({ host: 'elsewhere', renewed: longAgo });
      // Its clock is a minute behind ours: it still renews.
      const taking = take('run-2');
      const refused = assert.rejects(taking, /its clock and this one are 6\d s apart/);
      for (let ago = 60_490, done = false; !done; ago -= 10) {
        await leftBy({ host: 'elsewhere', renewed: new Date(realClock.wall() - ago).toISOString() });
        done = await Promise.race([refused.then(() => true), realClock.sleep(300).then(() => false)]);
      }
    });

    it('tells its holder that somebody wants the run to end', async () => {
      const lock = await take('run-1');
      assert.equal((await askToStop(store, 'kim@desk', realClock))?.run, 'run-1');
      await aborted(lock);
      assert.match(String(lock.ended.reason), /firedrill stop, by kim@desk/);
      await lock.release();
      assert.equal(await askToStop(store, 'kim@desk', realClock), undefined, 'nobody holds it');
    });

    it('that is taken away ends the run, and stays with whom it is now', async () => {
      const lock = await take('run-1');
      await leftBy({ run: 'run-2', pid: process.pid });
      await aborted(lock);
      assert.match(String(lock.ended.reason), /taken away .* now of run run-2/);
      await lock.release();
      assert.equal((await store.read())?.run, 'run-2');
    });

    it('is broken for the run that is named, when that is dead', async () => {
      await assert.rejects(breakLock(store, 'run-1', realClock), /nobody holds/);
      await leftBy({});
      await assert.rejects(breakLock(store, 'run-2', realClock), /held by run run-1, not by run-2/);
      await breakLock(store, 'run-1', realClock);
      assert.equal(await store.read(), undefined);
    });

    it('of a dead run that left nothing is given back', async () => {
      await leftBy({});
      await freeDeadLock(store, 'run-2', realClock);
      assert.equal((await store.read())?.run, 'run-1');
      await freeDeadLock(store, 'run-1', realClock);
      assert.equal(await store.read(), undefined);
    });
  });
}

function aborted({ ended }: Lock): Promise<void> {
  return until(() => ended.aborted);
}

export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await realClock.sleep(20);
}
