import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { clusterUnderTest } from './cluster-under-test.ts';
import { expectExit } from './firedrill.ts';
import { quorumToLose } from './quorum-to-lose.ts';

/** Something that has to be undone, and a Kubernetes that goes away meanwhile: its etcd loses quorum. */
describe('drills of Kubernetes in bad weather, in the lab', () => {
  const cluster = clusterUnderTest();
  const scale = 'id: fewer, kind: deployment-scale, at: 0s, for: 2s, to: 2, select: { namespace: shop, owner: deployment/web }';
  const run = (fault: string, within: string, ...options: string[]) =>
    cluster.start(
      cluster.write({
        faults: [fault],
        probes: ['web: { kind: endpoints, every: 250ms, timeout: 2s, select: { namespace: shop, names: [web] } }'],
        slos: [`name: the service has an address, probe: web, recoversWithin: ${within}`],
      }),
      ...options,
    );
  const replicas = (): Promise<string> => cluster.kubectl('-n', 'shop', 'get', 'deployment/web', '-o', 'jsonpath={.spec.replicas}');

  it('an API that is gone when a fault is undone is asked until it is back', async () => {
    const quorum = await quorumToLose(cluster.lab);
    const running = run(scale, '50s', '--undo-timeout', '90s');
    await running.says(/fault fewer: injected/);
    await quorum.take();
    await wait(4_000);
    await quorum.giveBack();
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    const [fault] = cluster.runs.report().faults;
    assert.equal(fault!.undone!.verified, true, fault!.undone!.said);
    assert.equal(await replicas(), '6');
  });

  it('an API that does not come back leaves exit code 6 and the command that a human has to run, and recover finishes it', async () => {
    const quorum = await quorumToLose(cluster.lab);
    const running = run(scale, '50s', '--undo-timeout', '5s', '--recovery-timeout', '5s');
    await running.says(/fault fewer: injected/);
    await quorum.take();
    const { code, stdout } = await running.ended;
    assert.equal(code, 6, stdout);
    assert.match(stdout, /by hand: kubectl --kubeconfig \S+ --context \S+ -n shop scale deployment\/web --replicas=6/);
    await quorum.giveBack();
    const recovered = await expectExit(0, 'recover', '--out', cluster.runs.path);
    assert.match(recovered.stdout, /undone: fault fewer: deployment\/web has 6 replicas again/);
    assert.equal(await replicas(), '6');
  });

  it('watches that stall silently are found out, and what nobody replaces is told', async () => {
    await expectExit(0, 'lab', 'sabotage', 'stale-watch', 'on', '--lab', cluster.lab);
    // The cluster's own controllers watch, too: nobody of them hears that a pod has gone.
    const { code, stdout } = await run('id: kill, kind: pod-kill, at: 0s, graceSeconds: 0, select: { namespace: shop, owner: deployment/web, pick: 1 }', '8s', '--recovery-timeout', '12s').ended;
    assert.equal(code, 1, stdout);
    const { notes, waterfall } = cluster.runs.report();
    assert.ok(notes.some(({ text }) => /^the watch of pods in namespace shop had stalled/.test(text)), stdout);
    const { steps, whole } = waterfall[0]!;
    assert.ok(steps.find(({ step }) => step === 'gone')?.at, 'that it has gone was seen all the same');
    assert.equal(whole, null);
  });
});
