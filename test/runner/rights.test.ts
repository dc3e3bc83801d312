import assert from 'node:assert/strict';
import { mayWe } from '../../runner/clients/kubernetes-review.ts';
import { examine } from '../../runner/doctor.ts';
import { loadKinds } from '../../runner/kinds.ts';
import { policyFor, rightsOf, rolesFor } from '../../runner/rights.ts';
import type { World } from '../../runner/world.ts';
import { sampleEnvironment } from './sample-platform.ts';
import { sampleScenario } from './sample-scenario.ts';

const kinds = await loadKinds();
const drill = (...faults: object[]) => sampleScenario({ faults: faults.map((fault, index) => ({ id: `f${index}`, ...fault })) as never, probes: {} });

describe('the rights that drills need', () => {
  it('are in the namespace of the selection what is enough there, and in the cluster what is not', () => {
    const rights = rightsOf([drill({ kind: 'pod-evict', select: { namespace: 'shop' } })], kinds);
    const roles = rolesFor(rights) as { kind: string; metadata: { namespace?: string }; rules: { resources: string[]; verbs: string[] }[] }[];
    assert.deepEqual(roles.map(({ kind, metadata }) => [kind, metadata.namespace]), [['ClusterRole', undefined], ['Role', 'shop']]);
    assert.deepEqual(roles[1]!.rules.map(({ resources, verbs }) => [resources[0], verbs]), [['pods', ['get']], ['pods/eviction', ['create']]]);
    assert.equal(policyFor(rights), null, 'nothing of AWS is touched');
  });

  it('are in the whole cluster where a drill names no namespace, and said once', () => {
    const rights = rightsOf([drill({ kind: 'pod-kill' }, { kind: 'pod-kill', select: { namespace: 'shop' } })], kinds);
    assert.deepEqual([...new Set(rights.rbac.map(({ namespace }) => namespace))], [undefined]);
  });

  it('are enough to find again without a journal what has to be put back', () => {
    const { iam } = rightsOf([drill({ kind: 'instance-isolate' })], kinds);
    assert.ok(iam.includes('ec2:DescribeTags'));
    const { rbac, iam: none } = rightsOf([drill({ kind: 'deployment-scale', select: { namespace: 'shop' } })], kinds);
    assert.deepEqual(none, []);
    assert.deepEqual(rbac.filter(({ resource }) => resource === 'networkpolicies'), [{ apiGroup: 'networking.k8s.io', resource: 'networkpolicies', verbs: ['list'], namespace: undefined }]);
  });

  it('name the platforms that a drill can not do without', () => {
    const platformsOf = (...kinds_: string[]): string[] => [...rightsOf([drill(...kinds_.map((kind) => ({ kind })))], kinds).platforms].sort();
    assert.deepEqual(platformsOf('etcd-member-kill'), [], 'a member may be a machine or a pod');
    assert.deepEqual(platformsOf('asg-launch-failure', 'etcd-member-kill'), ['aws']);
    assert.deepEqual(platformsOf('node-loss'), ['aws', 'kubernetes']);
    assert.deepEqual(platformsOf('pod-kill'), ['kubernetes']);
  });

  it('name the actions of AWS, those of looking included', () => {
    const { iam } = rightsOf([drill({ kind: 'node-loss' })], kinds);
    assert.deepEqual(iam, ['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeScalingActivities', 'ec2:DescribeAvailabilityZones', 'ec2:DescribeInstances', 'ec2:DescribeVolumes', 'ec2:TerminateInstances']);
  });
});

describe('a doctor', () => {
  it('asks as the API wants it, and tells each permission that is missing', async () => {
    const asked: string[] = [];
    const connection = {
      request: async ({ body }: { body: { spec: { resourceAttributes: Record<string, string> } } }) => {
        const { verb, resource, subresource = '', namespace = '*' } = body.spec.resourceAttributes;
        asked.push(`${verb} ${resource} ${subresource} ${namespace}`);
        return { status: { allowed: subresource !== 'eviction' } };
      },
    };
    assert.equal(await mayWe({ apiGroup: '', resource: 'pods', verb: 'delete', namespace: 'shop' }, connection as never), true);
    assert.deepEqual(asked, ['delete pods  shop']);
    const environment = sampleEnvironment({ aws: undefined, kubernetes: { kubeconfig: '/k', context: 'c' } });
    const world = { environment, kubernetes: async () => ({ connection }) } as unknown as World;
    const rights = rightsOf([drill({ kind: 'pod-evict', select: { namespace: 'shop' } })], kinds);
    const { missing, checked } = await examine(rights, world);
    assert.deepEqual(missing, ['Kubernetes: may not create pods/eviction in namespace shop']);
    assert.ok(checked > 5);
  });

  it('tells what EC2 denies in a dry run, and what nobody can be asked about', async () => {
    const ec2 = {
      examples: async () => ({ instances: [] }),
      mayWe: async (action: string) => (action === 'TerminateInstances' ? 'denied' : action === 'RunInstances' ? 'unknown' : 'allowed'),
    };
    const world = { environment: sampleEnvironment(), ec2: async () => ec2 } as unknown as World;
    const { missing, unknown } = await examine({ iam: ['ec2:DescribeInstances', 'ec2:TerminateInstances', 'ec2:RunInstances', 'autoscaling:SuspendProcesses'], rbac: [], platforms: new Set() }, world);
    assert.deepEqual(missing, ['AWS: may not ec2:TerminateInstances']);
    assert.deepEqual(unknown, ['ec2:RunInstances', 'autoscaling:SuspendProcesses']);
  });
});
