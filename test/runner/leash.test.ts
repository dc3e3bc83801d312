import assert from 'node:assert/strict';
import { parseEnvironment } from '../../runner/environment-file.ts';
import { createMask } from '../../runner/mask.ts';
import type { Inventory } from '../../runner/inventory.ts';
import { asksForPods, offTheLeash } from '../../runner/leash.ts';
import type { PlannedFault } from '../../runner/plan.ts';
import { nodeTarget, podTarget, workloadTarget } from '../../runner/pod-selection.ts';
import { targetOf } from '../../runner/select.ts';
import { FakeAws } from './faults/fake-aws.ts';
import { sampleEnvironment } from './sample-platform.ts';

const kubernetes = { kubeconfig: '/k', context: 'staging', clusterUid: 'cluster-1' };

/** What is on machine n: its group peer-n, node-n, pod agent-n and, up to 6, web-n, all in namespace shop; on 7 also db-0. */
describe('the leash of an environment', () => {
  let aws: FakeAws;
  beforeEach(() => {
    aws = new FakeAws();
  });

  type Choice = (inventory: Inventory) => Partial<PlannedFault>;
  const machines = (...numbers: number[]): Choice => (inventory) => ({ targets: numbers.map((n) => targetOf(inventory.instances.find(({ id }) => id === `i-${n}`)!, inventory)) });
  const pods = (...names: string[]): Choice => ({ kubernetes: cluster }) => ({ targets: cluster!.pods.filter(({ name }) => names.includes(name)).map(podTarget) });
  const node = (n: number): Choice => ({ kubernetes: cluster }) => ({ targets: [nodeTarget(cluster!.nodes.find(({ name }) => name === `node-${n}`)!)] });
  const deployment: Choice = ({ kubernetes: cluster }) => ({ targets: [workloadTarget(cluster!.workloads[0]!, 6)] });
  const groups = (...names: string[]): Choice => () => ({ targets: [], groups: names });
  const both = (one: Choice, other: Choice): Choice => (inventory) => ({ targets: [...(one(inventory).targets ?? []), ...(other(inventory).targets ?? [])] });

  function refusals(choice: Choice, leash: object, see: (inventory: Inventory) => Inventory = (inventory) => inventory): string[] {
    const inventory = aws.inventory();
    const fault: PlannedFault = { id: 'f', kind: 'any', when: '0s', says: '', undo: null, objections: [], targets: [], ...choice(inventory) };
    return offTheLeash(fault, sampleEnvironment({ kubernetes, ...leash }), see(inventory));
  }

  const allowed: [what: string, choice: Choice, leash: object, set?: (fake: FakeAws) => void][] = [
    ['anything where nothing is said', machines(1, 2), {}],
    ['what no rule names', machines(1), { deny: { names: ['peer-2', 'db'], tags: { role: 'peer-9.*' }, labels: { app: 'db' }, namespaces: ['kube-system'] } }],
    ['a machine beside the one with the pod that is denied', machines(1), { deny: { names: ['web-2'] } }],
    ['a pod on the node of a pod that is denied', pods('web-7', 'agent-7'), { deny: { names: ['db'] } }],
    ['a machine that carries the opt-in, for all that is on it', machines(1), { optIn: { tags: { role: 'peer-*' } } }],
    ['a pod that carries the opt-in', pods('web-1'), { optIn: { labels: { app: 'web' } } }],
    ['a pod whose namespace carries the opt-in', pods('web-1', 'db-0'), { optIn: { labels: { drills: 'yes' } } }, ({ kubernetes: cluster }) => void (cluster.objects.get('namespaces /shop').metadata.labels = { drills: 'yes' })],
    ['a node of a cluster elsewhere, which is no machine of AWS', node(1), { aws: undefined, deny: { names: ['x'], tags: { a: 'b' } } }],
    ['a workload that carries the opt-in, for its pods', deployment, { optIn: { labels: { app: 'web' } } }],
    ['a group that carries the opt-in', groups('peer-1'), { optIn: { tags: { role: 'peer-1.etcd3' } } }],
    ['pods that come down with a machine that carries the opt-in of machines', both(machines(1), pods('web-1', 'agent-1')), { optIn: { tags: { role: 'peer-*' } } }],
  ];
  for (const [what, choice, leash, set] of allowed) {
    it(`gives away ${what}`, () => {
      set?.(aws);
      assert.deepEqual(refusals(choice, leash), []);
    });
  }

  const refused: [what: string, choice: Choice, leash: object, says: RegExp][] = [
    ['a machine by its name', machines(1, 2), { deny: { names: ['peer-2'] } }, /^fault f would hit peer-2 \(i-2\), group peer-2, which environment staging denies \(deny\.names: peer-2\); select others$/],
    ['a machine by its whole name', machines(3), { deny: { names: ['*.staging.example.com'] } }, /would hit peer-3 \(i-3\), which .*deny\.names: \*\.staging/],
    ['a machine by its id', machines(3), { deny: { names: ['i-3'] } }, /would hit peer-3 \(i-3\), which/],
    ['a machine by its group', machines(3), { deny: { tags: { team: 'payments' } } }, /would hit group peer-3, which .*deny\.tags team: payments/],
    ['a machine by one of several tags', machines(1), { deny: { tags: { nothing: 'x', role: ['peer-7.*', 'peer-1.*'] } } }, /deny\.tags role: peer-1\.\*/],
    ['a machine by the pod on it', machines(7), { deny: { names: ['db'] } }, /would hit pod db-0 in shop, which .*deny\.names: db\)/],
    ['a machine by the namespace of a pod on it', machines(1), { deny: { namespaces: ['sho*'] } }, /would hit pod agent-1 in shop, pod web-1 in shop, which .*deny\.namespaces: sho\*/],
    ['a machine by the node that it is', machines(1), { deny: { labels: { 'topology.kubernetes.io/zone': 'eu-west-1a' } } }, /would hit node node-1, which .*deny\.labels topology/],
    ['a pod by its name', pods('web-1'), { deny: { names: ['web-1'] } }, /would hit pod web-1 in shop/],
    ['a pod by its workload', pods('web-1', 'web-2'), { deny: { names: ['deployment/web'] } }, /would hit pod web-1 in shop, pod web-2 in shop, which/],
    ['a pod by its label', pods('web-1'), { deny: { labels: { app: 'w*' } } }, /deny\.labels app: w\*/],
    ['a pod by the label of its namespace', pods('db-0'), { deny: { labels: { kept: 'yes' } } }, /would hit pod db-0 in shop, which .*deny\.labels kept: yes/],
    ['a node by its machine', node(1), { deny: { tags: { role: 'peer-1.*' } } }, /would hit the machine of node node-1, which/],
    ['a workload by the labels of its pods', deployment, { deny: { labels: { 'pod-template-hash': '*' } } }, /would hit pod web-1 in shop, pod web-2 in shop, pod web-3 in shop and 3 more, which/],
    ['a workload by its namespace', deployment, { deny: { namespaces: ['shop'] } }, /would hit deployment\/web in shop, pod web-1 in shop, pod web-2 in shop and 4 more, which/],
    ['a group that a fault changes', groups('peer-4'), { deny: { names: ['peer-4'] } }, /would hit group peer-4, which/],
    ['a machine without the opt-in', machines(1, 2), { optIn: { tags: { chaos: 'yes' } } }, /^fault f would hit peer-1 \(i-1\), peer-2 \(i-2\), without the opt-in that environment staging asks for \(optIn\.tags chaos: yes\); give it to them, or select those that have it$/],
    ['a machine with half of the opt-in', machines(1), { optIn: { tags: { role: 'peer-*', chaos: 'yes' } } }, /without the opt-in .*optIn\.tags role: peer-\*, chaos: yes/],
    ['a pod without the opt-in', pods('web-1', 'db-0'), { optIn: { labels: { app: 'db' } } }, /would hit pod web-1 in shop, without the opt-in/],
    ['pods without the opt-in that come down with their machine', machines(1), { optIn: { tags: { role: '*' }, labels: { app: 'web' } } }, /^fault f would hit pod agent-1 in shop, without the opt-in .*optIn\.labels app: web/],
    ['a machine where only labels are an opt-in', machines(8), { optIn: { labels: { app: 'agent' } } }, /would hit peer-8 \(i-8\), and environment staging asks for an opt-in that only labels of Kubernetes can tell; add optIn\.tags/],
    ['a pod where only tags are an opt-in', pods('web-1'), { optIn: { tags: { role: '*' } } }, /that only tags of AWS can tell; add optIn\.labels/],
    ['a group without the opt-in', groups('peer-1'), { optIn: { tags: { chaos: 'yes' } } }, /would hit group peer-1, without the opt-in/],
    ['a fault that tells no target', groups(), { deny: { names: ['x'] } }, /^fault f does not tell what it would hit, and environment staging says what may be/],
  ];
  for (const [what, choice, leash, says] of refused) {
    it(`holds back ${what}`, () => {
      aws.groups.get('peer-3')!.tags = { team: 'payments' };
      aws.kubernetes.objects.get('namespaces /shop').metadata.labels = { kept: 'yes' };
      const told = refusals(choice, leash);
      assert.equal(told.length, 1, told.join('\n'));
      assert.match(told[0]!, says);
    });
  }

  it('holds back what stands in the way as well', () => {
    const bystanders: Choice = (inventory) => ({ ...machines(1)(inventory), bystanders: machines(2)(inventory).targets ?? [] });
    assert.match(refusals(bystanders, { deny: { names: ['peer-2'] } }).join(), /would hit peer-2 \(i-2\)/);
  });

  const everything = { deny: { namespaces: ['x'], tags: { x: 'y' }, labels: { x: 'y' }, names: ['x'] }, optIn: { tags: { role: '*' }, labels: { app: '*' } } };
  const blind: [what: string, choice: Choice, see: (inventory: Inventory) => Inventory, says: RegExp][] = [
    ['machines that EC2 does not tell of', machines(1), (seen) => ({ ...seen, instances: [] }), /peer-1 \(i-1\), whose tags are not known, and the environment file asks for it \(deny\.tags\); look again/],
    ['groups that Auto Scaling does not tell of', groups('peer-1'), (seen) => ({ ...seen, groups: [] }), /group peer-1, whose tags are not known/],
    ['pods that Kubernetes does not tell of', pods('web-1'), (seen) => ({ ...seen, kubernetes: { ...seen.kubernetes!, pods: [] } }), /pod web-1 in shop, whose labels are not known/],
    ['namespaces that Kubernetes does not tell of', pods('web-1'), (seen) => ({ ...seen, kubernetes: { ...seen.kubernetes!, namespaces: [] } }), /pod web-1 in shop, whose labels are not known/],
    ['workloads that Kubernetes does not tell of', deployment, (seen) => ({ ...seen, kubernetes: { ...seen.kubernetes!, workloads: [] } }), /deployment\/web in shop, whose labels are not known/],
    ['nodes that Kubernetes does not tell of', node(1), (seen) => ({ ...seen, kubernetes: { ...seen.kubernetes!, nodes: [] } }), /node node-1, whose labels are not known/],
    ['the machine of a node that EC2 does not tell of', node(1), (seen) => ({ ...seen, instances: seen.instances.slice(1) }), /the machine of node node-1, whose name is not known/],
    ['a node while neither its machine nor any other is told', node(1), (seen) => ({ ...seen, instances: [], kubernetes: { ...seen.kubernetes!, nodes: seen.kubernetes!.nodes.map((one) => ({ ...one, instanceId: undefined })) } }), /the machine of node node-1, whose name is not known/],
    ['machines while Kubernetes was not looked at', machines(1), ({ kubernetes: _unseen, ...seen }) => seen, /would hit peer-1, and which pods run there is not known; look again/],
    ['machines while a node does not tell its own', machines(1), (seen) => ({ ...seen, kubernetes: { ...seen.kubernetes!, nodes: seen.kubernetes!.nodes.map((one) => ({ ...one, instanceId: undefined })) } }), /would hit peer-1, and which pods run there is not known/],
    ['pods while Kubernetes was not looked at', pods('web-1'), ({ kubernetes: _unseen, ...seen }) => seen, /pod web-1 in shop, whose labels are not known/],
  ];
  for (const [what, choice, see, says] of blind) {
    it(`holds back ${what}`, () => assert.match(refusals(choice, everything, see).join('\n'), says));
  }

  it('has Kubernetes looked at only where pods count', () => {
    const asks = (leash: object): boolean => asksForPods(sampleEnvironment({ kubernetes, ...leash }));
    assert.deepEqual([{}, { optIn: { tags: { a: 'b' } } }, { optIn: { labels: { a: 'b' } } }, { deny: { names: ['x'] } }].map(asks), [false, false, true, true]);
    assert.equal(asksForPods(sampleEnvironment({ deny: { names: ['x'] } })), false);
  });

  const wrong: [text: string, says: RegExp][] = [
    ['optIn: {}', /optIn is an empty mapping; give tags, labels or both/],
    ['optIn: { tags: {} }', /optIn\.tags is an empty mapping; give at least one/],
    ['deny: {}', /deny is an empty mapping; give at least one of namespaces, tags, labels, names/],
    ['deny: { names: [] }', /deny\.names is an empty list; give at least 1/],
    ['deny: { tags: { team: 7 } }', /deny\.tags\.team is 7; give a text or a list of texts/],
    ['deny: { namespaces: [shop] }', /kubernetes is missing; labels and namespaces of optIn and deny are those of Kubernetes/],
    ['optIn: { labels: { a: b } }', /kubernetes is missing/],
  ];
  for (const [text, says] of wrong) {
    it(`can not be told as ${text}`, async () => {
      await assert.rejects(parseEnvironment(`name: x\n${text}\n`, 'x.yaml', { variables: {}, mask: createMask() }), { message: says });
    });
  }
});
