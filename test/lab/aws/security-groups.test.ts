import assert from 'node:assert/strict';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type Instance,
  type IpPermission,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { eventually, imageId, startAws, type AwsUnderTest } from './aws-under-test.ts';

const everything: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
const etcd: IpPermission = { IpProtocol: 'tcp', FromPort: 2379, ToPort: 2380, IpRanges: [{ CidrIp: '10.200.0.0/16' }] };

describe('lab EC2: security groups', () => {
  let lab: AwsUnderTest;
  beforeEach(async () => void (lab = await startAws()));
  afterEach(() => lab.close());

  const newGroup = async (GroupName: string): Promise<string> => {
    const answer = await lab.ec2.send(
      new CreateSecurityGroupCommand({
        GroupName,
        Description: 'for a test',
        TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'firedrill:run', Value: 'r1' }] }],
      }),
    );
    assert.match(answer.GroupId!, /^sg-[0-9a-f]{17}$/);
    return answer.GroupId!;
  };
  const group = async (id: string): Promise<SecurityGroup> =>
    (await lab.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))).SecurityGroups![0]!;
  const runs = async (): Promise<Instance> => {
    const { Instances } = await lab.ec2.send(new RunInstancesCommand({ ImageId: imageId, MinCount: 1, MaxCount: 1 }));
    await eventually('the machine to run', () => lab.hypervisor.running.has(Instances![0]!.InstanceId!));
    return instance(Instances![0]!.InstanceId!);
  };
  const instance = async (id: string): Promise<Instance> =>
    (await lab.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations![0]!.Instances![0]!;
  const enforced = (id: string) => lab.hypervisor.network().groups.find((each) => each.id === id);

  it('begin with a default one, whose members may talk to each other and to everybody', async () => {
    const { SecurityGroups } = await lab.ec2.send(new DescribeSecurityGroupsCommand({}));
    const [first] = SecurityGroups!;
    assert.equal(SecurityGroups!.length, 1);
    assert.equal(first!.GroupName, 'default');
    assert.deepEqual(first!.IpPermissions!.map((each) => [each.IpProtocol, each.UserIdGroupPairs![0]!.GroupId]), [['-1', first!.GroupId]]);
    assert.deepEqual(first!.IpPermissionsEgress!.map((each) => each.IpRanges), [[{ CidrIp: '0.0.0.0/0' }]]);
    await assert.rejects(lab.ec2.send(new DeleteSecurityGroupCommand({ GroupId: first!.GroupId })), { name: 'CannotDelete' });
    const one = await runs();
    const other = await runs();
    const rules = enforced(first!.GroupId!)!;
    assert.deepEqual(rules.ingress[0]!.peers, [one.PrivateIpAddress, other.PrivateIpAddress], 'its own members');
  });

  it('made anew let nothing in and everything out, and have a name of their own', async () => {
    const id = await newGroup('empty');
    const made = await group(id);
    assert.deepEqual(made.IpPermissions ?? [], []);
    assert.deepEqual(made.IpPermissionsEgress!.map((each) => each.IpProtocol), ['-1']);
    assert.deepEqual(made.Tags, [{ Key: 'firedrill:run', Value: 'r1' }]);
    await assert.rejects(newGroup('empty'), { name: 'InvalidGroup.Duplicate' });
    await lab.ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: id, IpPermissions: [everything] }));
    assert.deepEqual((await group(id)).IpPermissionsEgress ?? [], []);
    await assert.rejects(lab.ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: id, IpPermissions: [everything] })), { name: 'InvalidPermission.NotFound' });
  });

  it('let in what was authorised, once', async () => {
    const id = await newGroup('etcd');
    const answer = await lab.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: id, IpPermissions: [etcd] }));
    const [rule] = answer.SecurityGroupRules!;
    assert.match(rule!.SecurityGroupRuleId!, /^sgr-[0-9a-f]{17}$/);
    assert.deepEqual([rule!.IsEgress, rule!.CidrIpv4, rule!.FromPort, rule!.ToPort], [false, '10.200.0.0/16', 2379, 2380]);
    assert.deepEqual(enforced(id)!.ingress, [{ protocol: 6, peers: ['10.200.0.0/16'], ports: { from: 2379, to: 2380 }, icmp: undefined }]);
    await assert.rejects(lab.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: id, IpPermissions: [etcd] })), {
      name: 'InvalidPermission.Duplicate',
      message: 'the specified rule "peer: 10.200.0.0/16, TCP, from port: 2379, to port: 2380, ALLOW" already exists',
    });
    await lab.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: id, SecurityGroupRuleIds: [rule!.SecurityGroupRuleId!] }));
    assert.deepEqual(enforced(id)!.ingress, []);
  });

  it('are swapped on the interface of an instance, and back', async () => {
    const before = await runs();
    const [card] = before.NetworkInterfaces!;
    const originals = before.SecurityGroups!.map((each) => each.GroupId!);
    assert.deepEqual(before.SecurityGroups!.map((each) => each.GroupName), ['default']);
    const id = await newGroup('isolated');
    const swap = (NetworkInterfaceId: string, Groups: string[]) => lab.ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups }));
    await swap(card!.NetworkInterfaceId!, [id]);
    assert.deepEqual(enforced(id)!.addresses, [before.PrivateIpAddress]);
    assert.deepEqual(enforced(originals[0]!)!.addresses, []);
    assert.deepEqual((await instance(before.InstanceId!)).SecurityGroups, [{ GroupId: id, GroupName: 'isolated' }]);
    const found = await lab.ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'group-id', Values: [id] }] }));
    assert.deepEqual(found.NetworkInterfaces!.map((each) => [each.Attachment?.InstanceId, each.PrivateIpAddress, each.Groups![0]!.GroupId]), [
      [before.InstanceId, before.PrivateIpAddress, id],
    ]);
    await assert.rejects(lab.ec2.send(new DeleteSecurityGroupCommand({ GroupId: id })), { name: 'DependencyViolation', message: `resource ${id} has a dependent object` });
    await lab.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: before.InstanceId, Groups: originals }));
    assert.deepEqual(enforced(originals[0]!)!.addresses, [before.PrivateIpAddress]);
    await lab.ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }));
    await assert.rejects(group(id), { name: 'InvalidGroup.NotFound', message: `The security group '${id}' does not exist` });
    await assert.rejects(swap(card!.NetworkInterfaceId!, [id]), { name: 'InvalidGroup.NotFound' });
    await assert.rejects(swap('eni-00000000000000000', originals), { name: 'InvalidNetworkInterfaceID.NotFound' });
  });

  it('that another group speaks of stay', async () => {
    const clients = await newGroup('clients');
    const servers = await newGroup('servers');
    await lab.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: servers,
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, UserIdGroupPairs: [{ GroupId: clients }] }],
      }),
    );
    await assert.rejects(lab.ec2.send(new DeleteSecurityGroupCommand({ GroupId: clients })), { name: 'DependencyViolation' });
    await lab.ec2.send(new DeleteSecurityGroupCommand({ GroupId: servers }));
    await lab.ec2.send(new DeleteSecurityGroupCommand({ GroupId: clients }));
  });

  it('of an instance that is gone are free', async () => {
    const one = await runs();
    const id = await newGroup('mine');
    await lab.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: one.InstanceId, Groups: [id] }));
    await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [one.InstanceId!] }));
    await eventually('the group to be free', async () => (await instance(one.InstanceId!)).State?.Name === 'terminated');
    await lab.ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }));
    assert.deepEqual((await instance(one.InstanceId!)).NetworkInterfaces ?? [], []);
  });

  it('stay in force under the sabotage groups-stay when they are put back', async () => {
    const one = await runs();
    const originals = one.SecurityGroups!.map((each) => each.GroupId!);
    const id = await newGroup('isolated');
    lab.sabotage.add('groups-stay');
    await lab.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: one.InstanceId, Groups: [id] }));
    await lab.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: one.InstanceId, Groups: originals }));
    assert.deepEqual((await instance(one.InstanceId!)).SecurityGroups!.map((each) => each.GroupId), originals);
    assert.deepEqual(enforced(id)!.addresses, [one.PrivateIpAddress]);
  });
});
