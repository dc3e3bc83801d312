import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { cgroupName, cgroupTrees } from '../../lab/cgroups.ts';
import { labList } from '../../lab/index.ts';
import { busyDeployment } from '../e2e/busy-deployment.ts';
import { clusterUnderTest } from '../e2e/cluster-under-test.ts';

const patienceMs = 60_000;

interface Shown {
  metadata: { name: string; uid: string; annotations?: object };
  spec: { containers: { resources: object }[] };
  status: { qosClass: string; containerStatuses: { restartCount: number; resources: { limits: { cpu: string } } }[] };
}

describe('cpu-throttle, in the lab', function () {
  this.timeout('5m');
  const cluster = clusterUnderTest();
  const pod = async (): Promise<Shown> => (JSON.parse(await cluster.kubectl('-n', 'shop', 'get', 'pods', '-l', 'app=busy', '-o', 'json')) as { items: Shown[] }).items[0]!;
  const unenforced = (): Promise<string> => cluster.kubectl('get', 'events', '-A', '--field-selector=reason=ResourceLimitsNotEnforced', '-o', 'name');
  const throttle = () =>
    cluster.start(
      cluster.write({
        faults: ['id: slow, kind: cpu-throttle, at: 0s, for: 8s, to: 100m, select: { namespace: shop, owner: deployment/busy }'],
        probes: ['busy: { kind: pods-ready, every: 250ms, timeout: 2s, select: { namespace: shop, owner: deployment/busy } }'],
        slos: ['name: it is slow and not restarted, probe: busy, always: true'],
      }),
    );

  it("lowers the quota of the container's control group while the fault is on, and puts it back, without a restart", async () => {
    await cluster.apply(busyDeployment(1));
    await cluster.kubectl('-n', 'shop', 'rollout', 'status', 'deployment/busy', '--timeout=60s');
    const before = await pod();
    const running = throttle();
    if ((await unenforced()) !== '') {
      const { code, stdout, stderr } = await running.ended;
      assert.equal(code, 5, `${stdout}\n${stderr}`);
      assert.match(`${stdout}\n${stderr}`, /its kubelet says Infeasible: limits of containers are not enforced on this node/);
      return;
    }
    const group = groupOf(cluster.lab, before.metadata.uid);
    assert.equal(quotaUs(group), 50_000);
    await running.says(/fault slow: injected/);
    assert.equal(quotaUs(group), 10_000);
    const throttled = throttledIn(group);
    await until(() => throttledIn(group) > throttled + 10);
    assert.equal((await pod()).status.containerStatuses[0]!.resources.limits.cpu, '100m');
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.equal(quotaUs(group), 50_000);
    const after = await pod();
    assert.deepEqual(after.spec.containers, before.spec.containers);
    assert.deepEqual([after.metadata.name, after.metadata.annotations, after.status.qosClass], [before.metadata.name, before.metadata.annotations, before.status.qosClass]);
    assert.equal(after.status.containerStatuses[0]!.restartCount, 0);
    assert.match(cluster.runs.report().faults[0]!.undone!.said ?? '', /has its CPU limit of 500m again/);
  });
});

/** The control group for CPU of the pod's only container, in its first run. */
function groupOf(lab: string, uid: string): string {
  const { cpu, unified } = cgroupTrees();
  const own = labList().find(({ name }) => name === lab);
  assert.ok(own);
  const folder = join((cpu ?? unified)!, cgroupName(lab, own.process));
  const found = readdirSync(folder).map((machine) => join(folder, machine, `${uid}.burn.0`)).find((path) => existsSync(path));
  assert.ok(found, `no group of ${uid} in ${folder}`);
  return found;
}

function quotaUs(group: string): number {
  const second = join(group, 'cpu.max');
  return existsSync(second) ? Number(readFileSync(second, 'utf8').split(' ')[0]) : Number(readFileSync(join(group, 'cpu.cfs_quota_us'), 'utf8'));
}

const throttledIn = (group: string): number => Number(/^nr_throttled (\d+)$/m.exec(readFileSync(join(group, 'cpu.stat'), 'utf8'))?.[1]);

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!isSo()) {
    assert.ok(performance.now() < deadline, `waited ${patienceMs / 1000} s for the container to be throttled`);
    await wait(100);
  }
}
