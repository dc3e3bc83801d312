import assert from 'node:assert/strict';
import {
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
  type Activity,
  type LaunchTemplateSpecification,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateVersionsCommand,
  DescribeLaunchTemplateVersionsCommand,
  TerminateInstancesCommand,
  type RequestLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { eventually, imageId, startAws, zones, type AwsUnderTest } from './aws-under-test.ts';

describe('lab Auto Scaling: launches that fail, and processes that are suspended', () => {
  let lab: AwsUnderTest;
  beforeEach(async () => {
    lab = await startAws();
    lab.aws.createGroup({ name: 'peer-1', zones: [zones[0]], userData: 'true', tags: {} });
    await eventually('an instance in service', () => lab.aws.status().groups[0]!.inService === 1);
  });
  afterEach(() => lab.close());

  const template = async (LaunchTemplateData: RequestLaunchTemplateData): Promise<LaunchTemplateSpecification> => {
    const { LaunchTemplate } = await lab.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'hopeless', LaunchTemplateData }));
    return { LaunchTemplateId: LaunchTemplate!.LaunchTemplateId, Version: '1' };
  };
  const give = (LaunchTemplate: LaunchTemplateSpecification) =>
    lab.autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'peer-1', LaunchTemplate }));
  const loseInstance = async (): Promise<string> => {
    const { id } = lab.aws.status().instances.find((each) => each.state === 'running')!;
    await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    return id;
  };
  const activities = async (): Promise<Activity[]> =>
    (await lab.autoScaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'peer-1' }))).Activities!;
  const failed = (): Promise<Activity> =>
    eventually('a failed activity', async () => (await activities()).find((each) => each.StatusCode === 'Failed'));
  const suspended = async (): Promise<string[]> => {
    const { AutoScalingGroups } = await lab.autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['peer-1'] }));
    return AutoScalingGroups![0]!.SuspendedProcesses!.map((each) => each.ProcessName!);
  };

  it('say that a spot price is too low, until the group has its own template back', async () => {
    const original = (await lab.autoScaling.send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups![0]!.LaunchTemplate!;
    await give(await template({ ImageId: imageId, InstanceMarketOptions: { MarketType: 'spot', SpotOptions: { MaxPrice: '0.0001' } } }));
    await loseInstance();
    const { StatusMessage, Description } = await failed();
    assert.equal(
      StatusMessage,
      'Could not launch Spot Instances. SpotMaxPriceTooLow - Your Spot request price of 0.0001 is lower than the minimum ' +
        'required Spot request fulfillment price of 0.0161. Launching EC2 instance failed.',
    );
    assert.equal(Description, `Launching a new EC2 instance.  Status Reason: ${StatusMessage}`);
    assert.equal(lab.aws.status().groups[0]!.inService, 0);
    await give({ LaunchTemplateId: original.LaunchTemplateId, Version: original.Version });
    await eventually('an instance in service', () => lab.aws.status().groups[0]!.inService === 1);
  });

  it('say that a disk could not be decrypted, after the instance was there for a moment', async () => {
    await give(await template({ ImageId: imageId, BlockDeviceMappings: [{ DeviceName: '/dev/xvdb', Ebs: { Encrypted: true, KmsKeyId: 'alias/gone' } }] }));
    await loseInstance();
    assert.equal(
      (await failed()).StatusMessage,
      'Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: ' +
        'Client.InternalError: Client error on launch',
    );
  });

  it('are refused beforehand for an image that does not exist, but not behind $Latest', async () => {
    const hopeless = await template({ ImageId: 'ami-00000000000000000' });
    await assert.rejects(give(hopeless), {
      name: 'ValidationError',
      message: "You must use a valid fully-formed launch template. The image id '[ami-00000000000000000]' does not exist",
    });
    const sound = (await lab.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'sound', LaunchTemplateData: { ImageId: imageId } }))).LaunchTemplate!;
    await give({ LaunchTemplateId: sound.LaunchTemplateId, Version: '$Latest' });
    const version = { LaunchTemplateId: sound.LaunchTemplateId, LaunchTemplateData: { ImageId: 'ami-00000000000000000' } };
    await lab.ec2.send(new CreateLaunchTemplateVersionCommand(version));
    await loseInstance();
    assert.equal((await failed()).StatusMessage, "The image id '[ami-00000000000000000]' does not exist. Launching EC2 instance failed.");
    const gone = await lab.ec2.send(new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId: sound.LaunchTemplateId, Versions: ['2', '1', '7'] }));
    assert.deepEqual(gone.SuccessfullyDeletedLaunchTemplateVersions!.map((each) => each.VersionNumber), [2]);
    assert.deepEqual(gone.UnsuccessfullyDeletedLaunchTemplateVersions!.map((each) => each.VersionNumber), [1, 7]);
    const left = await lab.ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: sound.LaunchTemplateId }));
    assert.deepEqual(left.LaunchTemplateVersions!.map((each) => each.VersionNumber), [1]);
    await eventually('an instance in service', () => lab.aws.status().groups[0]!.inService === 1);
  });

  it('do not happen while Launch is suspended, and do once that very process is resumed', async () => {
    const process = (...ScalingProcesses: string[]) => ({ AutoScalingGroupName: 'peer-1', ScalingProcesses });
    await lab.autoScaling.send(new SuspendProcessesCommand(process('Launch', 'AZRebalance')));
    const lost = await loseInstance();
    await eventually('the old instance to be gone', async () => (await activities()).some((each) => each.Description!.includes(lost) && each.Description!.startsWith('Terminating') && each.StatusCode === 'Successful'));
    await lab.autoScaling.send(new ResumeProcessesCommand(process('AZRebalance')));
    assert.deepEqual(await suspended(), ['Launch']);
    assert.equal(lab.aws.status().groups[0]!.inService, 0);
    await lab.autoScaling.send(new ResumeProcessesCommand(process('Launch')));
    await eventually('an instance in service', () => lab.aws.status().groups[0]!.inService === 1);
    const [launch] = await activities();
    assert.match(launch!.Cause!, /an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 1\.$/);
  });

  for (const process of ['HealthCheck', 'ReplaceUnhealthy', 'Terminate']) {
    it(`keep a lost instance on the list while ${process} is suspended`, async () => {
      await lab.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: 'peer-1', ScalingProcesses: [process] }));
      const lost = await loseInstance();
      await eventually('the instance to be gone', () => lab.aws.status().instances.find((each) => each.id === lost)!.state === 'terminated');
      for (let looked = 0; looked < 5; looked++) await lab.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
      const { AutoScalingGroups } = await lab.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
      assert.deepEqual(AutoScalingGroups![0]!.Instances!.map((each) => each.InstanceId), [lost]);
      await lab.autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName: 'peer-1', ScalingProcesses: [process] }));
      await eventually('a replacement', () => lab.aws.status().instances.some((each) => each.id !== lost && each.state === 'running'));
    });
  }

  it('stay suspended under the sabotage launch-stays-suspended', async () => {
    const launch = { AutoScalingGroupName: 'peer-1', ScalingProcesses: ['Launch'] };
    await lab.autoScaling.send(new SuspendProcessesCommand(launch));
    lab.sabotage.add('launch-stays-suspended');
    await lab.autoScaling.send(new ResumeProcessesCommand(launch));
    assert.deepEqual(await suspended(), ['Launch']);
    lab.sabotage.clear();
    await lab.autoScaling.send(new ResumeProcessesCommand(launch));
    assert.deepEqual(await suspended(), []);
  });

  it('come in pages of activities, newest first', async () => {
    await loseInstance();
    await eventually('a replacement', async () => (await activities()).length >= 3 && lab.aws.status().groups[0]!.inService === 1);
    const all = (await activities()).map((each) => each.ActivityId);
    const paged: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await lab.autoScaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'peer-1', MaxRecords: 1, NextToken }));
      paged.push(...page.Activities!.map((each) => each.ActivityId));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    assert.deepEqual(paged, all);
  });
});
