import assert from 'node:assert/strict';
import containerSignal from '../../../runner/faults/container-signal.ts';
import daemonKill from '../../../runner/faults/daemon-kill.ts';
import daemonStop from '../../../runner/faults/daemon-stop.ts';
import deploymentScale from '../../../runner/faults/deployment-scale.ts';
import networkDeny from '../../../runner/faults/network-deny.ts';
import nodeDrain from '../../../runner/faults/node-drain.ts';
import nodeLoss from '../../../runner/faults/node-loss.ts';
import podEvict from '../../../runner/faults/pod-evict.ts';
import podKill from '../../../runner/faults/pod-kill.ts';
import rolloutRestart from '../../../runner/faults/rollout-restart.ts';
import { FakeAws } from './fake-aws.ts';
import { failure } from './fake-kubernetes.ts';
import { underTest } from './fault-under-test.ts';

const web = { owner: 'deployment/web' };
const names = (plan: { targets: readonly { name: string }[] }): string[] => plan.targets.map(({ name }) => name);

describe('pod-kill', () => {
  it('selects by namespace, labels, owner, node and zone', async () => {
    const { plan } = underTest(podKill);
    assert.deepEqual(names(await plan({ select: { namespace: 'shop', labels: { app: 'w*' } } })), ['web-1', 'web-2', 'web-3', 'web-4', 'web-5', 'web-6']);
    assert.deepEqual(names(await plan({ select: { ...web, zone: 'eu-west-1b' } })), ['web-4', 'web-5', 'web-6']);
    assert.deepEqual(names(await plan({ select: { ...web, notZone: 'eu-west-1b' } })), ['web-1', 'web-2', 'web-3']);
    assert.deepEqual(names(await plan({ select: { node: 'node-3' } })), ['agent-3', 'web-3']);
    assert.equal((await plan({ select: { ...web, pick: '50%' } })).targets.length, 3);
    assert.deepEqual((await plan({ select: { ...web, pick: 'one-per-zone' } })).targets.map(({ zone }) => zone), ['eu-west-1a', 'eu-west-1b']);
  });

  it('says what it finds nothing with', async () => {
    await assert.rejects(underTest(podKill).plan({ select: { namespace: 'shop', labels: { app: 'wbe' } } }), /select \{ namespace: shop, labels: \{"app":"wbe"\} \} matches no pod/);
  });

  it('says of a namespace that it ends, or that there is none', async () => {
    const one = underTest(podKill);
    await assert.rejects(one.plan({ select: { namespace: 'shp' } }), /^ExpectedError: fault \w+: there is no namespace shp; there are kube-system, shop$/);
    for (const [key, pod] of one.aws.kubernetes.objects) if (key.startsWith('pods shop/')) pod.metadata.deletionTimestamp = '2026-11-23T10:00:00Z';
    one.aws.kubernetes.objects.get('namespaces /shop').status.phase = 'Terminating';
    await assert.rejects(one.plan({ select: { namespace: 'shop' } }), /namespace shop is terminating: no pod in it can be hit, and nothing would come back$/);
  });

  it('deletes by uid with the grace of the drill, and tells what makes new ones', async () => {
    const one = underTest(podKill);
    const plan = await one.plan({ select: { names: ['web-2'] }, graceSeconds: 0 });
    assert.match(plan.says, /^delete web-2 in shop with a grace of 0 s \(not undone: deployment\/web makes a new one\)/);
    await one.inject(plan);
    assert.deepEqual(one.aws.changes, ['delete pods web-2 grace 0']);
  });

  it('spares a pod that was replaced under its name, and one that is gone', async () => {
    const one = underTest(podKill);
    const plan = await one.plan({ select: { names: ['web-2', 'web-3', 'db-0'] } });
    one.aws.kubernetes.get('pods', 'db-0').metadata.uid = 'another';
    one.aws.kubernetes.objects.delete('pods shop/web-3');
    await one.inject(plan);
    assert.deepEqual(one.aws.changes, ['delete pods web-2']);
    assert.deepEqual(one.spared.sort(), ['uid-pods-db-0', 'uid-pods-web-3']);
  });

  it('tries again while the API is away, and says so', async () => {
    const one = underTest(podKill);
    const plan = await one.plan({ select: { names: ['web-2'] } });
    one.aws.kubernetes.answers.push(failure(0, ''), failure(504, 'Timeout'));
    await one.inject(plan);
    assert.deepEqual(one.aws.changes, ['delete pods web-2']);
    assert.match(one.notes.join('\n'), /trying again: said 504 Timeout/);
  });

  it('does not try again what is forbidden', async () => {
    const one = underTest(podKill);
    const plan = await one.plan({ select: { names: ['web-2'] } });
    one.aws.kubernetes.answers.push(failure(403, 'Forbidden'));
    await assert.rejects(one.inject(plan), /403/);
  });

  it('objects to static pods: deleting their picture does nothing', async () => {
    const aws = new FakeAws();
    aws.kubernetes.pod('etcd-node-1', {}, 1, undefined, { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } });
    const { objections } = await underTest(podKill, aws).plan({ select: { names: ['etcd-node-1'] } });
    assert.match(objections[0]!, /etcd-node-1 is a static pod of node node-1: the API can't end it; use node-loss/);
  });

  it('leaves pods alone that have ended or are ending', async () => {
    const aws = new FakeAws();
    aws.kubernetes.get('pods', 'web-1').status.phase = 'Succeeded';
    aws.kubernetes.get('pods', 'web-2').metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    assert.deepEqual(names(await underTest(podKill, aws).plan({ select: web })), ['web-3', 'web-4', 'web-5', 'web-6']);
  });

  it('needs an environment with Kubernetes', async () => {
    const inventory = { ...new FakeAws().inventory(), kubernetes: undefined };
    const plan = podKill.plan({ id: 'f', kind: 'pod-kill', select: {} }, { inventory, rng: undefined!, world: undefined! });
    await assert.rejects(plan, /the environment file names no Kubernetes; give it a kubernetes part/);
  });
});

