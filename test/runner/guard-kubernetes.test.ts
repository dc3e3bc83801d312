import assert from 'node:assert/strict';
import type { Cluster } from '../../runner/cluster.ts';
import type { Target } from '../../runner/fault.ts';
import { refusalsFor, type GuardInput } from '../../runner/guard.ts';
import { nodeTarget, podTarget, workloadTarget } from '../../runner/pod-selection.ts';
import { targetOf } from '../../runner/select.ts';
import { FakeAws } from './faults/fake-aws.ts';
import { sampleEnvironment } from './sample-platform.ts';
import { sampleScenario } from './sample-scenario.ts';

const kubernetes = { kubeconfig: '/k', context: 'staging', clusterUid: 'cluster-1' };

describe('guard, of Kubernetes', () => {
  let aws: FakeAws;
  beforeEach(() => {
    aws = new FakeAws();
  });

  const pods = (...names: string[]): Target[] => aws.kubernetes.cluster().pods.filter(({ name }) => names.includes(name)).map(podTarget);
  const web = (...numbers: number[]): Target[] => pods(...numbers.map((n) => `web-${n}`));

  function refusals(targets: readonly Target[], { limits = {}, environment = {}, rolling, clusterUid = 'cluster-1', cluster, unseen }: { limits?: object; environment?: object; rolling?: true; clusterUid?: string; cluster?: Cluster; unseen?: true } = {}): string[] {
    const inventory = { ...aws.inventory(), ...(cluster ? { kubernetes: cluster } : {}), ...(unseen ? { kubernetes: undefined } : {}) };
    const input: GuardInput = {
      scenario: sampleScenario({ limits: { quorumLoss: 'refuse', ...limits } }),
      environment: sampleEnvironment({ kubernetes, ...environment }),
      inventory,
      before: inventory,
      faults: [{ id: 'f', kind: 'pod-kill', when: '0s', says: '', undo: null, targets, objections: [], ...(rolling ? { rolling } : {}) }],
      hit: [],
      identity: { accountId: '123456789012', regions: ['eu-west-1'], groupAccounts: [], etcdClusterId: 'cafe', clusterUid },
    };
    return refusalsFor(input);
  }

  it('lets some of the replicas go', () => {
    assert.deepEqual(refusals(web(1, 2, 3)), []);
    assert.deepEqual(refusals(web(1, 2, 3, 4, 5)), []);
  });

  it('refuses every replica of a workload, unless the drill says so', () => {
    const [refusal] = refusals(web(1, 2, 3, 4, 5, 6));
    assert.match(refusal!, /^6 of 6 pods of deployment\/web in shop would be away \(0 not ready now \+ 6 to be taken\), and none would stay; .*limits\.podsOfWorkload: all/);
    assert.deepEqual(refusals(web(1, 2, 3, 4, 5, 6), { limits: { podsOfWorkload: 'all' } }), []);
  });

  it('counts those that are not ready as away, and none of them twice', () => {
    aws.kubernetes.get('pods', 'web-6').status.conditions = [];
    assert.match(refusals(web(1, 2, 3, 4, 5))[0]!, /6 of 6 pods .* \(1 not ready now \+ 5 to be taken\)/);
    assert.deepEqual(refusals(web(1, 2, 3, 4, 6)), []);
  });

  it('counts one at a time of a rolling fault', () => {
    assert.deepEqual(refusals(web(1, 2, 3, 4, 5, 6), { rolling: true }), []);
  });

  it('holds a number and a share of one workload', () => {
    assert.match(refusals(web(1, 2, 3), { limits: { podsOfWorkload: 2 } })[0]!, /3 of 6 .*limits\.podsOfWorkload is 2/);
    assert.match(refusals(web(1, 2, 3, 4), { limits: { podsOfWorkload: '50%' } })[0]!, /4 of 6 .*limits\.podsOfWorkload is 50%/);
    assert.deepEqual(refusals(web(1, 2, 3), { limits: { podsOfWorkload: '50%' } }), []);
  });

  it("holds the environment's limit although the drill would take all", () => {
    assert.match(refusals(web(1, 2, 3, 4), { limits: { podsOfWorkload: 'all' }, environment: { limits: { podsOfWorkload: '50%' } } })[0]!, /limits\.podsOfWorkload is 50%/);
  });

  it('refuses the only pod of a workload, and one that nothing replaces', () => {
    aws.kubernetes.pod('lonely', {}, 8);
    assert.match(refusals(pods('db-0'))[0]!, /1 of 1 pods of statefulset\/db/);
    assert.match(refusals(pods('lonely'))[0]!, /1 of 1 pods of pod\/lonely/);
  });

  it('refuses to scale to nothing', () => {
    const [deployment] = aws.kubernetes.cluster().workloads;
    assert.match(refusals([workloadTarget(deployment!, 6)])[0]!, /6 of 6 pods of deployment\/web/);
    assert.deepEqual(refusals([workloadTarget(deployment!, 4)]), []);
  });

  it('refuses namespaces that the environment does not allow, unless the drill names them', () => {
    const environment = { kubernetes: { ...kubernetes, namespaces: ['bank'] } };
    assert.match(refusals(web(1, 2), { environment })[0]!, /^fault f would hit web-1, web-2 in shop, and environment staging allows bank; .*limits\.namespaces/);
    assert.deepEqual(refusals(web(1, 2), { environment, limits: { namespaces: ['shop'] } }), []);
  });

  it('refuses a namespace that is terminating', () => {
    aws.kubernetes.objects.get('namespaces /shop').status.phase = 'Terminating';
    assert.match(refusals(web(1))[0]!, /^namespace shop is terminating/);
  });

  it('refuses another cluster, and one whose name could not be told', () => {
    assert.match(refusals(web(1), { clusterUid: 'other' })[0]!, /^context staging leads to Kubernetes cluster other, the environment file names cluster-1/);
    assert.match(refusals(web(1), { clusterUid: '' })[0]!, /cluster \(unknown\)/);
  });

  it('refuses what the cluster does not tell of, and all while it was not looked at', () => {
    const seen = aws.inventory().kubernetes;
    assert.match(refusals(web(1), { cluster: { ...seen, pods: [] } }).join('\n'), /fault f would hit web-1, of which Kubernetes does not tell enough; look again/);
    assert.match(refusals(web(1), { cluster: { ...seen, namespaces: [] } }).join('\n'), /fault f would hit pods in shop, a namespace that Kubernetes does not tell of/);
    assert.match(refusals([workloadTarget(seen.workloads[0]!, 1)], { cluster: { ...seen, workloads: [] } }).join('\n'), /fault f would hit web, of which Kubernetes/);
    assert.match(refusals(web(1), { cluster: { ...seen, workloads: [] } }).join('\n'), /fault f would hit web-1, of which Kubernetes/);
    assert.match(refusals([nodeTarget(seen.nodes[0]!)], { unseen: true }).join('\n'), /fault f would hit node-1, of which Kubernetes/);
  });

  it('counts pods and nodes', () => {
    const nodes = aws.kubernetes.cluster().nodes.slice(0, 2).map(nodeTarget);
    assert.match(refusals(web(1, 2, 3), { limits: { pods: 2 } })[0]!, /^3 pods would be hit, limits\.pods is 2/);
    assert.match(refusals(nodes, { limits: { nodes: 1 } })[0]!, /^2 nodes would be hit, limits\.nodes is 1/);
  });

  it('counts the machine of a node against instances, zones and the quorum of the etcd that it hosts', () => {
    const inventory = aws.inventory();
    const machines = inventory.instances.slice(0, 5).map((instance) => ({ ...targetOf(instance, inventory), node: `node-${instance.id.slice(2)}` }));
    const said = refusals(machines, { limits: { instances: 1, nodes: 4, zones: 0 } }).join('\n');
    for (const expected of [/1 zone would be lost \(eu-west-1a\)/, /5 instances would be hit/, /5 nodes would be hit/, /etcd would lose quorum: 9 voters - 0 not healthy - 5 to be taken = 4/]) {
      assert.match(said, expected);
    }
  });
});
