import assert from 'node:assert/strict';
import * as sdk from '@aws-sdk/client-ec2';
import { dryRunCalls, type Ec2DryRun } from '../../../runner/clients/ec2-dry-run.ts';
import { loadKinds } from '../../../runner/kinds.ts';
import { eventually, imageId, startAws, zones, type AwsUnderTest } from '../../lab/aws/aws-under-test.ts';

describe('a dry run of EC2', () => {
  let aws: AwsUnderTest;
  let ec2: Ec2DryRun;
  beforeEach(async () => {
    aws = await startAws();
    ec2 = dryRunCalls({ sdk, client: aws.ec2, call: (_action, _signal, work) => work({}) });
  });
  afterEach(() => aws.close());

  /** All that a fault, broken and put back, may need of EC2. */
  async function needed(): Promise<string[]> {
    const { faults } = await loadKinds();
    const iam = Object.values(faults).flatMap(({ permissions }) => permissions.iam);
    return [...new Set(iam)].filter((action) => action.startsWith('ec2:')).map((action) => action.slice('ec2:'.length));
  }

  it('can be asked about each call that a fault makes, and touches nothing', async () => {
    const VolumeId = await aws.aws.createVolume({ name: 'data', zone: zones[0] });
    await aws.ec2.send(new sdk.CreateLaunchTemplateCommand({ LaunchTemplateName: 'one', LaunchTemplateData: { ImageId: imageId, InstanceType: 't3.micro' } }));
    const { Instances } = await aws.ec2.send(new sdk.RunInstancesCommand({ ImageId: imageId, MinCount: 1, MaxCount: 1 }));
    const InstanceId = Instances![0]!.InstanceId!;
    await eventually('the machine to run', () => aws.hypervisor.running.has(InstanceId));
    await aws.ec2.send(new sdk.AttachVolumeCommand({ VolumeId, InstanceId, Device: '/dev/xvdf' }));
    await eventually('the volume to be attached', async () => (await aws.ec2.send(new sdk.DescribeVolumesCommand({}))).Volumes![0]!.Attachments?.[0]?.State === 'attached');
    const before = await state();

    const actions = await needed();
    assert.ok(actions.length > 15, actions.join(', '));
    const examples = await ec2.examples(actions, []);
    for (const action of actions) assert.equal(await ec2.mayWe(action, examples), 'allowed', action);
    assert.deepEqual(await state(), before);
  });

  it('tells nothing about what there is none of to ask about', async () => {
    const examples = await ec2.examples(['AttachVolume', 'StopInstances'], []);
    assert.equal(await ec2.mayWe('StopInstances', examples), 'unknown');
    assert.equal(await ec2.mayWe('AttachVolume', examples), 'unknown');
    assert.equal(await ec2.mayWe('DescribeInstances', examples), 'allowed');
  });

  it('is about the targets, since what is allowed may depend on their tags', async () => {
    const { Instances = [] } = await aws.ec2.send(new sdk.RunInstancesCommand({ ImageId: imageId, MinCount: 3, MaxCount: 3 }));
    const [protectedOne = '', ...targets] = Instances.map(({ InstanceId }) => InstanceId!);
    await eventually('the machines to run', () => Instances.every(({ InstanceId }) => aws.hypervisor.running.has(InstanceId!)));
    const asked: string[][] = [];
    const denying = {
      async send(command: { input: { DryRun?: boolean; InstanceIds?: string[]; Resources?: string[] } }) {
        const ids = command.input.InstanceIds ?? command.input.Resources;
        if (command.input.DryRun && ids) asked.push(ids.toSorted());
        if (command.input.DryRun && ids?.includes(protectedOne)) throw Object.assign(new Error('You are not authorized'), { name: 'UnauthorizedOperation' });
        return aws.ec2.send(command as never);
      },
    };
    const choosy = dryRunCalls({ sdk, client: denying as never, call: (_action, _signal, work) => work({}) });
    const actions = ['TerminateInstances', 'CreateTags'];
    const about = await choosy.examples(actions, [...targets, 'i-00000000000000000']);
    for (const action of actions) assert.equal(await choosy.mayWe(action, about), 'allowed', action);
    assert.deepEqual(asked, [targets.toSorted(), targets.toSorted()]);
    const all = await choosy.examples(actions, [protectedOne, ...targets]);
    for (const action of actions) assert.equal(await choosy.mayWe(action, all), 'denied', action);
  });

  async function state(): Promise<unknown> {
    const all = await Promise.all([
      aws.ec2.send(new sdk.DescribeInstancesCommand({})),
      aws.ec2.send(new sdk.DescribeVolumesCommand({})),
      aws.ec2.send(new sdk.DescribeNetworkAclsCommand({})),
      aws.ec2.send(new sdk.DescribeSecurityGroupsCommand({})),
      aws.ec2.send(new sdk.DescribeLaunchTemplatesCommand({})),
      aws.ec2.send(new sdk.DescribeTagsCommand({})),
    ]);
    return all.map(({ $metadata: _of, ...answer }) => answer);
  }
});
