import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './firedrill.ts';

describe('the guide in CONTRIBUTING.md', () => {
  it('has a fault, a probe and a format that are well typed', function () {
    this.timeout(120_000);
    const guide = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
    const examples = [...guide.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => ({ code, path: /^\/\/ (\S+)/.exec(code)![1]! }));
    assert.deepEqual(examples.map(({ path }) => dirname(path)), ['runner/faults', 'runner/probes', 'reports']);

    const checkout = mkdtempSync(join(tmpdir(), 'firedrill-examples-'));
    try {
      for (const part of ['scenarios', 'runner', 'reports', 'tsconfig.json', 'package.json']) {
        cpSync(join(root, part), join(checkout, part), { recursive: true });
      }
      symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
      for (const { path, code } of examples) writeFileSync(join(checkout, path), code);

      // Step 1 of the guide: the client learns the call.
      const client = join(checkout, 'runner/clients/ec2-machines.ts');
      const text = readFileSync(client, 'utf8');
      const learned = text.replace(
        'export interface Ec2Machines {',
        '$&\n  reboot(ids: readonly string[], options?: { signal?: AbortSignal }): Promise<void>;',
      );
      assert.notEqual(learned, text);
      writeFileSync(client, learned);

      const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), ['--pretty', 'false'], { cwd: checkout, encoding: 'utf8' });
      const complaints = tsc.stdout.split('\n').filter((line) => examples.some(({ path }) => line.startsWith(path)));
      assert.deepEqual(complaints, []);
      assert.match(tsc.stdout, /^runner\/clients\/ec2-machines\.ts.*reboot/m, 'the call is missed in the client, so these files were looked at');
    } finally {
      rmSync(checkout, { recursive: true });
    }
  });
});