describe('daemon-kill', () => {
  it('takes pods of DaemonSets only: of a node, of a zone, one in each zone', async () => {
    const { plan } = underTest(daemonKill);
    assert.deepEqual(names(await plan({ select: { node: 'node-3' } })), ['agent-3']);
    assert.deepEqual(names(await plan({ select: { owner: 'daemonset/agent', zone: 'eu-west-1c' } })), ['agent-7', 'agent-8', 'agent-9']);
    assert.equal((await plan({ select: { owner: 'daemonset/agent', pick: 'one-per-zone' } })).targets.length, 3);
    assert.equal((await plan({ select: { owner: 'daemonset/agent' } })).targets.length, 9);
  });

  it('refuses another owner than a DaemonSet', () =>
    assert.rejects(underTest(daemonKill).plan({ select: web }), /select.owner is deployment\/web; k takes a DaemonSet/));
});

describe('pod-evict', () => {
  it('asks again what a disruption budget refuses, and tells how often', async () => {
    const one = underTest(podEvict);
    const plan = await one.plan({ select: { names: ['web-2', 'web-3'] } });
    one.aws.kubernetes.budgetRefusals.set('web-3', 4);
    await one.inject(plan);
    assert.deepEqual(one.aws.changes, ['create pods/eviction web-2', 'create pods/eviction web-3']);
    assert.deepEqual(one.spared, []);
    assert.match(one.notes.join('\n'), /the eviction of web-3 in shop is refused, trying again.*429[^]*web-3 in shop was evicted after 4 refusals/);
  });

  it('takes a refusal until its deadline for an answer: the pod is spared', async () => {
    const one = underTest(podEvict);
    const plan = await one.plan({ select: { names: ['web-2', 'web-3'] }, within: '5s' });
    assert.equal(plan.waitsMs, 5_000);
    one.aws.kubernetes.budgetRefusals.set('web-3', 1_000);
    await one.inject(plan);
    assert.deepEqual(one.aws.changes, ['create pods/eviction web-2']);
    assert.deepEqual(one.spared, ['uid-pods-web-3']);
    assert.match(one.notes.join('\n'), /web-3 in shop was not evicted: refused \d+ times, as its disruption budget asks/);
  });

  it('looks at the uid first: an eviction that fails on it would use the budget up', async () => {
    const one = underTest(podEvict);
    const plan = await one.plan({ select: { names: ['db-0'] } });
    one.aws.kubernetes.get('pods', 'db-0').metadata.uid = 'another';
    await one.inject(plan);
    assert.deepEqual(one.aws.changes, []);
    assert.deepEqual(one.spared, ['uid-pods-db-0']);
  });
});

