import assert from 'node:assert/strict';
import {
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeScalingActivitiesCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceHealthCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
  type Activity,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { eventually, imageId, startAws, zones, type AwsUnderTest } from './aws-under-test.ts';

describe('lab Auto Scaling: groups', () => {
  let lab: AwsUnderTest;
  beforeEach(async () => {
    lab = await startAws();
    await lab.ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'etcd',
        LaunchTemplateData: {
          ImageId: imageId,
          InstanceType: 't3.medium',
          UserData: Buffer.from('true').toString('base64'),
        },
      }),
    );
  });
  afterEach(() => lab.close());

  const create = async (name: string, extra: object = {}): Promise<void> => {
    const subnets = await lab.ec2.send(
      new DescribeSubnetsCommand({ Filters: [{ Name: 'availability-zone', Values: [zones[2]] }] }),
    );
    await lab.autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        LaunchTemplate: { LaunchTemplateName: 'etcd', Version: '$Latest' },
        MinSize: 1,
        MaxSize: 1,
        VPCZoneIdentifier: subnets.Subnets![0]!.SubnetId!,
        HealthCheckGracePeriod: 300,
        Tags: [
          { Key: 'Name', Value: name, PropagateAtLaunch: true },
          { Key: 'only-group', Value: 'yes', PropagateAtLaunch: false },
        ],
        ...extra,
      }),
    );
  };
  const group = async (name: string): Promise<AutoScalingGroup> => {
    const answer = await lab.autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }));
    return answer.AutoScalingGroups![0]!;
  };
  const inService = (name: string, count = 1, not?: string): Promise<string[]> =>
    eventually(`${name} to have ${count} in service`, async () => {
      const { Instances } = await group(name);
      const ids = Instances!
        .filter((each) => each.LifecycleState === 'InService' && each.HealthStatus === 'Healthy')
        .map((each) => each.InstanceId!);
      return ids.length === count && Instances!.length === count && !ids.includes(not ?? '') && ids;
    });
  const activities = async (name: string): Promise<Activity[]> => {
    const answer = await lab.autoScaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name }));
    return answer.Activities!;
  };

  it('launches what is desired, tagged, in its zone, and says why', async () => {
    await create('peer-1');
    const [id] = await inService('peer-1');
    const answer = await lab.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id!] }));
    const instance = answer.Reservations![0]!.Instances![0]!;
    assert.equal(instance.Placement?.AvailabilityZone, zones[2]);
    const tags = Object.fromEntries(instance.Tags!.map(({ Key, Value }) => [Key, Value]));
    assert.equal(tags.Name, 'peer-1');
    assert.equal(tags['aws:autoscaling:groupName'], 'peer-1');
    assert.equal(tags['only-group'], undefined);
    const [launch] = await activities('peer-1');
    assert.equal(launch!.Description, `Launching a new EC2 instance: ${id}`);
    assert.match(
      launch!.Cause!,
      /^At \S+Z a user request created an AutoScalingGroup changing the desired capacity from 0 to 1\. {2}At \S+Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 1\.$/,
    );
    assert.equal(launch!.StatusCode, 'Successful');
    assert.equal(launch!.Progress, 100);
    assert.ok(launch!.EndTime!.getTime() >= launch!.StartTime!.getTime());
  });

  it('replaces a killed instance: first the old one out, then a new one with another address', async () => {
    await create('peer-1');
    const [old] = await inService('peer-1');
    await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [old!] }));
    const [fresh] = await inService('peer-1', 1, old);
    const [launch, termination] = await eventually('both activities to end', async () => {
      const all = await activities('peer-1');
      return all.length === 3 && all.every((activity) => activity.EndTime !== undefined) && all;
    });
    assert.match(
      termination!.Cause!,
      /^At \S+Z an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped\.$/,
    );
    assert.equal(termination!.Description, `Terminating EC2 instance: ${old}`);
    assert.equal(launch!.Description, `Launching a new EC2 instance: ${fresh}`);
    assert.match(
      launch!.Cause!,
      /an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 1\.$/,
    );
    assert.ok(launch!.StartTime!.getTime() >= termination!.StartTime!.getTime());
    const addresses = new Set(lab.changes.map((change) => change.address));
    assert.equal(addresses.size, 2);
  });

  it('replaces in the orderly way and on a user health check', async () => {
    await create('peer-1');
    const [first] = await inService('peer-1');
    const answer = await lab.autoScaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: first!, ShouldDecrementDesiredCapacity: false }),
    );
    assert.match(
      answer.Activity!.Cause!,
      new RegExp(`^At \\S+Z instance ${first} was taken out of service in response to a user request\\.$`),
    );
    assert.equal(answer.Activity!.StatusCode, 'InProgress');
    const [second] = await inService('peer-1', 1, first);
    await lab.autoScaling.send(new SetInstanceHealthCommand({ InstanceId: second!, HealthStatus: 'Unhealthy' }));
    assert.equal((await group('peer-1')).Instances![0]!.HealthStatus, 'Healthy', 'in its grace period');
    await lab.autoScaling.send(
      new SetInstanceHealthCommand({ InstanceId: second!, HealthStatus: 'Unhealthy', ShouldRespectGracePeriod: false }),
    );
    await inService('peer-1', 1, second);
    assert.ok(
      (await activities('peer-1')).some((activity) => /in response to a user health-check\.$/.test(activity.Cause!)),
    );
  });

  it('spreads a larger group over its zones and shrinks it again', async () => {
    await create('web', {
      MaxSize: 6,
      DesiredCapacity: 6,
      VPCZoneIdentifier: undefined,
      AvailabilityZones: [...zones],
    });
    await inService('web', 6);
    const perZone = Map.groupBy((await group('web')).Instances!, (instance) => instance.AvailabilityZone);
    assert.deepEqual(
      [...perZone.values()].map((instances) => instances.length),
      [2, 2, 2],
    );
    await lab.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'web', DesiredCapacity: 3 }));
    await inService('web', 3);
    const left = Map.groupBy((await group('web')).Instances!, (instance) => instance.AvailabilityZone);
    assert.deepEqual(
      [...left.values()].map((instances) => instances.length),
      [1, 1, 1],
    );
  });

  it('does not launch while Launch is suspended, nor replace while ReplaceUnhealthy is', async () => {
    await create('peer-1');
    const [old] = await inService('peer-1');
    const suspend = (...ScalingProcesses: string[]) =>
      lab.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: 'peer-1', ScalingProcesses }));
    const resume = (...ScalingProcesses: string[]) =>
      lab.autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName: 'peer-1', ScalingProcesses }));
    await suspend('ReplaceUnhealthy');
    await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [old!] }));
    await eventually(
      'the group to notice',
      async () => (await group('peer-1')).Instances![0]?.HealthStatus === 'Unhealthy',
    );
    assert.equal((await activities('peer-1')).length, 1);
    await suspend('Launch');
    const suspended = (await group('peer-1')).SuspendedProcesses!;
    assert.deepEqual(
      suspended.map((each) => each.ProcessName),
      ['ReplaceUnhealthy', 'Launch'],
    );
    assert.match(suspended[0]!.SuspensionReason!, /^User suspended at /);
    await resume('ReplaceUnhealthy');
    await eventually('the old one to leave', async () => (await group('peer-1')).Instances!.length === 0);
    const looks = performance.now() + 100;
    await eventually('several looks to pass', () => performance.now() > looks);
    assert.equal((await group('peer-1')).Instances!.length, 0);
    await resume();
    await inService('peer-1', 1, old);
  });

  it('fails every launch for want of capacity under the sabotage no-replacement', async () => {
    await create('peer-1');
    const [old] = await inService('peer-1');
    lab.sabotage.add('no-replacement');
    await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [old!] }));
    const failed = await eventually('a failed launch', async () =>
      (await activities('peer-1')).find((activity) => activity.StatusCode === 'Failed'),
    );
    assert.match(
      failed.StatusMessage!,
      /sufficient t3\.medium capacity in the Availability Zone you requested \(eu-west-1c\)/,
    );
    lab.sabotage.delete('no-replacement');
    await inService('peer-1', 1, old);
  });

  it('launches later under the sabotage slow-replacement', async () => {
    await lab.close();
    lab = await startAws({ slowLaunchExtraMs: 600_000 });
    lab.sabotage.add('slow-replacement');
    lab.aws.createGroup({ name: 'peer-1', zones: [zones[0]], userData: 'true', tags: {} });
    await eventually(
      'a pending instance',
      async () => (await group('peer-1')).Instances![0]?.LifecycleState === 'Pending',
    );
    const looks = performance.now() + 100;
    await eventually('the usual launch time to pass', () => performance.now() > looks);
    assert.equal((await group('peer-1')).Instances![0]!.LifecycleState, 'Pending');
  });

  it('goes away with its instances when it is deleted by force', async () => {
    await create('peer-1');
    await inService('peer-1');
    await assert.rejects(lab.autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'peer-1' })), {
      name: 'ResourceInUseFault',
    });
    await lab.autoScaling.send(
      new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'peer-1', ForceDelete: true }),
    );
    assert.equal((await group('peer-1')).Status, 'Delete in progress');
    await eventually('the group to be gone', async () => (await group('peer-1')) === undefined);
    assert.equal(lab.hypervisor.running.size, 0);
  });

  it('lists groups by tag and page by page, and members with their group', async () => {
    for (const name of ['peer-1', 'peer-2', 'peer-3']) await create(name);
    const filtered = await lab.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ Filters: [{ Name: 'tag:Name', Values: ['peer-2'] }] }),
    );
    assert.deepEqual(
      filtered.AutoScalingGroups!.map((each) => each.AutoScalingGroupName),
      ['peer-2'],
    );
    const first = await lab.autoScaling.send(new DescribeAutoScalingGroupsCommand({ MaxRecords: 2 }));
    const second = await lab.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ MaxRecords: 2, NextToken: first.NextToken! }),
    );
    assert.deepEqual(
      [...first.AutoScalingGroups!, ...second.AutoScalingGroups!].map((each) => each.AutoScalingGroupName),
      ['peer-1', 'peer-2', 'peer-3'],
    );
    assert.equal(second.NextToken, undefined);
    const [id] = await inService('peer-3');
    const members = await lab.autoScaling.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [id!] }));
    assert.equal(members.AutoScalingInstances![0]!.AutoScalingGroupName, 'peer-3');
    assert.equal(members.AutoScalingInstances![0]!.HealthStatus, 'HEALTHY');
  });

  it('changes size and zone on update', async () => {
    await create('peer-1', { MaxSize: 2 });
    await inService('peer-1');
    await lab.autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'peer-1', MinSize: 2 }));
    await inService('peer-1', 2);
    const [launch] = await activities('peer-1');
    assert.match(
      launch!.Cause!,
      /constraints to min: 2, max: 2, desired: 2 changing the desired capacity from 1 to 2\./,
    );
  });
});
