import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, processRef } from '../../../lab/procfs.ts';

const keeper = new URL('../../../lab/kubernetes/assets/keep-running.ts', import.meta.url).href;

describe('a program that is kept running', function () {
  this.timeout('60s');
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-keeper-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is started again when it ended, is heard under its name, and goes with its keeper, however that ends', async () => {
    const script = 'echo "pid $$"; [ -e seen ] || { touch seen; echo oh no >&2; exit 3; }; exec sleep 600';
    const code = `const { keepRunning } = await import(${JSON.stringify(keeper)}); await keepRunning('kube-test', '/bin/sh', ['-c', ${JSON.stringify(script)}], (line) => console.log(line));`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    let heard = '';
    const second = new Promise<number>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        heard += chunk.toString();
        const [, again] = [...heard.matchAll(/^kube-test: pid (\d+)$/gm)];
        if (again) resolve(Number(again[1]));
      });
    });
    const program = processRef(await second);
    assert.match(heard, /^kube-test: oh no$/m);
    assert.match(heard, /^service: kube-test ended with 3 after \d+\.\d s; again in 1 s$/m);
    assert.ok(program && isAlive(program));
    child.kill('SIGKILL');
    while (isAlive(program)) await wait(20);
  });
});
