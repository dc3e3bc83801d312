import assert from 'node:assert/strict';
import meshLatency from '../../../runner/faults/mesh-latency.ts';
import { delayKeys } from '../../../runner/mesh-delay.ts';
import { FakeAws } from './fake-aws.ts';
import { underTest } from './fault-under-test.ts';

describe('mesh-latency', () => {
  const select = { owner: 'daemonset/agent', zone: 'eu-west-1a', pick: 2 };
  const annotations = (aws: FakeAws, pod: string): Record<string, string> => aws.kubernetes.get('pods', pod).metadata.annotations;
  const agents = Array.from({ length: 9 }, (_, index) => `agent-${index + 1}`);
  const delaying = (aws: FakeAws): string[] => agents.filter((name) => annotations(aws, name)[delayKeys.inForce] !== undefined);

  it('tells the proxies of the selected nodes only, and that it is over', async () => {
    const one = underTest(meshLatency);
    const plan = await one.plan({ select, delay: '300ms', of: ['accounts.bank'], share: '50%' });
    assert.deepEqual(plan.objections, []);
    assert.match(plan.says, /^delay 50% of requests for accounts\.bank by 300ms in agent-\d, agent-\d in shop on node-\d, node-\d \(undone: no delay\)$/);
    await one.inject(plan);
    assert.deepEqual(delaying(one.aws), plan.targets.map(({ name }) => name).sort());
    assert.deepEqual(JSON.parse(annotations(one.aws, delaying(one.aws)[0]!)[delayKeys.delay]!), { ms: 300, services: ['accounts.bank'], percent: 50 });
    assert.match(await one.undo(plan), /^agent-\d delays nothing any more; agent-\d delays nothing any more$/);
    assert.deepEqual(delaying(one.aws), []);
  });

  it('is for all services and all requests unless told otherwise', async () => {
    const plan = await underTest(meshLatency).plan({ select: { ...select, pick: 1 } });
    assert.match(plan.says, /^delay requests by 200ms in agent-\d in shop on node-\d /);
  });

  it('fails when a proxy does not say that it delays, or that it has stopped', async () => {
    const one = underTest(meshLatency);
    const plan = await one.plan({ select });
    one.aws.kubernetes.delays = false;
    await assert.rejects(one.inject(plan), /agent-\d: its proxy does not say that it delays requests \(annotation firedrill\.dev\/delay-in-force\)/);
    for (const name of agents) if (annotations(one.aws, name)[delayKeys.delay] !== undefined) annotations(one.aws, name)[delayKeys.inForce] = 'still';
    await assert.rejects(one.undo(plan), /agent-\d: its proxy does not say that it delays nothing any more/);
    one.aws.kubernetes.delays = true;
    assert.match(await one.undo(plan), /delays nothing any more/);
  });

  it('leaves a delay alone that somebody else has asked for since, and takes its marks away', async () => {
    const one = underTest(meshLatency);
    const plan = await one.plan({ select: { names: ['agent-1'] } });
    await one.inject(plan);
    annotations(one.aws, 'agent-1')[delayKeys.delay] = '{"ms":1}';
    assert.equal(await one.undo(plan), 'agent-1 was told to delay by somebody else: left as it is');
    assert.equal(annotations(one.aws, 'agent-1')[delayKeys.delay], '{"ms":1}');
    assert.equal(annotations(one.aws, 'agent-1')['firedrill.dev/run'], undefined);
  });

  it('spares a pod that is gone, and touches none that came in its place', async () => {
    const one = underTest(meshLatency);
    const plan = await one.plan({ select: { names: ['agent-1', 'agent-2'] } });
    one.aws.kubernetes.objects.delete('pods shop/agent-1');
    await one.inject(plan);
    assert.deepEqual(one.spared, ['uid-pods-agent-1']);
    Object.assign(one.aws.kubernetes.get('pods', 'agent-2').metadata, { uid: 'another', annotations: {} });
    one.aws.changes.length = 0;
    assert.equal(await one.undo(plan), 'nothing to put back: no pod carries the annotations of this run');
    assert.deepEqual(one.aws.changes, []);
  });

  it('says how to put it back by hand', async () => {
    const one = underTest(meshLatency);
    assert.deepEqual(one.byHand(await one.plan({ select: { names: ['agent-1'] } })), [
      'kubectl --kubeconfig /etc/kubeconfig --context staging -n shop annotate pod agent-1 firedrill.dev/delay-',
    ]);
  });

  const objections: [name: string, change: (aws: FakeAws) => void, says: RegExp][] = [
    ['a proxy that can not be told', (aws) => delete annotations(aws, 'agent-1')[delayKeys.takes], /pod agent-1 does not say that it can be told to delay: it has no annotation firedrill\.dev\/takes-delay: "true"/],
    ['one that delays already', (aws) => (annotations(aws, 'agent-1')[delayKeys.delay] = '{}'), /pod agent-1 has been told to delay by somebody else: \{\}/],
    ['one of another run', (aws) => (annotations(aws, 'agent-1')['firedrill.dev/run'] = 'run-0'), /pod agent-1 carries the tags of run run-0/],
  ];
  for (const [name, change, says] of objections) {
    it(`refuses ${name}, before anything is touched`, async () => {
      const aws = new FakeAws();
      change(aws);
      const plan = await underTest(meshLatency, aws).plan({ select: { names: ['agent-1'] } });
      assert.match(plan.objections[0]!, says);
      assert.deepEqual(aws.changes, []);
    });
  }

  it('takes the daemons of a DaemonSet only, and services with their namespace', async () => {
    await assert.rejects(underTest(meshLatency).plan({ select: { owner: 'deployment/web' } }), /k takes a DaemonSet/);
    assert.match(meshLatency.schema.safeParse({ of: ['accounts'] }).error!.issues[0]!.message, /such as accounts\.bank/);
  });
});
