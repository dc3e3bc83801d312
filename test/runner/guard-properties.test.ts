import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Target } from '../../runner/fault.ts';
import { refusalsFor, type GuardInput } from '../../runner/guard.ts';
import type { Inventory } from '../../runner/inventory.ts';
import { nodeTarget, podTarget, workloadTarget } from '../../runner/pod-selection.ts';
import { targetOf } from '../../runner/select.ts';
import { FakeAws } from './faults/fake-aws.ts';
import { sampleEnvironment } from './sample-platform.ts';
import { sampleScenario } from './sample-scenario.ts';

const kubernetes = { kubeconfig: '/k', context: 'staging', clusterUid: 'cluster-1' };
const fake = new FakeAws();
fake.kubernetes.objects.get('namespaces /shop').metadata.labels = { kept: 'yes' };
const platform = { ...fake.inventory(), groups: fake.inventory().groups.map((group) => ({ ...group, roles: ['etcd'] })) } satisfies Inventory;
const cluster = platform.kubernetes;
const everything: readonly Target[] = [
  ...platform.instances.map((instance) => targetOf(instance, platform)),
  ...cluster.pods.map(podTarget),
  ...cluster.nodes.map(nodeTarget),
  ...cluster.workloads.filter(({ kind }) => kind === 'deployment').map((workload) => workloadTarget(workload, 3)),
];

/** Each a reason to refuse some things; a question has one or two of them, as more would hide each other. */
const environmentRules: readonly object[] = [
  {},
  { protected: true },
  ...[{ tags: { role: 'peer-1.*' } }, { tags: { role: '*' } }, { labels: { app: 'web' } }, { tags: { role: '*' }, labels: { app: 'web' } }].map((optIn) => ({ optIn })),
  ...[{ namespaces: ['shop'] }, { tags: { role: 'peer-1.*' } }, { labels: { app: 'db' } }, { labels: { kept: 'yes' } }, { labels: { 'topology.kubernetes.io/zone': '*c' } }].map((deny) => ({ deny })),
  ...['peer-2', 'i-3', 'db', 'web-1', 'node-3'].map((name) => ({ deny: { names: [name] } })),
  ...[{ zones: 0 }, { instances: 1 }, { groupPercent: '50%' }, { etcdMembersDown: 1 }, { pods: 1 }, { podsOfWorkload: 2 }, { podsOfWorkload: '1%' }, { nodes: 0 }].map((limits) => ({ limits })),
  { windows: [{ from: '09:00', to: '12:05' }] },
  { blackouts: [{ from: '2026-01-05', to: '2026-01-05', why: 'sale' }] },
  { kubernetes: { ...kubernetes, namespaces: ['bank'] } },
];
const environments = environmentRules.map((rule) => sampleEnvironment({ kubernetes, timeZone: 'UTC', ...rule }));
const limitsOfDrills: readonly object[] = [{ quorumLoss: 'refuse' }, { zones: 0 }, { instances: 1 }, { groupPercent: '50%' }, { etcdMembersDown: 1 }, { podsOfWorkload: 2 }, {}, {}, {}, {}, {}, {}];
const identity = { accountId: '123456789012', regions: ['eu-west-1'], groupAccounts: ['123456789012'], etcdClusterId: 'cafe', clusterUid: 'cluster-1' };

/** A question to the guard in which all is known. */
const questions: fc.Arbitrary<GuardInput> = fc
  .record({
    environment: fc.constantFrom(...environments),
    targets: fc.oneof({ weight: 4, arbitrary: fc.subarray([...everything], { minLength: 1, maxLength: 2 }) }, { weight: 1, arbitrary: fc.constant(everything.slice(0, 5)) }),
    groups: fc.subarray(['peer-1', 'peer-2'], { maxLength: 1 }),
    limits: fc.constantFrom(...limitsOfDrills),
    wrong: fc.oneof({ weight: 9, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.constantFrom({ accountId: '999999999999' }, { regions: ['us-east-1'] }, { groupAccounts: ['9'] }, { etcdClusterId: 'beef' }, { clusterUid: 'other' }) }),
  })
  .map(({ environment, targets, groups, limits, wrong }) => ({
    scenario: sampleScenario({ limits: { quorumLoss: 'expected', podsOfWorkload: 'all', ...limits } }),
    environment,
    inventory: platform,
    before: platform,
    faults: [{ id: 'f', kind: 'k', when: '0s', says: '', undo: null, objections: [], targets, groups }],
    hit: [],
    // Whose cluster it is counts where Kubernetes is touched: there it is looked at.
    identity: { ...identity, ...('clusterUid' in wrong && targets.every(({ kind }) => kind === 'instance') ? {} : wrong) },
    span: { wallMs: Date.UTC(2026, 0, 5, 12), takesMs: 600_000 },
  }));

