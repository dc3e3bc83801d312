import assert from 'node:assert/strict';
import asgLaunchFailure from '../../../runner/faults/asg-launch-failure.ts';
import asgSuspend from '../../../runner/faults/asg-suspend.ts';
import instanceIsolate from '../../../runner/faults/instance-isolate.ts';
import instanceStop from '../../../runner/faults/instance-stop.ts';
import instanceTerminate from '../../../runner/faults/instance-terminate.ts';
import volumeDetach from '../../../runner/faults/volume-detach.ts';
import zonePartition from '../../../runner/faults/zone-partition.ts';
import zonePowerLoss from '../../../runner/faults/zone-power-loss.ts';
import type { FakeAws } from './fake-aws.ts';
import { underTest } from './fault-under-test.ts';

const zoneB = { select: { role: 'etcd', zone: 'eu-west-1b' } };
const peer2 = { select: { names: ['peer-2'] } };

describe('instance-terminate', () => {
  it('crashes an instance, or ends it in the way that its group knows of', async () => {
    const crash = underTest(instanceTerminate);
    await crash.inject(await crash.plan(peer2));
    assert.deepEqual(crash.aws.changes, ['TerminateInstances i-2']);

    const orderly = underTest(instanceTerminate);
    const plan = await orderly.plan({ ...peer2, how: 'orderly' });
    await orderly.inject(plan);
    assert.match(plan.says, /kill peer-2 \(TerminateInstanceInAutoScalingGroup, not undone: its Auto Scaling Group replaces it/);
    assert.deepEqual(orderly.aws.changes, ['TerminateInstanceInAutoScalingGroup i-2']);
  });

  it('objects to ending in order what has no group', async () => {
    const one = underTest(instanceTerminate);
    one.aws.groups.delete('peer-2');
    assert.match((await one.plan({ ...peer2, how: 'orderly' })).objections.join(), /peer-2 belongs to no Auto Scaling Group/);
    assert.deepEqual((await one.plan(peer2)).objections, []);
  });
});

describe('instance-stop', () => {
  it('says that a group takes a stopped instance for dead, and counts it as lost then', async () => {
    const one = underTest(instanceStop);
    const plan = await one.plan(peer2);
    assert.match(plan.says, /takes a stopped instance for dead and replaces peer-2/);
    assert.equal(plan.targets[0]!.survives, undefined);
    one.aws.groups.delete('peer-2');
    assert.equal((await one.plan(peer2)).targets[0]!.survives, true);
  });

  it('does not start what its group has terminated meanwhile', async () => {
    const one = underTest(instanceStop);
    const plan = await one.plan(peer2);
    await one.inject(plan);
    one.aws.instances.get('i-2')!.state = 'terminated';
    assert.match(await one.undo(plan), /started none; peer-2 was running, or replaced by its group/);
    assert.deepEqual(one.aws.changes, ['CreateTags i-2', 'StopInstances i-2']);
  });
});

describe('instance-isolate', () => {
  it('counts the isolated as taken, though they live', async () => {
    const { targets, says } = await underTest(instanceIsolate).plan(peer2);
    assert.deepEqual(targets.map(({ etcdMember, survives }) => [etcdMember, survives]), [['222', true]]);
    assert.match(says, /connections that are open and tracked stay open/);
  });

  it('leaves groups alone that somebody else set meanwhile', async () => {
    const one = underTest(instanceIsolate);
    const plan = await one.plan(peer2);
    await one.inject(plan);
    one.aws.interfaces.get('eni-2')!.groups = ['sg-other'];
    assert.match(await one.undo(plan), /peer-2 has groups that somebody else gave it \(sg-other\): left as it is; our security group is deleted/);
    assert.deepEqual(one.aws.interfaces.get('eni-2')!.groups, ['sg-other']);
  });

  it('takes only its own group away where somebody else has added one', async () => {
    const one = underTest(instanceIsolate);
    const plan = await one.plan(peer2);
    await one.inject(plan);
    one.aws.interfaces.get('eni-2')!.groups = [...one.aws.interfaces.get('eni-2')!.groups, 'sg-other'];
    assert.match(await one.undo(plan), /keeps what somebody else gave it \(sg-other\)/);
    assert.deepEqual(one.aws.interfaces.get('eni-2')!.groups, ['sg-other']);
  });
});

describe('zone-power-loss', () => {
  it('suspends launches before it kills', async () => {
    const one = underTest(zonePowerLoss);
    await one.inject(await one.plan(zoneB));
    assert.deepEqual(one.aws.changes, [
      'CreateOrUpdateTags peer-4 peer-5 peer-6',
      'SuspendProcesses peer-4',
      'SuspendProcesses peer-5',
      'SuspendProcesses peer-6',
      'TerminateInstances i-4 i-5 i-6',
    ]);
  });

  it('leaves a group suspended that was so before', async () => {
    const one = underTest(zonePowerLoss);
    one.aws.groups.get('peer-5')!.suspended = ['Launch', 'AZRebalance'];
    const plan = await one.plan(zoneB);
    await one.inject(plan);
    assert.match(await one.undo(plan), /1 had it suspended before and were left as they were/);
    assert.deepEqual([...one.aws.groups.values()].flatMap(({ suspended }) => suspended), ['Launch', 'AZRebalance']);
  });

  it('keeps groups of the zone from launching that have no instance just now', async () => {
    const one = underTest(zonePowerLoss);
    one.aws.instances.get('i-4')!.state = 'terminated';
    const { undo, targets } = await one.plan(zoneB);
    assert.deepEqual(targets.map(({ name }) => name), ['peer-5', 'peer-6']);
    assert.match(JSON.stringify(undo), /peer-4/);
  });

  it('objects to groups of several zones, to data that would die, and asks for a zone', async () => {
    const one = underTest(zonePowerLoss);
    one.aws.groups.get('peer-4')!.zones = ['eu-west-1a', 'eu-west-1b'];
    one.aws.instances.get('i-5')!.volumes = [{ id: 'vol-5', device: '/dev/xvdf', deleteOnTermination: true }];
    const { objections } = await one.plan(zoneB);
    assert.match(objections.join('\n'), /peer-4 spans eu-west-1a, eu-west-1b/);
    assert.match(objections.join('\n'), /vol-5 .* has DeleteOnTermination: true/);
    await assert.rejects(one.plan({ select: { role: 'etcd' } }), /say which zone loses its power, with select.zone/);
  });
});

describe('zone-partition', () => {
  it('denies the other zones in both directions and allows the rest', async () => {
    const one = underTest(zonePartition);
    const plan = await one.plan(zoneB);
    await one.inject(plan);
    assert.deepEqual(one.aws.changes, [
      'CreateNetworkAcl',
      'CreateNetworkAclEntry out 100 deny 10.200.0.0/24 protocol -1',
      'CreateNetworkAclEntry out 101 deny 10.200.2.0/24 protocol -1',
      'CreateNetworkAclEntry out 1000 allow 0.0.0.0/0 protocol -1',
      'CreateNetworkAclEntry in 100 deny 10.200.0.0/24 protocol -1',
      'CreateNetworkAclEntry in 101 deny 10.200.2.0/24 protocol -1',
      'CreateNetworkAclEntry in 1000 allow 0.0.0.0/0 protocol -1',
      'ReplaceNetworkAclAssociation aclassoc-subnet-b',
    ]);
    assert.deepEqual(plan.targets.map(({ name, survives }) => [name, survives]), [['peer-4', true], ['peer-5', true], ['peer-6', true]]);
  });

  it('finds the zone of the leader, with all that stands there', async () => {
    const { targets, says } = await underTest(zonePartition).plan({ select: { role: 'etcd', leader: true } });
    assert.deepEqual(targets.map(({ name }) => name), ['peer-1', 'peer-2', 'peer-3']);
    assert.match(says, /cut eu-west-1a off/);
    await assert.rejects(underTest(zonePartition).plan({ select: { role: 'etcd' } }), /say which zone is cut off/);
  });

  it('names those who share the subnet, and counts them as hit', async () => {
    const one = underTest(zonePartition);
    const { bystanders, targets } = await one.plan({ select: { names: ['peer-4'], zone: 'eu-west-1b' } });
    assert.deepEqual(bystanders?.map(({ name }) => name), ['peer-5', 'peer-6']);
    assert.equal(targets.length, 3);
  });

  it('tells of an edit of our ACL, and puts the subnet back all the same', async () => {
    const one = underTest(zonePartition);
    const plan = await one.plan(zoneB);
    await one.inject(plan);
    ourAcl(one.aws).rules.push('in 50 allow 0.0.0.0/0 protocol -1');
    assert.match(await one.undo(plan), /somebody has edited the network ACL .*: in 50 allow.*subnet-b has acl-main back; our network ACL is deleted/);
    assert.deepEqual(one.aws.acls.get('acl-main')!.subnets, ['subnet-a', 'subnet-b', 'subnet-c']);
  });

  it('leaves a subnet under the ACL that somebody else chose', async () => {
    const one = underTest(zonePartition);
    one.aws.acls.set('acl-theirs', { id: 'acl-theirs', vpc: 'vpc-1', tags: {}, rules: [], subnets: [] });
    const plan = await one.plan(zoneB);
    await one.inject(plan);
    ourAcl(one.aws).subnets = [];
    one.aws.acls.get('acl-theirs')!.subnets = ['subnet-b'];
    assert.match(await one.undo(plan), /subnet-b was put under acl-theirs by somebody else: left as it is; our network ACL is deleted/);
    assert.deepEqual(one.aws.acls.get('acl-theirs')!.subnets, ['subnet-b']);
  });

  it('says what a human must do when our ACL lost its tags', async () => {
    const one = underTest(zonePartition);
    const plan = await one.plan(zoneB);
    await one.inject(plan);
    const acl = ourAcl(one.aws);
    acl.tags = {};
    await assert.rejects(one.undo(plan), /aws ec2 replace-network-acl-association --association-id aclassoc-subnet-b --network-acl-id acl-main/);
    assert.deepEqual(acl.subnets, ['subnet-b']);
  });

  it('does not delete our ACL while somebody has another subnet under it', async () => {
    const one = underTest(zonePartition);
    const plan = await one.plan(zoneB);
    await one.inject(plan);
    one.aws.acls.get('acl-main')!.subnets = ['subnet-a'];
    ourAcl(one.aws).subnets.push('subnet-c');
    await assert.rejects(one.undo(plan), /somebody has put subnet-c under our network ACL/);
    assert.deepEqual(one.aws.acls.get('acl-main')!.subnets, ['subnet-a', 'subnet-b']);
  });

  it('breaks nothing when the subnet has got another ACL since the plan', async () => {
    const one = underTest(zonePartition);
    const plan = await one.plan(zoneB);
    one.aws.acls.get('acl-main')!.subnets = ['subnet-a', 'subnet-c'];
    one.aws.acls.set('acl-theirs', { id: 'acl-theirs', vpc: 'vpc-1', tags: {}, rules: [], subnets: ['subnet-b'] });
    await assert.rejects(one.inject(plan), /subnet subnet-b has another network ACL \(acl-theirs\) than when this was planned \(acl-main\)/);
    assert.deepEqual(one.aws.acls.get('acl-theirs')!.subnets, ['subnet-b']);
  });
});

describe('volume-detach', () => {
  it('leaves a volume where something else has attached it', async () => {
    const one = underTest(volumeDetach);
    const plan = await one.plan(peer2);
    await one.inject(plan);
    one.aws.volumes.get('vol-2')!.attachment = { instanceId: 'i-9', state: 'attached', device: '/dev/xvdf' };
    assert.match(await one.undo(plan), /vol-2 is attached to i-9 by now: left there/);
    assert.ok(!one.aws.changes.includes('AttachVolume vol-2'));
  });

  it('leaves a volume to the replacement of its instance', async () => {
    const one = underTest(volumeDetach);
    const plan = await one.plan(peer2);
    await one.inject(plan);
    one.aws.instances.get('i-2')!.state = 'terminated';
    assert.match(await one.undo(plan), /peer-2 \(i-2\) is gone, and its replacement attaches it/);
    assert.ok(!one.aws.changes.includes('AttachVolume vol-2'));
  });

  it('takes only data volumes', async () => {
    const one = underTest(volumeDetach);
    one.aws.instances.get('i-2')!.volumes = [{ id: 'vol-root', device: '/dev/xvda', deleteOnTermination: true }];
    await assert.rejects(one.plan(peer2), /matches no running instance with a data volume/);
  });
});

describe('asg-suspend', () => {
  it('takes no instance', async () => {
    const plan = await underTest(asgSuspend).plan(peer2);
    assert.deepEqual(plan.targets, []);
    assert.deepEqual(plan.groups, ['peer-2']);
    assert.match(plan.says, /suspend Launch of peer-2/);
  });

  it('leaves what somebody else has resumed', async () => {
    const one = underTest(asgSuspend);
    const plan = await one.plan(peer2);
    await one.inject(plan);
    one.aws.groups.get('peer-2')!.suspended = [];
    await one.undo(plan);
    assert.ok(!one.aws.changes.includes('ResumeProcesses peer-2'));
  });

  it('objects to a group that another run has marked', async () => {
    const one = underTest(asgSuspend);
    await one.inject(await one.plan(peer2));
    assert.match((await one.plan(peer2)).objections.join(), /group peer-2 carries the tags of run run-1; put that back first: firedrill recover run-1/);
  });
});

describe('asg-launch-failure', () => {
  it('leaves a launch template that somebody else has set', async () => {
    const one = underTest(asgLaunchFailure);
    const plan = await one.plan(peer2);
    await one.inject(plan);
    one.aws.groups.get('peer-2')!.launchTemplate = { id: 'lt-theirs', version: '3' };
    assert.match(await one.undo(plan), /peer-2 was given lt-theirs by somebody else: left as it is; our launch template is deleted/);
    assert.deepEqual(one.aws.groups.get('peer-2')!.launchTemplate, { id: 'lt-theirs', version: '3' });
  });

  it('objects to a group without a launch template', async () => {
    const one = underTest(asgLaunchFailure);
    one.aws.groups.get('peer-2')!.launchTemplate = undefined;
    assert.match((await one.plan(peer2)).objections.join(), /peer-2 launches from no launch template of its own/);
  });
});

function ourAcl(aws: FakeAws) {
  return [...aws.acls.values()].find(({ tags }) => tags['firedrill:run'] === 'run-1')!;
}