describe('node-drain', () => {
  it('cordons, and evicts all but DaemonSet and static pods', async () => {
    const aws = new FakeAws();
    aws.kubernetes.pod('etcd-node-2', {}, 2, undefined, { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } });
    const one = underTest(nodeDrain, aws);
    const plan = await one.plan({ select: { node: 'node-2' } });
    assert.deepEqual(plan.targets.map(({ kind, name, survives }) => [kind, name, survives]), [['node', 'node-2', true], ['pod', 'web-2', undefined]]);
    await one.inject(plan);
    assert.deepEqual(aws.changes, ['patch nodes node-2', 'create pods/eviction web-2']);
    assert.equal(aws.kubernetes.get('nodes', 'node-2').spec.unschedulable, true);
    assert.equal(await one.undo(plan), 'uncordoned node-2');
    assert.equal(aws.kubernetes.get('nodes', 'node-2').spec.unschedulable, undefined);
  });

  it('leaves a node cordoned that was so before', async () => {
    const aws = new FakeAws();
    aws.kubernetes.get('nodes', 'node-2').spec.unschedulable = true;
    const one = underTest(nodeDrain, aws);
    const plan = await one.plan({ select: { node: 'node-2' } });
    await one.inject(plan);
    assert.equal(await one.undo(plan), 'nothing to uncordon: all were cordoned before');
    assert.equal(aws.kubernetes.get('nodes', 'node-2').spec.unschedulable, true);
  });

  it('leaves a node alone that somebody else has uncordoned since, or put anew under the name', async () => {
    const one = underTest(nodeDrain);
    const plan = await one.plan({ select: { node: 'node-2' } });
    await one.inject(plan);
    const node = one.aws.kubernetes.get('nodes', 'node-2');
    delete node.spec.unschedulable;
    assert.equal(await one.undo(plan), 'node-2 was uncordoned by somebody else');

    const another = underTest(nodeDrain);
    const second = await another.plan({ select: { node: 'node-2' } });
    await another.inject(second);
    const anew = another.aws.kubernetes.get('nodes', 'node-2');
    Object.assign(anew.metadata, { uid: 'another', annotations: {} });
    assert.equal(await another.undo(second), 'nothing to uncordon: no node carries the annotations of this run');
    assert.equal(another.aws.kubernetes.get('nodes', 'node-2').spec.unschedulable, true, 'its own cordon stays');
  });

  it('drains no node that has nothing to evict: it would show nothing', async () => {
    const aws = new FakeAws();
    aws.kubernetes.objects.delete('pods shop/web-2');
    const { plan } = underTest(nodeDrain, aws);
    await assert.rejects(plan({ select: { node: 'node-2' } }), /matches no node with a pod to evict/);
    const { targets } = await plan({ select: { pick: 'all' } });
    assert.ok(!targets.some(({ name }) => name === 'node-2'));
  });

  it('says how to uncordon by hand', async () => {
    const one = underTest(nodeDrain);
    assert.deepEqual(one.byHand(await one.plan({ select: { node: 'node-2' } })), ['kubectl --kubeconfig /etc/kubeconfig --context staging uncordon node-2']);
  });
});

describe('node-loss', () => {
  it('terminates the instance that spec.providerID names, and takes the pods with it', async () => {
    const one = underTest(nodeLoss);
    const plan = await one.plan({ select: { node: 'node-5' } });
    assert.deepEqual(plan.targets.map(({ kind, name, id, node }) => [kind, name, id, node]), [
      ['instance', 'peer-5', 'i-5', 'node-5'],
      ['pod', 'agent-5', 'uid-pods-agent-5', 'node-5'],
      ['pod', 'web-5', 'uid-pods-web-5', 'node-5'],
    ]);
    assert.equal(plan.targets[0]!.etcdMember, '555', 'the quorum gate counts the member that it hosts');
    await one.inject(plan);
    assert.deepEqual(one.aws.changes, ['TerminateInstances i-5']);
  });

  it('objects to a node without a machine, and to volumes that would go with it', async () => {
    const aws = new FakeAws();
    delete aws.kubernetes.get('nodes', 'node-1').spec.providerID;
    aws.kubernetes.get('nodes', 'node-2').spec.providerID = 'aws:///eu-west-1a/i-0elsewhere';
    aws.instances.get('i-3')!.volumes = [{ id: 'vol-3', device: '/dev/xvdf', deleteOnTermination: true }];
    const { objections } = await underTest(nodeLoss, aws).plan({ select: { zone: 'eu-west-1a' } });
    assert.match(objections.join('\n'), /node-1 has no spec.providerID[^]*node-2 is instance i-0elsewhere, which EC2 does not tell of[^]*vol-3.*DeleteOnTermination/);
  });
});