type Blindness = (input: GuardInput) => GuardInput;
const seen = (change: (inventory: Inventory) => Inventory): Blindness => (input) => ({ ...input, inventory: change(input.inventory), before: change(input.before) });
const inCluster = (change: (known: typeof cluster) => object): Blindness => seen((inventory) => (inventory.kubernetes ? { ...inventory, kubernetes: { ...inventory.kubernetes, ...change(inventory.kubernetes) } } : inventory));
const unlabelled = <T>(things: readonly T[]): T[] => things.map((thing) => ({ ...thing, labels: undefined }));
const ofTargets = (change: (target: Target) => object): Blindness => (input) => ({
  ...input,
  faults: input.faults.map((fault) => ({ ...fault, targets: fault.targets.map((target) => ({ ...target, ...change(target) })) })),
});

/** Each takes away something that was known; what isn't there any more is undefined, not another value. */
const blindnesses: Readonly<Record<string, Blindness>> = {
  'no account': (input) => ({ ...input, identity: { ...input.identity, accountId: undefined } }),
  'no region': (input) => ({ ...input, identity: { ...input.identity, regions: undefined } }),
  'no accounts of groups': (input) => ({ ...input, identity: { ...input.identity, groupAccounts: undefined } }),
  'no cluster id of etcd': (input) => ({ ...input, identity: { ...input.identity, etcdClusterId: undefined } }),
  'no cluster uid': (input) => ({ ...input, identity: { ...input.identity, clusterUid: undefined } }),
  'no time': (input) => ({ ...input, span: undefined }),
  'no length': (input) => ({ ...input, span: { wallMs: input.span?.wallMs ?? 0, takesMs: Number.NaN } }),
  'no instances': seen((inventory) => ({ ...inventory, instances: [] })),
  'no groups': seen((inventory) => ({ ...inventory, groups: [] })),
  'no members of groups': seen((inventory) => ({ ...inventory, groups: inventory.groups.map((group) => ({ ...group, members: [] })) })),
  'no tags of instances': seen((inventory) => ({ ...inventory, instances: inventory.instances.map((one) => ({ ...one, tags: undefined as never })) })),
  'no tags of groups': seen((inventory) => ({ ...inventory, groups: inventory.groups.map((one) => ({ ...one, tags: undefined as never })) })),
  'no etcd': seen((inventory) => ({ ...inventory, etcd: undefined })),
  'silent members': seen((inventory) => ({ ...inventory, etcd: inventory.etcd && { ...inventory.etcd, members: inventory.etcd.members.map((member) => ({ ...member, status: undefined, silence: 'no answer' })) } })),
  'members without machines': seen((inventory) => ({ ...inventory, etcd: inventory.etcd && { ...inventory.etcd, members: inventory.etcd.members.map((member) => ({ ...member, instanceId: undefined })) } })),
  'no cluster': seen((inventory) => ({ ...inventory, kubernetes: undefined })),
  'no workloads': inCluster(() => ({ workloads: [] })),
  'no namespaces': inCluster(() => ({ namespaces: [] })),
  'nodes without machines': inCluster(({ nodes }) => ({ nodes: nodes.map((node) => ({ ...node, instanceId: undefined })) })),
  'no labels of pods': inCluster(({ pods }) => ({ pods: unlabelled(pods) })),
  'no labels of nodes': inCluster(({ nodes }) => ({ nodes: unlabelled(nodes) })),
  'no labels of workloads': inCluster(({ workloads }) => ({ workloads: unlabelled(workloads) })),
  'no labels of namespaces': inCluster(({ namespaces }) => ({ namespaces: unlabelled(namespaces) })),
  'targets without zones': ofTargets(() => ({ zone: '' })),
  'targets without roles': ofTargets(() => ({ roles: [] })),
  'targets without groups': ofTargets(() => ({ group: undefined })),
  'targets without namespaces': ofTargets(() => ({ namespace: undefined })),
  'pods without workloads': ofTargets(({ kind }) => (kind === 'pod' ? { workload: undefined } : {})),
  'machines without members': ofTargets(() => ({ etcdMember: undefined })),
};

describe('the guard', () => {
  it('lets nothing through for not knowing what it would refuse if it knew', () => {
    const kept = new Set<string>();
    fc.assert(
      fc.property(questions, fc.subarray(Object.keys(blindnesses), { minLength: 1, maxLength: 2 }), (question, blind) => {
        const known = refusalsFor(question);
        fc.pre(known.length > 0);
        const told = refusalsFor(blind.reduce((input, name) => blindnesses[name]!(input), question));
        assert.ok(told.length > 0, `${known.join('\n')}\nwas let through with ${blind.join(', ')}`);
        for (const name of blind) kept.add(name);
      }),
      { numRuns: 1_500 },
    );
    assert.deepEqual([...kept].sort(), Object.keys(blindnesses).sort());
  });

  it('does let things through when all is known, so that there is something to hold', () => {
    const through = fc.sample(questions, { numRuns: 500, seed: 7 }).filter((question) => refusalsFor(question).length === 0);
    assert.ok(through.length > 10, `${through.length} of 500`);
  });

  it('gives no reason that does not say what to do', () => {
    fc.assert(
      fc.property(questions, fc.subarray(Object.keys(blindnesses), { maxLength: 5 }), (question, blind) => {
        const told = refusalsFor(blind.reduce((input, name) => blindnesses[name]!(input), question));
        for (const reason of told) assert.match(reason, /; [a-z][^;]{10,}$/);
      }),
      { numRuns: 500 },
    );
  });
});
