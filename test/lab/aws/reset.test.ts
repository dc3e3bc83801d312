import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { SuspendProcessesCommand, UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import {
  AttachVolumeCommand,
  CreateTagsCommand,
  DeleteVolumeCommand,
  DetachVolumeCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { eventually, startAws, zones, type AwsUnderTest } from './aws-under-test.ts';

describe('lab AWS: reset, snapshot and close', () => {
  let lab: AwsUnderTest;
  let volumeId: string;
  beforeEach(async () => {
    lab = await startAws();
    volumeId = await lab.aws.createVolume({ name: 'peer-1-ssd', zone: zones[0] });
    lab.aws.createGroup({ name: 'peer-1', zones: [zones[0]], userData: 'true', tags: { role: 'peer-1.etcd3' } });
    await attachToMember();
    lab.aws.markWhole();
  });
  afterEach(() => lab.close());

  /** What a machine's own boot does in a real lab. */
  async function attachToMember(): Promise<void> {
    const instance = await eventually('a booted machine', () =>
      lab.aws.status().instances.find((each) => each.booted && each.state === 'running'),
    );
    await eventually('the volume to be free', () => lab.aws.status().volumes[0]!.state === 'available');
    await lab.ec2.send(new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instance.id, Device: '/dev/xvdf' }));
    await eventually('the volume to be attached', () => lab.hypervisor.attached.get(volumeId) === instance.id);
    await eventually('the lab to be whole', () => lab.aws.missing().length === 0);
  }

  it('makes whole again what calls had changed', async () => {
    const [instance] = lab.aws.status().instances;
    await lab.autoScaling.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'peer-1', MinSize: 0, DesiredCapacity: 0 }),
    );
    await lab.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: 'peer-1', ScalingProcesses: [] }));
    await lab.ec2.send(new CreateTagsCommand({ Resources: [volumeId], Tags: [{ Key: 'firedrill:run', Value: 'x' }] }));
    await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance!.id] }));
    await eventually('the instance to be terminated', () => lab.aws.status().instances[0]!.state === 'terminated');
    assert.ok(
      lab.aws.missing().includes('the volume peer-1-ssd (' + volumeId + ') is not attached'),
      lab.aws.missing().join('; '),
    );
    lab.aws.reset();
    await attachToMember();
    const [group] = lab.aws.status().groups;
    assert.deepEqual(group, { name: 'peer-1', desired: 1, inService: 1, suspended: [] });
    assert.ok(!JSON.stringify(lab.aws.snapshot()).includes('firedrill:run'));
    assert.equal(
      lab.aws.status().instances.some((each) => each.id === instance!.id),
      false,
    );
  });

  it('touches nothing before the platform was called whole', async () => {
    const fresh = await startAws();
    try {
      await fresh.aws.createSecurityGroup({ name: 'etcd', description: 'etcd', cidr: '10.200.0.0/16', ports: { from: 2379, to: 2380 } });
      fresh.aws.createGroup({ name: 'peer-1', zones: [zones[0]], userData: 'true', tags: {} });
      const before = JSON.stringify(fresh.aws.snapshot());
      fresh.aws.reset();
      assert.equal(JSON.stringify(fresh.aws.snapshot()), before);
      assert.deepEqual(fresh.aws.missing(), []);
    } finally {
      await fresh.close();
    }
  });

  it('names what a reset cannot bring back', async () => {
    await lab.ec2.send(new DetachVolumeCommand({ VolumeId: volumeId }));
    await eventually('the volume to be free', () => lab.aws.status().volumes[0]!.state === 'available');
    await lab.ec2.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
    lab.aws.reset();
    await eventually('the volume to be gone', () =>
      lab.aws.missing().includes(`the volume peer-1-ssd (${volumeId}) is gone`),
    );
  });

  it('gives the same snapshot while nothing changes, and another one after a change', async () => {
    const before = JSON.stringify(lab.aws.snapshot());
    await wait(100);
    assert.equal(JSON.stringify(lab.aws.snapshot()), before);
    await lab.ec2.send(new CreateTagsCommand({ Resources: [volumeId], Tags: [{ Key: 'a', Value: 'b' }] }));
    assert.notEqual(JSON.stringify(lab.aws.snapshot()), before);
  });

  it('does nothing more once it is closed', async () => {
    const [instance] = lab.aws.status().instances;
    await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance!.id] }));
    lab.aws.close();
    const after = JSON.stringify(lab.aws.snapshot());
    await wait(150);
    assert.equal(JSON.stringify(lab.aws.snapshot()), after);
  });
});
