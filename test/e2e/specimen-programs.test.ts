import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from './firedrill.ts';
import { deadAddress } from '../lab/specimen/mesh-under-test.ts';

/** Starts a program as its image does. */
function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'lab/specimen', program, 'main.ts'), ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said }));
  return { child, ended, says: () => said };
}

describe('the programs of the specimen’s images', function () {
  this.timeout('60s');

  for (const program of ['linkerd', 'services']) {
    it(`${program} loads and ends when it is only to be checked`, async () => {
      assert.deepEqual(await start(program, ['--check']).ended, { code: 0, said: '' });
    });
  }

  it('services says which there are', async () => {
    const { code, said } = await start('services', ['loans']).ended;
    assert.equal(code, 2);
    assert.equal(said, 'there is no service "loans"; there are api-gateway, accounts, cards, pots, feed, payments\n');
  });

  it('a service ends by itself when its pod is told to: not ready first, then gone', async () => {
    const port = (await deadAddress()).split(':')[1]!;
    const { child, ended, says } = start('services', ['accounts'], { PORT: port, POD_NAME: 'accounts-1', NODE_IP: '127.0.0.1' });
    while (!says().includes('listens')) await Promise.race([once(child.stdout, 'data'), ended.then(({ said }) => assert.fail(said))]);
    assert.equal((await fetch(`http://127.0.0.1:${port}/accounts/acc_1`)).headers.get('x-served-by'), 'accounts-1');
    child.kill('SIGTERM');
    while (!says().includes('SIGTERM')) await once(child.stdout, 'data');
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 503);
    assert.equal((await fetch(`http://127.0.0.1:${port}/accounts/acc_1`)).status, 200);
    assert.equal((await ended).code, 0);
  });
});