describe('deployment-scale', () => {
  it('puts the original count back', async () => {
    const one = underTest(deploymentScale);
    const plan = await one.plan({ select: web, to: 2 });
    assert.equal(plan.targets[0]!.takes, 4);
    await one.inject(plan);
    assert.equal(one.aws.kubernetes.get('deployments', 'web').spec.replicas, 2);
    assert.equal(await one.undo(plan), 'deployment/web has 6 replicas again');
  });

  it('leaves a count alone that somebody else has set since', async () => {
    const one = underTest(deploymentScale);
    const plan = await one.plan({ select: web, to: 2 });
    await one.inject(plan);
    one.aws.kubernetes.get('deployments', 'web').spec.replicas = 9;
    assert.equal(await one.undo(plan), 'deployment/web was scaled to 9 by somebody else: left as it is');
    assert.equal(one.aws.kubernetes.get('deployments', 'web').spec.replicas, 9);
    assert.equal(one.aws.kubernetes.get('deployments', 'web').metadata.annotations['firedrill.dev/run'], undefined);
  });

  it('leaves a Deployment alone that was made anew under the name', async () => {
    const one = underTest(deploymentScale);
    const plan = await one.plan({ select: web, to: 2 });
    await one.inject(plan);
    one.aws.kubernetes.get('deployments', 'web').metadata.uid = 'another';
    assert.match(await one.undo(plan), /no Deployment carries the annotations of this run/);
    assert.equal(one.aws.kubernetes.get('deployments', 'web').spec.replicas, 2);
  });

  it('objects to what another run has scaled', async () => {
    const one = underTest(deploymentScale);
    await one.inject(await one.plan({ select: web, to: 2 }));
    assert.match((await one.plan({ select: web, to: 1 })).objections[0]!, /deployment\/web carries the tags of run run-1; put that back first/);
  });
});

describe('rollout-restart', () => {
  it('changes the pod template as kubectl does, and counts what its strategy lets go at once', async () => {
    const one = underTest(rolloutRestart);
    const plan = await one.plan({ select: web });
    assert.equal(plan.targets[0]!.takes, 1, '25% of 6, rounded down');
    await one.inject(plan);
    const { annotations } = one.aws.kubernetes.get('deployments', 'web').spec.template.metadata;
    assert.equal(annotations['kubectl.kubernetes.io/restartedAt'], '2026-01-02T03:04:05Z');
    assert.equal(annotations['firedrill.dev/restarted-by'], 'run-1');
    assert.equal(annotations['firedrill.dev/run'], undefined, 'pods would inherit the mark, and nobody would ever take it away');
  });

  it('counts all pods of one that is recreated, and objects where nothing would restart', async () => {
    const aws = new FakeAws();
    aws.kubernetes.get('deployments', 'web').spec.strategy = { type: 'Recreate' };
    const one = underTest(rolloutRestart, aws);
    assert.equal((await one.plan({ select: web })).targets[0]!.takes, 6);
    assert.match((await one.plan({ select: { owner: 'statefulset/db' } })).objections[0]!, /OnDelete/);
  });
});

describe('container-signal', () => {
  it('stops what runs under the first process, and lets it go on', async () => {
    const one = underTest(containerSignal);
    const plan = await one.plan({ select: { names: ['web-1'] } });
    assert.deepEqual(plan.objections, []);
    await one.inject(plan);
    assert.equal(one.aws.kubernetes.processes.get('web-1')!.get(7), 'T');
    assert.equal(await one.undo(plan), 'web-1 goes on');
  });

  it('sends nothing to a pod that came in the place of the one that it stopped', async () => {
    const one = underTest(containerSignal);
    const plan = await one.plan({ select: { names: ['web-1'] } });
    await one.inject(plan);
    Object.assign(one.aws.kubernetes.get('pods', 'web-1').metadata, { uid: 'another', annotations: {} });
    one.aws.changes.length = 0;
    assert.equal(await one.undo(plan), 'nothing to let go on: no pod carries the annotations of this run');
    assert.deepEqual(one.aws.changes, []);
  });

  it('has nothing to undo after TERM', async () => {
    const one = underTest(containerSignal);
    const plan = await one.plan({ select: { names: ['web-1'] }, signal: 'TERM' });
    assert.equal(plan.undo, null);
    await one.inject(plan);
    assert.deepEqual(one.aws.changes, ['create pods/exec web-1 TERM']);
  });

  const objections: [name: string, change: (aws: FakeAws) => void, says: RegExp, spec?: object][] = [
    ['an image without a shell', (aws) => aws.kubernetes.processes.delete('web-1'), /the image has no \/bin\/sh that could send a signal.*it needs one/],
    ['a container with one process, which the kernel shields', (aws) => aws.kubernetes.processes.set('web-1', new Map([[1, 'S']])), /its only process is the first.*start it under an init such as tini/],
    ['a pod that shares its processes', (aws) => (aws.kubernetes.get('pods', 'web-1').spec.shareProcessNamespace = true), /shares its processes with its other containers/],
    ['a container that is not there', () => {}, /has no container sidecar; it has app/, { container: 'sidecar' }],
  ];
  for (const [name, change, says, spec = {}] of objections) {
    it(`refuses ${name}, before anything is touched`, async () => {
      const aws = new FakeAws();
      change(aws);
      const plan = await underTest(containerSignal, aws).plan({ select: { names: ['web-1'] }, ...spec });
      assert.match(plan.objections[0]!, says);
      assert.deepEqual(aws.changes, []);
    });
  }
});

