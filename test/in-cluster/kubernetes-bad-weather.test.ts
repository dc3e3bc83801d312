import assert from 'node:assert/strict';
import { labSabotage } from '../../lab/index.ts';
import { clusterUnderTest } from '../e2e/cluster-under-test.ts';
import { expectExit } from '../e2e/firedrill.ts';
import { quorumToLose } from '../e2e/quorum-to-lose.ts';

/** Something that has to be undone, and a Kubernetes that goes away meanwhile: its etcd loses quorum. */
describe('drills of Kubernetes in bad weather, in the lab', () => {
  const cluster = clusterUnderTest();
  const scale = 'id: fewer, kind: deployment-scale, at: 0s, for: 10s, to: 2, select: { namespace: shop, owner: deployment/web }';
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

  /** Nothing of the service may be evicted: an injection that evicts goes on until its time is over. */
  const strictBudget = async (): Promise<void> => {
    await cluster.kubectl('-n', 'shop', 'delete', 'poddisruptionbudgets', '--all');
    const spec = { minAvailable: 6, selector: { matchLabels: { app: 'web' } } };
    await cluster.apply({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'strict', namespace: 'shop' }, spec });
  };
  const cordoned = (): Promise<string> => cluster.kubectl('get', 'nodes', '--field-selector', 'spec.unschedulable=true', '-o', 'name');

  it('an API that does not come back leaves exit code 6 and the command that a human has to run, and recover finishes it', async () => {
    const quorum = await quorumToLose(cluster.lab);
    const running = run(scale, '50s', '--undo-timeout', '5s', '--recovery-timeout', '5s', '--no-watchdog');
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

  it('an API that goes away in the middle of an injection and stays away leaves exit code 6 and the command, and recover finishes it', async () => {
    await strictBudget();
    const quorum = await quorumToLose(cluster.lab);
    const running = run('id: drain, kind: node-drain, at: 0s, within: 20s, select: { pick: 1 }', '50s', '--undo-timeout', '5s', '--recovery-timeout', '5s', '--no-watchdog');
    await running.says(/the eviction of web-\S+ in shop is refused, trying again/);
    await quorum.take();
    const { code, stdout } = await running.ended;
    assert.equal(code, 6, stdout);
    assert.match(stdout, /by hand: kubectl --kubeconfig \S+ --context \S+ uncordon ip-\S+/);
    await quorum.giveBack();
    assert.match((await expectExit(0, 'recover', '--out', cluster.runs.path)).stdout, /undone: fault drain: uncordoned ip-/);
    assert.equal(await cordoned(), '');
  });

  it('a namespace that is terminating, and one that is not there, are named, and nothing is touched', async () => {
    const kept = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept', namespace: 'leaving', finalizers: ['example.com/kept'] } };
    await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'leaving' } }, kept);
    await cluster.kubectl('delete', 'namespace', 'leaving', '--wait=false');
    const { stderr } = await cluster.run(2, 'pod-kill', '--set', 'namespace=leaving');
    assert.match(stderr, /fault pod: namespace leaving is terminating: no pod in it can be hit, and nothing would come back/);
    await cluster.kubectl('-n', 'leaving', 'patch', 'configmap', 'kept', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
    const nowhere = await cluster.run(2, 'pod-kill', '--set', 'namespace=nowhere');
    assert.match(nowhere.stderr, /fault pod: there is no namespace nowhere; there are .*shop/);
    assert.ok(cluster.runs.isEmpty());
  });

  it('watches that stall silently are found out, and what nobody replaces is told', async () => {
    const drill = cluster.write({
      faults: ['id: kill, kind: pod-kill, at: 0s, graceSeconds: 0, select: { namespace: shop, owner: deployment/web, pick: 1 }'],
      probes: ['web: { kind: pods-ready, every: 250ms, timeout: 2s, select: { namespace: shop, owner: deployment/web } }'],
      slos: ['name: every pod is ready again, probe: web, recoversWithin: 8s'],
    });
    const running = cluster.start(drill, '--recovery-timeout', '12s');
    await running.says(/phase: baseline/);
    // The cluster's own controllers watch, too: nobody of them hears that a pod has gone. Nor do they hear of the nodes, which
    // they take for lost some seconds later: so not before now.
    await labSabotage(cluster.lab, 'stale-watch', true);
    const { code, stdout } = await running.ended;
    assert.equal(code, 1, stdout);
    const { notes, waterfall } = cluster.runs.report();
    assert.ok(notes.some(({ text }) => /^the watch of pods in namespace shop had stalled/.test(text)), stdout);
    const { steps, whole } = waterfall[0]!;
    assert.ok(steps.find(({ step }) => step === 'gone')?.at, 'that it has gone was seen all the same');
    assert.equal(whole, null);
  });
});
