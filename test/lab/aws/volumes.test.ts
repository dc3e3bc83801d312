import assert from 'node:assert/strict';
import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type Volume,
} from '@aws-sdk/client-ec2';
import { eventually, imageId, quick, startAws, zones, type AwsUnderTest } from './aws-under-test.ts';

describe('lab EC2: volumes', () => {
  let lab: AwsUnderTest;
  beforeEach(async () => void (lab = await startAws()));
  afterEach(() => lab.close());

  const runningInstance = async (): Promise<string> => {
    const answer = await lab.ec2.send(new RunInstancesCommand({ ImageId: imageId, MinCount: 1, MaxCount: 1 }));
    const id = answer.Instances![0]!.InstanceId!;
    await eventually('the machine to run', () => lab.hypervisor.running.has(id));
    return id;
  };
  const newVolume = async (zone: string = zones[0], name = 'data'): Promise<string> => {
    const made = await lab.ec2.send(
      new CreateVolumeCommand({
        AvailabilityZone: zone,
        Size: 10,
        VolumeType: 'gp3',
        TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'Name', Value: name }] }],
      }),
    );
    assert.match(made.VolumeId!, /^vol-[0-9a-f]{17}$/);
    await inState(made.VolumeId!, 'available');
    return made.VolumeId!;
  };
  const volume = async (id: string): Promise<Volume> => {
    const answer = await lab.ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
    return answer.Volumes![0]!;
  };
  const inState = (id: string, state: string): Promise<Volume> =>
    eventually(`${id} to be ${state}`, async () => {
      const found = await volume(id);
      return found.State === state && found;
    });
  const attach = (VolumeId: string, InstanceId: string, Device = '/dev/xvdf') =>
    lab.ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device }));
  const attached = (id: string): Promise<Volume> =>
    eventually(`${id} to be attached`, async () => {
      const found = await volume(id);
      return found.Attachments![0]?.State === 'attached' && found;
    });

  it('attaches a volume and detaches it again, with the states in between', async () => {
    const instanceId = await runningInstance();
    const id = await newVolume();
    const answer = await attach(id, instanceId);
    assert.equal(answer.State, 'attaching');
    assert.equal((await volume(id)).State, 'in-use');
    const done = await attached(id);
    assert.equal(done.Attachments![0]!.DeleteOnTermination, false);
    assert.equal(lab.hypervisor.attached.get(id), instanceId);
    const instances = await lab.ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
    const [mapping] = instances.Reservations![0]!.Instances![0]!.BlockDeviceMappings!;
    assert.equal(mapping!.DeviceName, '/dev/xvdf');
    assert.equal(mapping!.Ebs?.VolumeId, id);
    assert.equal((await lab.ec2.send(new DetachVolumeCommand({ VolumeId: id }))).State, 'detaching');
    await inState(id, 'available');
    assert.equal(lab.hypervisor.attached.has(id), false);
  });

  it('has no device to show while it is attaching', async () => {
    await lab.close();
    lab = await startAws({ timing: { ...quick, attachMs: 600_000 } });
    const instanceId = await runningInstance();
    const id = await newVolume();
    await attach(id, instanceId);
    assert.equal((await volume(id)).Attachments![0]!.State, 'attaching');
    assert.equal(lab.hypervisor.attached.has(id), false);
  });

  it('holds the volume until the dead instance is terminated, then gives it to the next', async () => {
    await lab.close();
    // So long that a busy machine, too, asks before it is over.
    lab = await startAws({ timing: { ...quick, terminateMs: 3_000 } });
    const [old, fresh] = [await runningInstance(), await runningInstance()];
    const id = await newVolume();
    await attach(id, old);
    await attached(id);
    await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [old] }));
    await assert.rejects(attach(id, fresh), {
      name: 'VolumeInUse',
      message: `${id} is already attached to an instance`,
    });
    await inState(id, 'available');
    await attach(id, fresh);
    await attached(id);
    assert.equal(lab.hypervisor.attached.get(id), fresh);
  });

  it('deletes with its instance a volume that says so', async () => {
    const answer = await lab.ec2.send(
      new RunInstancesCommand({
        ImageId: imageId,
        MinCount: 1,
        MaxCount: 1,
        BlockDeviceMappings: [{ DeviceName: '/dev/xvdb', Ebs: { VolumeSize: 1, DeleteOnTermination: true } }],
      }),
    );
    const instanceId = answer.Instances![0]!.InstanceId!;
    await eventually('the volume to be attached', () => [...lab.hypervisor.attached.values()].includes(instanceId));
    await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
    await eventually(
      'the volume to be gone',
      async () => (await lab.ec2.send(new DescribeVolumesCommand({}))).Volumes!.length === 0,
    );
    assert.equal(lab.hypervisor.volumes.size, 0);
  });

  it('finds volumes by name, status and attachment', async () => {
    const instanceId = await runningInstance();
    const one = await newVolume(zones[0], 'peer-1-ssd');
    const two = await newVolume(zones[1], 'peer-2-ssd');
    await attach(one, instanceId);
    const found = async (Name: string, ...Values: string[]): Promise<string[]> => {
      const answer = await lab.ec2.send(new DescribeVolumesCommand({ Filters: [{ Name, Values }] }));
      return answer.Volumes!.map((each) => each.VolumeId!);
    };
    assert.deepEqual(await found('tag:Name', 'peer-2-ssd'), [two]);
    assert.deepEqual(await found('tag:Name', 'peer-*'), [one, two]);
    assert.deepEqual(await found('status', 'available'), [two]);
    assert.deepEqual(await found('attachment.instance-id', instanceId), [one]);
    assert.deepEqual(await found('availability-zone', zones[1]), [two]);
    assert.deepEqual(await found('volume-id', one), [one]);
  });

  it('deletes a free volume for good', async () => {
    const id = await newVolume();
    await lab.ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
    await eventually(
      'the volume to be gone',
      async () => (await lab.ec2.send(new DescribeVolumesCommand({}))).Volumes!.length === 0,
    );
  });

  it('attaches nothing under the sabotage no-volume', async () => {
    const instanceId = await runningInstance();
    const id = await newVolume();
    lab.sabotage.add('no-volume');
    await assert.rejects(attach(id, instanceId), { name: 'IncorrectState', message: `${id} is not 'available'.` });
    assert.equal((await volume(id)).State, 'available');
    lab.sabotage.delete('no-volume');
    await attach(id, instanceId);
  });

  it('gives the volume back when the machinery cannot attach it', async () => {
    const instanceId = await runningInstance();
    const id = await newVolume();
    lab.hypervisor.failing.add('attachVolume');
    await attach(id, instanceId);
    await inState(id, 'available');
    assert.match(lab.troubles.join(), /could not be attached/);
  });

  it('shows as "error" a volume that could not be made', async () => {
    lab.hypervisor.failing.add('createVolume');
    const made = await lab.ec2.send(new CreateVolumeCommand({ AvailabilityZone: zones[0], Size: 1 }));
    await inState(made.VolumeId!, 'error');
  });
});
