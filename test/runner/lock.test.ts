import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../runner/clock.ts';
import type { Environment } from '../../runner/environment.ts';
import { takeLock } from '../../runner/lock.ts';
import { sampleEnvironment } from './sample-platform.ts';

describe('the lock of an environment', () => {
  let folder: string;
  let environment: Environment;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-lock-'));
    environment = sampleEnvironment({ lock: { file: join(folder, 'lock') } });
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('keeps a second run out, says who holds it, and is free again after', async () => {
    const lock = await takeLock(environment, 'run-1', realClock);
    await assert.rejects(takeLock(environment, 'run-2', realClock), {
      exitCode: 3,
      message: new RegExp(`refused: run run-1 \\(process ${process.pid}, since .*\\) is under way in environment staging`),
    });
    await lock.release();
    await (await takeLock(environment, 'run-2', realClock)).release();
  });

  it('is taken over from a process that is gone', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    await writeFile(environment.lock!.file, JSON.stringify({ run: 'dead', pid, since: 'then' }));
    await (await takeLock(environment, 'run-2', realClock)).release();
  });

  it('that a crash left half-written is taken over', async () => {
    await writeFile(environment.lock!.file, '{"run":"de');
    await (await takeLock(environment, 'run-2', realClock)).release();
  });

  it('that can not be made is an error, not a go-ahead', async () => {
    const nowhere = sampleEnvironment({ lock: { file: join(folder, 'no', 'such', 'folder', 'lock') } });
    await assert.rejects(takeLock(nowhere, 'run-1', realClock), /the lock .* can't be taken: ENOENT/);
  });

  it('is another one for another platform', async () => {
    const [one, other] = [sampleEnvironment({ name: `a-${process.pid}` }), sampleEnvironment({ name: `b-${process.pid}` })];
    const locks = [await takeLock(one, 'run-1', realClock), await takeLock(other, 'run-2', realClock)];
    for (const lock of locks) await lock.release();
  });
});
