import assert from 'node:assert/strict';
import { clusterUnderTest } from '../e2e/cluster-under-test.ts';
import { expectExit } from '../e2e/firedrill.ts';

describe('a run on Kubernetes that is killed with SIGKILL, in the lab', () => {
  const cluster = clusterUnderTest();
  const leases = async (): Promise<string[]> => (await cluster.kubectl('-n', 'shop', 'get', 'leases', '-o', 'name')).split('\n').filter((name) => name.includes('/firedrill-'));

  it('leaves the Lease of its probe, and recover deletes it after the fault is undone', async () => {
    const running = cluster.start(
      cluster.write({
        faults: ['id: fewer, kind: deployment-scale, at: 0s, for: 1m, to: 2, select: { namespace: shop, owner: deployment/web }'],
        probes: ['api: { kind: kube-api, namespace: shop, every: 250ms, timeout: 2s }'],
        slos: ['name: the API answers, probe: api, recoversWithin: 50s'],
      }),
      '--no-watchdog',
    );
    await running.says(/fault fewer: injected/);
    running.child.kill('SIGKILL');
    await running.ended;
    const [left, ...others] = await leases();
    assert.match(left ?? '', /^lease.coordination.k8s.io\/firedrill-\S+-api$/);
    assert.deepEqual(others, []);

    const { stdout } = await expectExit(0, 'recover', '--out', cluster.runs.path);
    assert.match(stdout, /^undone: fault fewer: deployment\/web has 6 replicas again.*\nundone: probe api: deleted the Lease firedrill-\S+-api in namespace shop\n$/);
    assert.deepEqual(await leases(), []);
    assert.match((await expectExit(0, 'recover', '--out', cluster.runs.path)).stdout, /has left nothing to undo/);
  });
});
