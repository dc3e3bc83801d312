import assert from 'node:assert/strict';
import { ownPlace } from '../../cli/own-place.ts';
import type { Target } from '../../runner/fault.ts';
import { refusalsFor } from '../../runner/guard.ts';
import type { Inventory } from '../../runner/inventory.ts';
import type { OwnPlace } from '../../runner/own-place.ts';
import { makePlan } from '../../runner/plan.ts';
import { nodeTarget, podTarget, workloadTarget } from '../../runner/pod-selection.ts';
import { targetOf } from '../../runner/select.ts';
import { loadKinds } from '../../runner/kinds.ts';
import { FakeAws } from './faults/fake-aws.ts';
import { sampleEnvironment, samplePlatform } from './sample-platform.ts';
import { sampleScenario } from './sample-scenario.ts';

const here: OwnPlace = { pod: 'web-1', namespace: 'shop', node: 'node-1', zone: 'eu-west-1a' };
const inCluster = { kubeconfig: 'in-cluster', context: 'in-cluster', clusterUid: 'cluster-1' };

interface Given {
  readonly hits: (aws: FakeAws) => readonly Target[];
  readonly kind?: string;
  readonly place?: OwnPlace;
  readonly kubernetes?: object | null;
  readonly inventory?: (aws: FakeAws) => Inventory;
}

function refusals({ hits, kind = 'pod-kill', place = here, kubernetes = inCluster, inventory = (aws) => aws.inventory() }: Given): string[] {
  const aws = new FakeAws();
  return refusalsFor({
    scenario: sampleScenario({ limits: { quorumLoss: 'expected', podsOfWorkload: 'all' } }),
    environment: sampleEnvironment(kubernetes === null ? {} : { kubernetes }),
    inventory: inventory(aws),
    before: aws.inventory(),
    faults: [{ id: 'f', kind, when: '0s', says: '', undo: null, targets: hits(aws), objections: [] }],
    hit: [],
    identity: { accountId: '123456789012', regions: ['eu-west-1'], groupAccounts: [], etcdClusterId: 'cafe', clusterUid: 'cluster-1' },
    ownPlace: place,
  });
}

const pods = (...names: string[]) => (aws: FakeAws): Target[] => aws.kubernetes.cluster().pods.filter(({ name }) => names.includes(name)).map(podTarget);
const nodes = (...names: string[]) => (aws: FakeAws): Target[] => aws.kubernetes.cluster().nodes.filter(({ name }) => names.includes(name)).map((node) => nodeTarget(node));
const machines = (...numbers: number[]) => (aws: FakeAws): Target[] => aws.inventory().instances.filter(({ id }) => numbers.includes(Number(id.slice(2)))).map((instance) => targetOf(instance, aws.inventory()));
const blind = (aws: FakeAws): Inventory => ({ ...aws.inventory(), kubernetes: undefined });

