import assert from 'node:assert/strict';
import {
  AssignPrivateIpAddressesCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  UnassignPrivateIpAddressesCommand,
  type Instance,
} from '@aws-sdk/client-ec2';
import { eventually, imageId, startAws, type AwsUnderTest } from './aws-under-test.ts';

describe('lab EC2: secondary addresses of an interface', () => {
  let lab: AwsUnderTest;
  beforeEach(async () => void (lab = await startAws()));
  afterEach(() => lab.close());

  const instance = async (id: string): Promise<Instance> =>
    (await lab.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations![0]!.Instances![0]!;
  const runs = async (): Promise<{ id: string; eni: string; address: string }> => {
    const input = { ImageId: imageId, InstanceType: 't3.medium', MinCount: 1, MaxCount: 1 } as const;
    const { Instances } = await lab.ec2.send(new RunInstancesCommand(input));
    const { InstanceId: id, NetworkInterfaces: enis, PrivateIpAddress: address } = Instances![0]!;
    await eventually('the machine to run', () => lab.hypervisor.running.has(id!));
    return { id: id!, eni: enis![0]!.NetworkInterfaceId!, address: address! };
  };
  const assign = async (eni: string, count: number): Promise<string[]> => {
    const answer = await lab.ec2.send(
      new AssignPrivateIpAddressesCommand({ NetworkInterfaceId: eni, SecondaryPrivateIpAddressCount: count }),
    );
    assert.equal(answer.NetworkInterfaceId, eni);
    return answer.AssignedPrivateIpAddresses!.map((each) => each.PrivateIpAddress!);
  };
  const shown = async (eni: string): Promise<[string, boolean][]> => {
    const { NetworkInterfaces } = await lab.ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [eni] }));
    return NetworkInterfaces![0]!.PrivateIpAddresses!.map((each) => [each.PrivateIpAddress!, each.Primary!]);
  };

  it('are chosen from the subnet, shown beside the primary one, guarded as it is and routed to the machine', async () => {
    const { id, eni, address } = await runs();
    const { Subnets } = await lab.ec2.send(new DescribeSubnetsCommand({}));
    const free = Subnets!.find((each) => each.SubnetId)!.AvailableIpAddressCount!;
    const assigned = await assign(eni, 2);
    assert.equal(new Set([...assigned, address]).size, 3);
    assert.deepEqual(await shown(eni), [[address, true], ...assigned.map((each) => [each, false])]);
    assert.deepEqual((await instance(id)).NetworkInterfaces![0]!.PrivateIpAddresses!.length, 3);
    assert.deepEqual(lab.hypervisor.routed.get(id), assigned);
    const rules = lab.hypervisor.network();
    assert.deepEqual(rules.guarded, [address, ...assigned]);
    assert.deepEqual(rules.groups[0]!.addresses, [address, ...assigned]);
    const after = (await lab.ec2.send(new DescribeSubnetsCommand({}))).Subnets!.find((each) => each.SubnetId === Subnets![0]!.SubnetId)!;
    assert.equal(after.AvailableIpAddressCount, free - 2);
    const filter = { Name: 'addresses.private-ip-address', Values: [assigned[1]!] };
    const found = await lab.ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [filter] }));
    assert.deepEqual(found.NetworkInterfaces!.map((each) => each.NetworkInterfaceId), [eni]);
  });

  it('can be asked for by name, and no address is had twice', async () => {
    const one = await runs();
    const other = await runs();
    const ask = (eni: string, AllowReassignment = false) =>
      lab.ec2.send(new AssignPrivateIpAddressesCommand({ NetworkInterfaceId: eni, PrivateIpAddresses: ['10.200.1.77'], AllowReassignment }));
    await ask(one.eni);
    await ask(one.eni);
    assert.deepEqual(await shown(one.eni), [[one.address, true], ['10.200.1.77', false]]);
    await assert.rejects(ask(other.eni), { name: 'InvalidIPAddress.InUse' });
    await ask(other.eni, true);
    assert.deepEqual(lab.hypervisor.routed.get(one.id), []);
    assert.deepEqual(lab.hypervisor.routed.get(other.id), ['10.200.1.77']);
    assert.deepEqual(await shown(one.eni), [[one.address, true]]);
  });

  it('go back to the subnet when they are unassigned', async () => {
    const { id, eni, address } = await runs();
    const [first, second] = await assign(eni, 2);
    await lab.ec2.send(new UnassignPrivateIpAddressesCommand({ NetworkInterfaceId: eni, PrivateIpAddresses: [first!] }));
    assert.deepEqual(await shown(eni), [[address, true], [second, false]]);
    assert.deepEqual(lab.hypervisor.routed.get(id), [second]);
    assert.deepEqual(lab.hypervisor.network().guarded, [address, second]);
  });

  it('are refused past the limit of the instance type, all or none', async () => {
    const { eni, address } = await runs();
    await assert.rejects(assign(eni, 6), { name: 'PrivateIpAddressLimitExceeded', message: 'Number of private addresses will exceed limit.' });
    assert.deepEqual(await shown(eni), [[address, true]]);
    assert.equal((await assign(eni, 5)).length, 5);
  });

  it('need an interface that is there and addresses that it has', async () => {
    const { eni, address } = await runs();
    const unassign = (NetworkInterfaceId: string, ...PrivateIpAddresses: string[]) =>
      lab.ec2.send(new UnassignPrivateIpAddressesCommand({ NetworkInterfaceId, PrivateIpAddresses }));
    await assert.rejects(assign('eni-0123456789abcdef0', 1), { name: 'InvalidNetworkInterfaceID.NotFound' });
    await assert.rejects(unassign('eni-xyz', '10.200.1.9'), { name: 'InvalidNetworkInterfaceID.Malformed' });
    await assert.rejects(unassign(eni, '10.200.1.99'), { name: 'InvalidParameterValue' });
    await assert.rejects(unassign(eni, address), { name: 'InvalidParameterValue' });
    await assert.rejects(lab.ec2.send(new AssignPrivateIpAddressesCommand({ NetworkInterfaceId: eni })), { name: 'MissingParameter' });
  });

  it('outlive a stop, and vanish with the instance', async () => {
    const { id, eni } = await runs();
    const assigned = await assign(eni, 1);
    await lab.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    await eventually('the machine to be stopped', async () => (await instance(id)).State!.Name === 'stopped');
    assert.equal(lab.hypervisor.routed.get(id), undefined);
    await lab.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
    await eventually('its addresses to be routed again', () => lab.hypervisor.routed.get(id)?.[0] === assigned[0]);
    await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await eventually('the instance to be gone', async () => (await instance(id)).State!.Name === 'terminated');
    await eventually('nobody to be guarded', () => lab.hypervisor.network().guarded.length === 0);
    const next = await runs();
    const reused = await lab.ec2.send(new AssignPrivateIpAddressesCommand({ NetworkInterfaceId: next.eni, PrivateIpAddresses: assigned }));
    assert.equal(reused.AssignedPrivateIpAddresses!.length, 1);
  });
});
