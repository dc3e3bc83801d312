import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { firedrill, RunsFolder } from './firedrill.ts';
import { startLocalEtcd, type LocalEtcd } from './local-etcd.ts';

describe('an etcd that wants a user and a password', () => {
  const password = 'correct horse battery staple';
  let etcd: LocalEtcd;
  let runs: RunsFolder;
  const etcdctl = (...args: string[]): string =>
    execFileSync('etcdctl', ['--endpoints', etcd.endpoints[0]!, ...args], { env: { ...process.env, ETCDCTL_API: '3' }, encoding: 'utf8', stdio: 'pipe' });
  const plan = async (user: object) => {
    const env = join(runs.drills(), 'environment.yaml');
    writeFileSync(env, stringify({ name: 'locked', etcd: { endpoints: etcd.endpoints, clusterId: 'cafe', ...user } }));
    return firedrill('plan', 'etcd-member-loss', '--env', env);
  };

  before(async () => {
    etcd = await startLocalEtcd(1);
    runs = new RunsFolder();
  });
  after(async () => {
    runs.remove();
    await etcd.close();
  });

  it('is not asked twice with credentials that it refuses: the user is told what to check', async () => {
    const early = await plan({ username: 'root', password });
    assert.equal(early.code, 2, early.stderr);
    assert.match(early.stderr, /^etcd refuses our credentials at 127\.0\.0\.1:\d+ \(.*authentication is not enabled\); check etcd\.username and etcd\.password/);

    etcdctl('user', 'add', `root:${password}`);
    etcdctl('auth', 'enable');
    const late = await plan({ username: 'root', password: 'Tr0ub4dor&3' });
    assert.equal(late.code, 2, late.stderr);
    assert.match(late.stderr, /^etcd refuses our credentials at .*authentication failed, invalid user ID or password/);
  });

  it('tells its members to whoever has the right ones', async () => {
    const { stderr } = await plan({ username: 'root', password });
    assert.doesNotMatch(stderr, /credentials|answers/, 'etcd was asked, and the platform has no machine to kill');
    assert.match(stderr, /matches no etcd member on a running instance/);
  });
});