describe('guard, of a harness that is a pod', () => {
  const refused: { name: string; given: Given; says: RegExp }[] = [
    { name: 'its own pod', given: { hits: pods('web-1', 'web-2') }, says: /^fault f would hit pod web-1 in shop, which is firedrill itself; select others$/ },
    { name: 'its own pod by its workload', given: { hits: (aws) => aws.kubernetes.cluster().workloads.filter(({ name }) => name === 'web').map((one) => workloadTarget(one, 6)) }, says: /^fault f would hit pod web-1 in shop, which is firedrill itself/ },
    { name: 'its own node', given: { hits: nodes('node-1'), kind: 'node-drain' }, says: /^fault f would hit node node-1, on which firedrill itself runs; select another, or run it elsewhere$/ },
    { name: 'the machine that its node is', given: { hits: machines(1), kind: 'instance-terminate' }, says: /^fault f would hit node node-1, on which firedrill itself runs/ },
    { name: 'the machine that its node is, when the cluster can not be asked any more', given: { hits: machines(1), kind: 'instance-terminate', inventory: blind }, says: /^fault f would hit node node-1, on which firedrill itself runs/ },
    { name: 'every machine of its zone', given: { hits: machines(1, 2, 3), kind: 'instance-terminate' }, says: /^fault f would hit zone eu-west-1a, in which firedrill itself runs; choose another zone/ },
    { name: 'a zone fault in its zone, whichever machines it names', given: { hits: machines(2), kind: 'zone-partition' }, says: /^fault f would hit zone eu-west-1a, in which firedrill itself runs/ },
    { name: 'anything, when it is not told where it stands', given: { hits: pods('web-2'), place: {} }, says: /^firedrill runs in the cluster that it breaks, and is not told where: give it POD_NAME, POD_NAMESPACE and NODE_NAME/ },
    { name: 'anything, when its node is none of the cluster', given: { hits: pods('web-2'), place: { ...here, node: 'other' } }, says: /^firedrill runs in the cluster that it breaks, and its node other is none of it/ },
    { name: 'its node by a kubeconfig, from a pod of the same cluster', given: { hits: nodes('node-1'), kind: 'node-drain', kubernetes: { kubeconfig: '/k', context: 'c', clusterUid: 'cluster-1' } }, says: /^fault f would hit node node-1/ },
    { name: 'its machine by the name that AWS gives it, where the environment names no cluster', given: { hits: machines(4), kind: 'instance-terminate', kubernetes: null, place: { node: 'ip-10-200-1-14.eu-west-1.compute.internal' }, inventory: blindEverywhere }, says: /^fault f would hit node ip-10-200-1-14/ },
  ];
  for (const { name, given, says } of refused) {
    it(`refuses ${name}`, () => {
      const reasons = refusals(given);
      assert.ok(reasons.some((reason) => says.test(reason)), `expected ${says} among:\n${reasons.join('\n')}`);
    });
  }

  const accepted: { name: string; given: Given }[] = [
    { name: 'other pods', given: { hits: pods('web-2', 'web-3') } },
    { name: 'a pod of its name in another namespace', given: { hits: pods('web-1'), place: { ...here, namespace: 'ops' } } },
    { name: 'another node', given: { hits: nodes('node-5'), kind: 'node-drain' } },
    { name: 'another machine of its zone', given: { hits: machines(2), kind: 'instance-terminate' } },
    { name: 'another zone', given: { hits: machines(4, 5, 6), kind: 'zone-power-loss' } },
    { name: 'anything of a cluster of which its node is no part, by a kubeconfig', given: { hits: nodes('node-1'), kind: 'node-drain', place: { pod: 'runner', namespace: 'ci', node: 'elsewhere', zone: 'eu-west-1a' }, kubernetes: { kubeconfig: '/k', context: 'c', clusterUid: 'cluster-1' } } },
  ];
  for (const { name, given } of accepted) {
    it(`lets through ${name}`, () => assert.deepEqual(refusals(given).filter((reason) => /firedrill itself|firedrill runs/.test(reason)), []));
  }

  it('draws another zone than its own, where a drill takes any', async () => {
    const kinds = await loadKinds();
    const aws = new FakeAws();
    const scenario = sampleScenario({ faults: [{ id: 'f', kind: 'instance-terminate', select: { role: 'etcd', zone: { any: 'zone' } } }] });
    const world = { ...aws.world(), ownPlace: here };
    for (let seed = 0; seed < 20; seed += 1) {
      const { zones } = await makePlan({ scenario, world, kinds, inventory: aws.inventory(), seed });
      assert.notEqual(zones['zone'], 'eu-west-1a');
    }
  });
});

describe('where the harness stands', () => {
  it('is known from what Kubernetes gives a pod', () => {
    const given = { KUBERNETES_SERVICE_HOST: '10.0.0.1', POD_NAME: 'p', POD_NAMESPACE: 'n', NODE_NAME: 'node-1', NODE_ZONE: '' };
    assert.deepEqual(ownPlace(given), { pod: 'p', namespace: 'n', node: 'node-1', zone: undefined });
  });

  it('is no concern outside of a cluster, whatever variables there are', () => {
    assert.equal(ownPlace({ POD_NAME: 'p', NODE_NAME: 'n' }), undefined);
  });
});

function blindEverywhere(): Inventory {
  return samplePlatform();
}
