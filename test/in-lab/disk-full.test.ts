import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { labEnvironmentFile, labExec } from '../../lab/index.ts';
import { main, RunsFolder } from '../e2e/firedrill.ts';
import { sharedLab } from '../e2e/shared-lab.ts';

describe('a disk that fills up while a run writes its journal', () => {
  const runs = new RunsFolder();
  after(() => runs.remove());

  it('ends the run without a verdict that it can not give, and says why', async () => {
    const lab = await sharedLab();
    const environment = join(runs.path, 'environment.yaml');
    // The program is started inside the lab, where it may mount: so there is nothing left to step into.
    writeFileSync(environment, readFileSync(await labEnvironmentFile(lab), 'utf8').replace(/^enter:\n(?: .*\n)+/m, ''));
    const disk = join(runs.path, 'disk');
    mkdirSync(disk);
    const command = 'mount -t tmpfs -o size=32k tmpfs "$1" && shift && exec "$@"';
    const run = [process.execPath, main, 'run', 'etcd-member-loss', '--env', environment, '--out', join(disk, 'runs'), '--yes'];
    const { program, args, env } = await labExec(lab, ['unshare', '--mount', 'sh', '-c', command, 'sh', disk, ...run]);
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number]>]);

    assert.equal(code, 4, `${stdout}\n${stderr}`);
    assert.match(stdout, /journal\.ndjson can't be written: ENOSPC/);
    assert.match(stdout, /INCONCLUSIVE/);
    assert.match(stderr, /report\.html could not be written: ENOSPC/);
    assert.doesNotMatch(stderr, /^\s+at .*:\d+:\d+\)?$/m);
  });
});
