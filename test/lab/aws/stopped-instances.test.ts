import assert from 'node:assert/strict';
import {
  AttachVolumeCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  type Instance,
} from '@aws-sdk/client-ec2';
import { eventually, imageId, startAws, zones, type AwsUnderTest } from './aws-under-test.ts';

describe('lab EC2: instances that are stopped, and disks that are pulled out', () => {
  let lab: AwsUnderTest;
  beforeEach(async () => void (lab = await startAws()));
  afterEach(() => lab.close());

  const instance = async (id: string): Promise<Instance> =>
    (await lab.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations![0]!.Instances![0]!;
  const runs = async (): Promise<string> => {
    const { Instances } = await lab.ec2.send(new RunInstancesCommand({ ImageId: imageId, MinCount: 1, MaxCount: 1 }));
    const id = Instances![0]!.InstanceId!;
    await eventually('the machine to run', () => lab.hypervisor.running.has(id));
    return id;
  };
  const inState = (id: string, state: string): Promise<Instance> =>
    eventually(`${id} to be ${state}`, async () => {
      const found = await instance(id);
      return found.State!.Name === state && found;
    });
  const stop = (...InstanceIds: string[]) => lab.ec2.send(new StopInstancesCommand({ InstanceIds }));
  const start = (...InstanceIds: string[]) => lab.ec2.send(new StartInstancesCommand({ InstanceIds }));
  const withVolume = async (): Promise<{ instanceId: string; volumeId: string }> => {
    const volumeId = await lab.aws.createVolume({ name: 'data', zone: zones[0] });
    const instanceId = await runs();
    await lab.ec2.send(new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: '/dev/xvdf' }));
    await eventually('the volume to be attached', async () => (await attachment(volumeId))?.State === 'attached');
    return { instanceId, volumeId };
  };
  const volume = async (id: string) => (await lab.ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }))).Volumes![0]!;
  const attachment = async (id: string) => (await volume(id)).Attachments?.[0];

  it('stops what runs in it, keeps address and volumes, and starts again as new', async () => {
    const { instanceId, volumeId } = await withVolume();
    const before = await instance(instanceId);
    const answer = await stop(instanceId);
    assert.deepEqual(answer.StoppingInstances!.map((each) => [each.PreviousState!.Name, each.CurrentState!.Name]), [['running', 'stopping']]);
    const stopped = await inState(instanceId, 'stopped');
    assert.equal(lab.hypervisor.running.has(instanceId), false);
    assert.equal(stopped.PrivateIpAddress, before.PrivateIpAddress);
    assert.equal(stopped.StateReason!.Code, 'Client.UserInitiatedShutdown');
    assert.equal((await attachment(volumeId))!.InstanceId, instanceId);
    const started = await start(instanceId);
    assert.deepEqual(started.StartingInstances!.map((each) => [each.PreviousState!.Name, each.CurrentState!.Name]), [['stopped', 'pending']]);
    const again = await inState(instanceId, 'running');
    await eventually('the machine to run', () => lab.hypervisor.running.has(instanceId));
    assert.equal(again.PrivateIpAddress, before.PrivateIpAddress);
    assert.ok(again.LaunchTime! > before.LaunchTime!);
  });

  it('does nothing to an instance that is as it should be already', async () => {
    const id = await runs();
    assert.equal((await start(id)).StartingInstances![0]!.CurrentState!.Name, 'running');
    await stop(id);
    await inState(id, 'stopped');
    assert.equal((await stop(id)).StoppingInstances![0]!.CurrentState!.Name, 'stopped');
  });

  it('refuses the whole call for one instance in the wrong state', async () => {
    const [good, dead] = [await runs(), await runs()];
    await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [dead] }));
    await inState(dead, 'terminated');
    await assert.rejects(stop(good, dead), {
      name: 'IncorrectInstanceState',
      message: `The instance '${dead}' is not in a state from which it can be stopped.`,
    });
    assert.equal((await instance(good)).State!.Name, 'running');
    await assert.rejects(start(dead), { name: 'IncorrectInstanceState' });
    await assert.rejects(lab.ec2.send(new StopInstancesCommand({ InstanceIds: [good], DryRun: true })), { name: 'DryRunOperation' });
    assert.equal((await instance(good)).State!.Name, 'running');
  });

  it('is replaced by its group, with the cause that AWS gives', async () => {
    lab.aws.createGroup({ name: 'one', zones: [zones[0]], userData: 'true', tags: {} });
    const id = await eventually('an instance in service', () => {
      const { groups, instances } = lab.aws.status();
      return groups[0]!.inService === 1 && instances.find((each) => each.booted)?.id;
    });
    await stop(id);
    await inState(id, 'terminated');
    await eventually('a replacement', () => lab.aws.status().instances.some((each) => each.id !== id && each.state === 'running'));
    const causes = JSON.stringify(lab.aws.snapshot());
    assert.match(causes, /taken out of service in response to an EC2 health check indicating it has been terminated or stopped/);
  });

  it('holds on to a mounted disk until it is pulled out by force', async () => {
    const { instanceId, volumeId } = await withVolume();
    lab.hypervisor.mounted.add(volumeId);
    await lab.ec2.send(new DetachVolumeCommand({ VolumeId: volumeId }));
    await eventually('the disk to be busy', async () => (await attachment(volumeId))?.State === 'busy');
    assert.equal(lab.hypervisor.attached.get(volumeId), instanceId);
    await assert.rejects(lab.ec2.send(new DetachVolumeCommand({ VolumeId: volumeId })), { name: 'IncorrectState' });
    await lab.ec2.send(new DetachVolumeCommand({ VolumeId: volumeId, Force: true }));
    await eventually('the disk to be free', async () => (await volume(volumeId)).State === 'available');
    assert.equal(lab.hypervisor.attached.has(volumeId), false);
  });

  it('lets go of a disk as soon as the machine has unmounted it', async () => {
    const { volumeId } = await withVolume();
    lab.hypervisor.mounted.add(volumeId);
    await lab.ec2.send(new DetachVolumeCommand({ VolumeId: volumeId }));
    await eventually('the disk to be busy', async () => (await attachment(volumeId))?.State === 'busy');
    lab.hypervisor.mounted.delete(volumeId);
    await eventually('the disk to be free', async () => (await volume(volumeId)).State === 'available');
  });

  it('changes what becomes of a volume at the end of its instance', async () => {
    const { instanceId, volumeId } = await withVolume();
    const change = (DeviceName: string) =>
      lab.ec2.send(
        new ModifyInstanceAttributeCommand({
          InstanceId: instanceId,
          BlockDeviceMappings: [{ DeviceName, Ebs: { DeleteOnTermination: true } }],
        }),
      );
    await assert.rejects(change('/dev/xvdz'), { name: 'InvalidInstanceAttributeValue' });
    await change('/dev/xvdf');
    assert.equal((await attachment(volumeId))!.DeleteOnTermination, true);
    const attribute = await lab.ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: instanceId, Attribute: 'blockDeviceMapping' }));
    assert.equal(attribute.BlockDeviceMappings![0]!.Ebs!.DeleteOnTermination, true);
    await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
    await eventually('the volume to be gone', async () => (await lab.ec2.send(new DescribeVolumesCommand({}))).Volumes!.length === 0);
  });

  it('under volume-stays-detached never attaches again what was pulled out by force', async () => {
    const { instanceId, volumeId } = await withVolume();
    lab.sabotage.add('volume-stays-detached');
    await lab.ec2.send(new DetachVolumeCommand({ VolumeId: volumeId, Force: true }));
    await eventually('the disk to be free', async () => (await volume(volumeId)).State === 'available');
    await assert.rejects(lab.ec2.send(new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: '/dev/xvdf' })), {
      name: 'IncorrectState',
    });
  });

  it('under data-lost attaches an empty volume', async () => {
    const before = await withVolume();
    assert.deepEqual(lab.hypervisor.erased, []);
    lab.sabotage.add('data-lost');
    const { volumeId } = await withVolume();
    assert.deepEqual(lab.hypervisor.erased, [volumeId]);
    assert.notEqual(volumeId, before.volumeId);
  });

  it('under etcd-lost-write attaches a volume as it was before', async () => {
    await withVolume();
    assert.deepEqual(lab.hypervisor.restored, []);
    lab.sabotage.add('etcd-lost-write');
    const { volumeId } = await withVolume();
    assert.deepEqual(lab.hypervisor.restored, [volumeId]);
  });
});
