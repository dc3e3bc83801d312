import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { labNormalForm, labStatus, type LabStatus } from '../../lab/index.ts';
import { zones } from '../../lab/names.ts';
import { expectExit } from '../e2e/firedrill.ts';
import { addressesOf, canConnect, connect, harnessOf, machineAt, type Place, type Wire } from '../e2e/lab-wires.ts';
import { sharedLab } from '../e2e/shared-lab.ts';
import { expectInside } from '../e2e/inside-lab.ts';

const longMs = 60_000;
const dns = '10.200.0.2';
const metadata = '169.254.169.254';
const awsAddress = '10.200.0.3';
const nameOf = (peer: string): string => `${peer}.etcd3.eu-west-1.i.lab.example.com`;

describe("the lab's network and disks, as AWS changes them", () => {
  let lab: string;
  let status: LabStatus;
  beforeEach(async () => {
    lab = await sharedLab();
    status = await labStatus(lab);
  });

  const aws = async (...args: string[]): Promise<string> =>
    (await expectInside(lab, 'aws', ...args, '--output', 'text')).stdout.trim();
  const addressOf = (name: string): string => status.members.find((each) => each.name === name)!.address!;
  const instanceOf = (name: string): string => status.members.find((each) => each.name === name)!.instanceId!;
  const machine = (name: string): Place => machineAt(lab, addressOf(name));
  const until = async (what: string, holds: (now: LabStatus) => boolean): Promise<LabStatus> => {
    const deadline = Date.now() + longMs;
    for (;;) {
      const now = await labStatus(lab);
      if (holds(now)) return now;
      assert.ok(Date.now() < deadline, `not within ${longMs} ms: ${what}; last seen: ${JSON.stringify(now.members)}`);
      await wait(100);
    }
  };
  const open = async (from: Place, address: string): Promise<Wire> => {
    const wire = await connect(from, address);
    assert.ok(wire, `a connection to ${address}`);
    assert.equal(await wire.answers(), true, `${address} answers`);
    return wire;
  };

  it('a network ACL cuts a zone off in both directions, live connections too, and lets it in again when it is put back', async () => {
    const subnet = await aws('ec2', 'describe-subnets', '--filters', 'Name=availability-zone,Values=eu-west-1b', '--query', 'Subnets[0].SubnetId');
    const [original, association, vpc] = (
      await aws('ec2', 'describe-network-acls', '--filters', `Name=association.subnet-id,Values=${subnet}`, '--query',
        `NetworkAcls[0].[NetworkAclId, Associations[?SubnetId=='${subnet}'].NetworkAclAssociationId | [0], VpcId]`)
    ).split(/\s+/);
    const acl = await aws('ec2', 'create-network-acl', '--vpc-id', vpc!, '--query', 'NetworkAcl.NetworkAclId');
    const harness = harnessOf(lab);
    const [a, b, c] = [machine('peer-1'), machine('peer-4'), machine('peer-7')];
    const wires = {
      'from a to b': await open(a, addressOf('peer-4')),
      'from b to a': await open(b, addressOf('peer-1')),
      'from b to c': await open(b, addressOf('peer-7')),
      'from the harness to b': await open(harness, addressOf('peer-4')),
      'within b': await open(b, addressOf('peer-5')),
      'from a to c': await open(a, addressOf('peer-7')),
    };
    const swapped = await aws('ec2', 'replace-network-acl-association', '--association-id', association!, '--network-acl-id', acl, '--query', 'NewAssociationId');

    const live = Object.fromEntries(await Promise.all(Object.entries(wires).map(async ([name, wire]) => [name, await wire.answers()] as const)));
    assert.deepEqual(live, {
      'from a to b': false,
      'from b to a': false,
      'from b to c': false,
      'from the harness to b': false,
      'within b': true,
      'from a to c': true,
    });
    const fresh = async (): Promise<Record<string, boolean>> => ({
      'from a to b': await canConnect(a, addressOf('peer-4')),
      'from b to c': await canConnect(b, addressOf('peer-7')),
      'from c to b': await canConnect(c, addressOf('peer-5')),
      'from the harness to b': await canConnect(harness, addressOf('peer-4')),
      'from b to AWS': await canConnect(b, awsAddress, 80),
      'from b to its metadata': await canConnect(b, metadata, 80),
      'within b': await canConnect(b, addressOf('peer-6')),
    });
    const cut = { 'from a to b': false, 'from b to c': false, 'from c to b': false, 'from the harness to b': false, 'from b to AWS': false };
    const spared = { 'from b to its metadata': true, 'within b': true };
    assert.deepEqual(await fresh(), { ...cut, ...spared });
    assert.deepEqual(await addressesOf(b, nameOf('peer-1'), dns), [addressOf('peer-1')], "Amazon's DNS is not filtered");

    await aws('ec2', 'replace-network-acl-association', '--association-id', swapped, '--network-acl-id', original!);
    assert.ok(Object.values(await fresh()).every(Boolean));
    await aws('ec2', 'delete-network-acl', '--network-acl-id', acl);
    await until('the lab is whole again, without a reset', (now) => now.whole);
    for (const wire of Object.values(wires)) wire.cut();
  });

  it('an empty security group leaves open connections alone and refuses new ones, in and out, within the subnet too', async () => {
    const [card, original] = (
      await aws('ec2', 'describe-network-interfaces', '--filters', `Name=attachment.instance-id,Values=${instanceOf('peer-6')}`, '--query',
        'NetworkInterfaces[0].[NetworkInterfaceId, Groups[0].GroupId]')
    ).split(/\s+/);
    const group = await aws('ec2', 'create-security-group', '--group-name', 'isolated', '--description', 'lets nothing through', '--query', 'GroupId');
    await aws('ec2', 'revoke-security-group-egress', '--group-id', group, '--ip-permissions', 'IpProtocol=-1,IpRanges=[{CidrIp=0.0.0.0/0}]');
    const harness = harnessOf(lab);
    const [six, neighbour] = [machine('peer-6'), machine('peer-5')];
    const wires = [await open(harness, addressOf('peer-6')), await open(neighbour, addressOf('peer-6')), await open(six, addressOf('peer-1'))];
    await aws('ec2', 'modify-network-interface-attribute', '--network-interface-id', card!, '--groups', group);
    assert.deepEqual(await Promise.all(wires.map((wire) => wire.answers())), [true, true, true], 'tracked connections go on');
    const fresh = (): Promise<boolean[]> =>
      Promise.all([
        canConnect(harness, addressOf('peer-6')),
        canConnect(neighbour, addressOf('peer-6')),
        canConnect(six, addressOf('peer-1')),
        canConnect(six, metadata, 80),
      ]);
    assert.deepEqual(await fresh(), [false, false, false, true]);
    await aws('ec2', 'modify-network-interface-attribute', '--network-interface-id', card!, '--groups', original!);
    assert.deepEqual(await fresh(), [true, true, true, true]);
    await aws('ec2', 'delete-security-group', '--group-id', group);
    for (const wire of wires) wire.cut();
  });

  it('a disk that is pulled out takes its member down, and brings it back when it is plugged in again', async () => {
    const instance = instanceOf('peer-2');
    const volume = await aws('ec2', 'describe-volumes', '--filters', `Name=attachment.instance-id,Values=${instance}`, '--query', 'Volumes[0].VolumeId');
    await aws('ec2', 'detach-volume', '--volume-id', volume, '--force');
    await until('peer-2 is down', (now) => !now.members.find((each) => each.name === 'peer-2')!.healthy);
    assert.match((await expectExit(0, 'lab', 'logs', 'peer-2', '--lab', lab)).stdout, /kernel: \/dev\/xvdf is gone; etcd had files of it open: bus error/);
    while ((await aws('ec2', 'describe-volumes', '--volume-ids', volume, '--query', 'Volumes[0].State')) !== 'available') await wait(100);
    await aws('ec2', 'attach-volume', '--volume-id', volume, '--instance-id', instance, '--device', '/dev/xvdf');
    const after = await until('the lab is whole again', (now) => now.whole);
    assert.equal(after.members.find((each) => each.name === 'peer-2')!.instanceId, instance, 'on the same machine');
    assert.match((await expectExit(0, 'lab', 'logs', 'peer-2', '--lab', lab)).stdout, /service: \/dev\/xvdf is mounted at \/var\/lib\/etcd again/);
  });

  it('the router of a zone keeps its hardware address, whatever machines come and go', async () => {
    for (const { bridge, routerMac } of zones) {
      const { stdout } = await expectInside(lab, 'ip', '-o', 'link', 'show', 'dev', bridge);
      assert.match(stdout, new RegExp(`link/ether ${routerMac} `));
    }
  });

  it('an instance that is stopped and started is the same one, with its address and its data', async () => {
    const instance = instanceOf('peer-3');
    await aws('autoscaling', 'suspend-processes', '--auto-scaling-group-name', nameOf('peer-3'), '--scaling-processes', 'HealthCheck', 'ReplaceUnhealthy');
    await aws('ec2', 'stop-instances', '--instance-ids', instance);
    await aws('ec2', 'wait', 'instance-stopped', '--instance-ids', instance);
    assert.equal((await labStatus(lab)).members.find((each) => each.name === 'peer-3')!.healthy, false);
    await aws('ec2', 'start-instances', '--instance-ids', instance);
    const after = await until('the lab is whole again', (now) => now.whole);
    const back = after.members.find((each) => each.name === 'peer-3')!;
    assert.deepEqual([back.instanceId, back.address], [instance, addressOf('peer-3')]);
    await aws('autoscaling', 'resume-processes', '--auto-scaling-group-name', nameOf('peer-3'));
  });

  it('looks the same in its normal form once a lost instance was replaced', async () => {
    const before = await labNormalForm(lab);
    const old = instanceOf('peer-8');
    await aws('ec2', 'terminate-instances', '--instance-ids', old);
    await until('peer-8 is gone', (now) => now.members.find((each) => each.name === 'peer-8')!.instanceId !== old);
    assert.notDeepEqual(await labNormalForm(lab), before);
    await until('the lab is whole again', (now) => now.whole);
    assert.deepEqual(await labNormalForm(lab), before);
  });

  it('is brought back to whole by a reset from anything that was done to it', async () => {
    const before = await labNormalForm(lab);
    const vpc = await aws('ec2', 'describe-vpcs', '--query', 'Vpcs[0].VpcId');
    const acl = await aws('ec2', 'create-network-acl', '--vpc-id', vpc, '--query', 'NetworkAcl.NetworkAclId');
    const association = await aws('ec2', 'describe-network-acls', '--filters', 'Name=default,Values=true', '--query', 'NetworkAcls[0].Associations[2].NetworkAclAssociationId');
    await aws('ec2', 'replace-network-acl-association', '--association-id', association, '--network-acl-id', acl);
    const group = await aws('ec2', 'create-security-group', '--group-name', 'nothing', '--description', 'nothing', '--query', 'GroupId');
    await aws('ec2', 'modify-instance-attribute', '--instance-id', instanceOf('peer-4'), '--groups', group);
    const volume = await aws('ec2', 'describe-volumes', '--filters', `Name=attachment.instance-id,Values=${instanceOf('peer-5')}`, '--query', 'Volumes[0].VolumeId');
    await aws('ec2', 'detach-volume', '--volume-id', volume, '--force');
    await aws('autoscaling', 'suspend-processes', '--auto-scaling-group-name', nameOf('peer-6'));
    await aws('ec2', 'stop-instances', '--instance-ids', instanceOf('peer-6'));
    assert.notDeepEqual(await labNormalForm(lab), before);
    await expectExit(0, 'lab', 'reset', '--lab', lab);
    assert.equal((await labStatus(lab)).whole, true);
    assert.deepEqual(await labNormalForm(lab), before);
  });

  it('tells how a sabotage with a number is written', async () => {
    const { stdout } = await expectExit(0, 'lab', 'sabotage', 'api-throttled:40', 'on', '--lab', lab);
    assert.match(stdout, /^on {3}api-throttled/m);
    assert.match((await expectExit(2, 'lab', 'sabotage', 'api-down', 'on', '--lab', lab)).stderr, /needs a number of seconds from 1 to 3600, as in api-down:10/);
    assert.match((await expectExit(0, 'lab', 'sabotage', 'api-throttled', 'off', '--lab', lab)).stdout, /^off {2}api-throttled/m);
  });
});