describe('daemon-stop', () => {
  it('stops the daemons of the selected nodes only, and lets them go on', async () => {
    const one = underTest(daemonStop);
    const plan = await one.plan({ select: { owner: 'daemonset/agent', zone: 'eu-west-1a', pick: 2 } });
    assert.equal(plan.targets.length, 2);
    assert.ok(plan.targets.every(({ workload, survives }) => workload === 'daemonset/agent' && survives));
    assert.match(plan.says, /^send STOP to agent-\d, agent-\d in shop on node-\d, node-\d through exec \(undone by CONT\)$/);
    await one.inject(plan);
    const stopped = [...one.aws.kubernetes.processes].filter(([, processes]) => processes.get(7) === 'T').map(([pod]) => pod);
    assert.deepEqual(stopped.sort(), plan.targets.map(({ name }) => name).sort());
    assert.match(await one.undo(plan), /^agent-\d goes on; agent-\d goes on$/);
    assert.ok([...one.aws.kubernetes.processes.values()].every((processes) => processes.get(7) !== 'T'));
  });

  it('refuses another owner than a DaemonSet', () =>
    assert.rejects(underTest(daemonStop).plan({ select: { owner: 'deployment/web' } }), /k takes a DaemonSet, such as daemonset\/agent/));
});

describe('network-deny', () => {
  it('cuts off only those that were picked, by a policy of its own', async () => {
    const one = underTest(networkDeny);
    const plan = await one.plan({ select: { names: ['web-1', 'web-4'] }, direction: 'ingress' });
    await one.inject(plan);
    const [, policy] = [...one.aws.kubernetes.objects].find(([key]) => key.startsWith('networkpolicies '))!;
    const [label, value] = Object.entries(policy.spec.podSelector.matchLabels)[0]!;
    const cut = [...one.aws.kubernetes.objects.values()].filter(({ metadata }) => metadata.labels?.[label] === value).map(({ metadata }) => metadata.name);
    assert.deepEqual(cut, ['web-1', 'web-4']);
    assert.deepEqual(policy.spec.policyTypes, ['Ingress']);
    assert.match(await one.undo(plan), /^deleted network policy firedrill-[0-9a-f]{16} in shop$/);
  });

  it('names its own policy, and no other, to whoever has to delete it by hand', async () => {
    const one = underTest(networkDeny);
    const plan = await one.plan({ select: { names: ['web-1'] } });
    await one.inject(plan);
    const own = [...one.aws.kubernetes.objects.keys()].find((key) => key.startsWith('networkpolicies '))!.split('/')[1]!;
    const commands = one.byHand(plan);
    assert.match(commands[0]!, new RegExp(`-n shop delete networkpolicy ${own}$`));
    assert.match(commands[1]!, new RegExp(`label pods -l firedrill.dev/cut-off=${own} firedrill.dev/cut-off-$`));
  });

  it('deletes its policy although the pods are gone meanwhile', async () => {
    const one = underTest(networkDeny);
    const plan = await one.plan({ select: { names: ['web-1'] } });
    await one.inject(plan);
    one.aws.kubernetes.objects.delete('pods shop/web-1');
    await one.undo(plan);
    assert.equal([...one.aws.kubernetes.objects.keys()].some((key) => key.startsWith('networkpolicies ')), false);
  });

  it("leaves a policy of its name alone that is somebody else's", async () => {
    const one = underTest(networkDeny);
    const plan = await one.plan({ select: { names: ['web-1'] } });
    await one.inject(plan);
    const [, policy] = [...one.aws.kubernetes.objects].find(([key]) => key.startsWith('networkpolicies '))!;
    policy.metadata.annotations = {};
    await one.undo(plan);
    assert.equal([...one.aws.kubernetes.objects.keys()].some((key) => key.startsWith('networkpolicies ')), true);
  });
});
