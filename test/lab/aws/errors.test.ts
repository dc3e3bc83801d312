import assert from 'node:assert/strict';
import * as asg from '@aws-sdk/client-auto-scaling';
import * as ec2 from '@aws-sdk/client-ec2';
import { eventually, imageId, startAws, zones, type AwsUnderTest } from './aws-under-test.ts';

const noInstance = 'i-00000000000000000';
const noVolume = 'vol-00000000000000000';

describe('lab AWS: errors are those of AWS', () => {
  let lab: AwsUnderTest;
  let instanceId: string;
  let pendingId: string;
  let volumeId: string;
  let farVolumeId: string;
  let takenVolumeId: string;

  before(async () => {
    lab = await startAws();
    const run = async (): Promise<string> => {
      const answer = await lab.ec2.send(new ec2.RunInstancesCommand({ ImageId: imageId, MinCount: 1, MaxCount: 1 }));
      return answer.Instances![0]!.InstanceId!;
    };
    instanceId = await run();
    await eventually('the machine to run', () => lab.hypervisor.running.has(instanceId));
    [volumeId, farVolumeId, takenVolumeId] = [
      await lab.aws.createVolume({ name: 'a', zone: zones[0] }),
      await lab.aws.createVolume({ name: 'b', zone: zones[1] }),
      await lab.aws.createVolume({ name: 'c', zone: zones[0] }),
    ];
    await lab.ec2.send(
      new ec2.AttachVolumeCommand({ VolumeId: takenVolumeId, InstanceId: instanceId, Device: '/dev/xvdf' }),
    );
    pendingId = await run();
    await lab.ec2.send(new ec2.TerminateInstancesCommand({ InstanceIds: [pendingId] }));
    lab.aws.createGroup({ name: 'group', zones: [zones[0]], userData: 'true', tags: {} });
  });
  after(() => lab.close());

  const describeInstances = (input: ec2.DescribeInstancesCommandInput) => () =>
    lab.ec2.send(new ec2.DescribeInstancesCommand(input));
  const attach =
    (VolumeId: () => string, InstanceId: () => string, Device = '/dev/xvdg') =>
    () =>
      lab.ec2.send(new ec2.AttachVolumeCommand({ VolumeId: VolumeId(), InstanceId: InstanceId(), Device }));

  const cases: [string, () => Promise<unknown>, { code: string; status?: number; message?: RegExp }][] = [
    [
      'an id that is none',
      describeInstances({ InstanceIds: ['i-xyz'] }),
      { code: 'InvalidInstanceID.Malformed', message: /^Invalid id: "i-xyz"$/ },
    ],
    [
      'an instance that is not there',
      describeInstances({ InstanceIds: [noInstance] }),
      { code: 'InvalidInstanceID.NotFound', message: /^The instance ID 'i-00000000000000000' does not exist$/ },
    ],
    [
      'two that are not there',
      describeInstances({ InstanceIds: [noInstance, 'i-11111111111111111'] }),
      { code: 'InvalidInstanceID.NotFound', message: /^The instance IDs 'i-0+, i-1+' do not exist$/ },
    ],
    [
      'an unknown filter',
      describeInstances({ Filters: [{ Name: 'nonsense', Values: ['x'] }] }),
      { code: 'InvalidParameterValue', message: /^The filter 'nonsense' is invalid$/ },
    ],
    [
      'ids and a page size together',
      describeInstances({ InstanceIds: [noInstance], MaxResults: 5 }),
      { code: 'InvalidParameterCombination' },
    ],
    [
      'a page size out of range',
      describeInstances({ MaxResults: 3 }),
      { code: 'InvalidParameterValue', message: /MaxResults/ },
    ],
    ['a token that is none', describeInstances({ NextToken: 'junk' }), { code: 'InvalidNextToken' }],
    [
      'a dry run',
      () => lab.ec2.send(new ec2.TerminateInstancesCommand({ InstanceIds: [instanceId], DryRun: true })),
      { code: 'DryRunOperation', status: 412, message: /^Request would have succeeded, but DryRun flag is set\.$/ },
    ],
    [
      'terminating what is not there',
      () => lab.ec2.send(new ec2.TerminateInstancesCommand({ InstanceIds: [instanceId, noInstance] })),
      { code: 'InvalidInstanceID.NotFound' },
    ],
    [
      'a launch without an image',
      () => lab.ec2.send(new ec2.RunInstancesCommand({ MinCount: 1, MaxCount: 1 })),
      { code: 'MissingParameter' },
    ],
    [
      'a launch of an odd image',
      () => lab.ec2.send(new ec2.RunInstancesCommand({ ImageId: 'debian', MinCount: 1, MaxCount: 1 })),
      { code: 'InvalidAMIID.Malformed' },
    ],
    [
      'a launch into no subnet',
      () =>
        lab.ec2.send(
          new ec2.RunInstancesCommand({
            ImageId: imageId,
            MinCount: 1,
            MaxCount: 1,
            SubnetId: 'subnet-00000000000000000',
          }),
        ),
      { code: 'InvalidSubnetID.NotFound' },
    ],
    [
      'more at least than at most',
      () => lab.ec2.send(new ec2.RunInstancesCommand({ ImageId: imageId, MinCount: 2, MaxCount: 1 })),
      { code: 'InvalidParameterValue' },
    ],
    [
      'a template that is not there',
      () =>
        lab.ec2.send(
          new ec2.RunInstancesCommand({ MinCount: 1, MaxCount: 1, LaunchTemplate: { LaunchTemplateName: 'none' } }),
        ),
      { code: 'InvalidLaunchTemplateName.NotFoundException' },
    ],
    [
      'a volume that is not there',
      attach(
        () => noVolume,
        () => instanceId,
      ),
      { code: 'InvalidVolume.NotFound', message: /^The volume 'vol-0+' does not exist\.$/ },
    ],
    [
      'a volume to no instance',
      attach(
        () => volumeId,
        () => noInstance,
      ),
      { code: 'InvalidInstanceID.NotFound' },
    ],
    [
      'a volume of another zone',
      attach(
        () => farVolumeId,
        () => instanceId,
      ),
      { code: 'InvalidVolume.ZoneMismatch' },
    ],
    [
      'a volume in use',
      attach(
        () => takenVolumeId,
        () => instanceId,
      ),
      { code: 'VolumeInUse' },
    ],
    [
      'a volume to an instance that does not run',
      attach(
        () => volumeId,
        () => pendingId,
      ),
      { code: 'IncorrectState', message: /is not 'running'\.$/ },
    ],
    [
      'a device that is taken',
      attach(
        () => volumeId,
        () => instanceId,
        '/dev/xvdf',
      ),
      { code: 'InvalidParameterValue', message: /\/dev\/xvdf is already in use/ },
    ],
    [
      'detaching a free volume',
      () => lab.ec2.send(new ec2.DetachVolumeCommand({ VolumeId: volumeId })),
      { code: 'IncorrectState' },
    ],
    [
      'detaching from another instance',
      () => lab.ec2.send(new ec2.DetachVolumeCommand({ VolumeId: takenVolumeId, InstanceId: pendingId })),
      { code: 'InvalidAttachment.NotFound' },
    ],
    [
      'deleting a volume in use',
      () => lab.ec2.send(new ec2.DeleteVolumeCommand({ VolumeId: takenVolumeId })),
      { code: 'VolumeInUse' },
    ],
    [
      'a volume in no zone',
      () => lab.ec2.send(new ec2.CreateVolumeCommand({ AvailabilityZone: 'mars-1a', Size: 1 })),
      { code: 'InvalidZone.NotFound' },
    ],
    [
      'tags for nothing',
      () => lab.ec2.send(new ec2.CreateTagsCommand({ Resources: [noVolume], Tags: [{ Key: 'a', Value: 'b' }] })),
      { code: 'InvalidVolume.NotFound' },
    ],
    [
      'a tag of the house',
      () => lab.ec2.send(new ec2.CreateTagsCommand({ Resources: [volumeId], Tags: [{ Key: 'aws:x', Value: 'b' }] })),
      { code: 'InvalidParameterValue' },
    ],
    [
      'a parameter that the lab does not have',
      () =>
        lab.ec2.send(new ec2.RunInstancesCommand({ ImageId: imageId, MinCount: 1, MaxCount: 1, KernelId: 'aki-1' })),
      { code: 'UnknownParameter', message: /KernelId/ },
    ],
    [
      'an action that the lab does not have',
      () => lab.ec2.send(new ec2.DescribeHostsCommand({})),
      { code: 'InvalidAction', message: /DescribeHosts/ },
    ],
    [
      'a group that is not there',
      () =>
        lab.autoScaling.send(new asg.SetDesiredCapacityCommand({ AutoScalingGroupName: 'none', DesiredCapacity: 1 })),
      { code: 'ValidationError', message: /^AutoScalingGroup name not found/ },
    ],
    [
      'a group that is there already',
      () =>
        lab.autoScaling.send(
          new asg.CreateAutoScalingGroupCommand({ AutoScalingGroupName: 'group', MinSize: 0, MaxSize: 0 }),
        ),
      { code: 'AlreadyExistsFault' },
    ],
    [
      'a size beyond the maximum',
      () =>
        lab.autoScaling.send(new asg.SetDesiredCapacityCommand({ AutoScalingGroupName: 'group', DesiredCapacity: 9 })),
      { code: 'ValidationError', message: /above max value 1/ },
    ],
    [
      'a minimum above the maximum',
      () => lab.autoScaling.send(new asg.UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'group', MinSize: 5 })),
      { code: 'ValidationError' },
    ],
    [
      'shrinking below the minimum',
      () =>
        eventually('a member', async () => lab.aws.status().instances.find((each) => each.group === 'group')).then(
          (member) =>
            lab.autoScaling.send(
              new asg.TerminateInstanceInAutoScalingGroupCommand({
                InstanceId: member.id,
                ShouldDecrementDesiredCapacity: true,
              }),
            ),
        ),
      { code: 'ValidationError', message: /violate group's min size/ },
    ],
    [
      'an instance of no group',
      () =>
        lab.autoScaling.send(new asg.SetInstanceHealthCommand({ InstanceId: instanceId, HealthStatus: 'Unhealthy' })),
      { code: 'ValidationError', message: /No managed instance found/ },
    ],
    [
      'a process that is none',
      () =>
        lab.autoScaling.send(
          new asg.SuspendProcessesCommand({ AutoScalingGroupName: 'group', ScalingProcesses: ['Dance'] }),
        ),
      { code: 'ValidationError', message: /Dance/ },
    ],
    [
      'an unknown filter of groups',
      () =>
        lab.autoScaling.send(new asg.DescribeAutoScalingGroupsCommand({ Filters: [{ Name: 'zone', Values: ['x'] }] })),
      { code: 'ValidationError' },
    ],
  ];

  for (const [title, call, { code, status = 400, message }] of cases) {
    it(`${title}: ${code}`, async () => {
      const error = await call().then(
        () => assert.fail('the call succeeded'),
        (reason: unknown) => reason as ec2.EC2ServiceException,
      );
      assert.equal(error.name, code, error.message);
      assert.equal(error.$metadata?.httpStatusCode, status);
      assert.match(error.$metadata.requestId!, /^[0-9a-f-]{36}$/);
      if (message !== undefined) assert.match(error.message, message);
    });
  }

  it('harmed nothing on the way', () => {
    const instance = lab.aws.status().instances.find((each) => each.id === instanceId);
    assert.equal(instance?.state, 'running');
    assert.deepEqual(lab.troubles, []);
  });
});
