import assert from 'node:assert/strict';
import {
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateTagsCommand,
  DeleteNetworkAclCommand,
  DeleteNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  ReplaceNetworkAclAssociationCommand,
  ReplaceNetworkAclEntryCommand,
  type DescribeNetworkAclsCommandInput,
  type NetworkAcl,
} from '@aws-sdk/client-ec2';
import { startAws, zones, type AwsUnderTest } from './aws-under-test.ts';

describe('lab EC2: network ACLs', () => {
  let lab: AwsUnderTest;
  let vpcId: string;
  let subnets: string[];
  beforeEach(async () => {
    lab = await startAws();
    vpcId = (await lab.ec2.send(new DescribeVpcsCommand({}))).Vpcs![0]!.VpcId!;
    subnets = (await lab.ec2.send(new DescribeSubnetsCommand({}))).Subnets!.map((each) => each.SubnetId!);
  });
  afterEach(() => lab.close());

  const acls = async (input: DescribeNetworkAclsCommandInput = {}): Promise<NetworkAcl[]> =>
    (await lab.ec2.send(new DescribeNetworkAclsCommand(input))).NetworkAcls!;
  const filtered = (Name: string, ...Values: string[]): Promise<NetworkAcl[]> => acls({ Filters: [{ Name, Values }] });
  const aclOf = async (subnetId: string): Promise<{ acl: NetworkAcl; association: string }> => {
    const [acl] = await filtered('association.subnet-id', subnetId);
    const association = acl!.Associations!.find((each) => each.SubnetId === subnetId)!.NetworkAclAssociationId!;
    return { acl: acl!, association };
  };
  const newAcl = async (): Promise<string> => {
    const answer = await lab.ec2.send(
      new CreateNetworkAclCommand({
        VpcId: vpcId,
        TagSpecifications: [{ ResourceType: 'network-acl', Tags: [{ Key: 'firedrill:run', Value: 'r1' }] }],
      }),
    );
    return answer.NetworkAcl!.NetworkAclId!;
  };
  const swap = async (AssociationId: string, NetworkAclId: string): Promise<string> =>
    (await lab.ec2.send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }))).NewAssociationId!;
  const entry = { RuleNumber: 100, Protocol: '6', RuleAction: 'allow', Egress: false, CidrBlock: '10.200.2.0/24', PortRange: { From: 2379, To: 2380 } } as const;
  const border = (zone: string) => lab.hypervisor.network().borders.find((each) => each.zone === zone)!;

  it('begin with one that lets everything through, on all subnets', async () => {
    const [acl, ...others] = await acls();
    assert.deepEqual(others, []);
    assert.match(acl!.NetworkAclId!, /^acl-[0-9a-f]{17}$/);
    assert.equal(acl!.IsDefault, true);
    assert.equal(acl!.VpcId, vpcId);
    assert.deepEqual(new Set(acl!.Associations!.map((each) => each.SubnetId)), new Set(subnets));
    assert.deepEqual(
      acl!.Entries!.map((each) => [each.Egress, each.RuleNumber, each.RuleAction, each.Protocol, each.CidrBlock]),
      [
        [true, 100, 'allow', '-1', '0.0.0.0/0'],
        [true, 32767, 'deny', '-1', '0.0.0.0/0'],
        [false, 100, 'allow', '-1', '0.0.0.0/0'],
        [false, 32767, 'deny', '-1', '0.0.0.0/0'],
      ],
    );
  });

  it('made anew deny everything, and are found by tag, by VPC and by not being the default', async () => {
    const id = await newAcl();
    const [made] = await filtered('tag:firedrill:run', 'r1');
    assert.equal(made!.NetworkAclId, id);
    assert.deepEqual(made!.Entries!.map((each) => [each.RuleNumber, each.RuleAction]), [[32767, 'deny'], [32767, 'deny']]);
    assert.deepEqual(made!.Associations ?? [], []);
    assert.deepEqual((await filtered('default', 'false')).map((each) => each.NetworkAclId), [id]);
    assert.equal((await filtered('vpc-id', vpcId)).length, 2);
    await lab.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'more', Value: 'yes' }] }));
    assert.equal((await filtered('tag:more', 'yes')).length, 1);
  });

  it('are swapped with a new association id each time, and packets follow at once', async () => {
    const id = await newAcl();
    const { acl: original, association } = await aclOf(subnets[1]!);
    assert.deepEqual(border(zones[1]).ingress.map((rule) => rule.allow), [true]);
    const swapped = await swap(association, id);
    assert.notEqual(swapped, association);
    assert.deepEqual([border(zones[1]).ingress, border(zones[1]).egress], [[], []]);
    assert.equal(border(zones[0]).ingress.length, 1, 'the other zones keep theirs');
    assert.equal((await aclOf(subnets[1]!)).association, swapped);
    await assert.rejects(swap(association, id), { name: 'InvalidAssociationID.NotFound', message: `The association ID '${association}' does not exist` });
    const back = await swap(swapped, original.NetworkAclId!);
    assert.ok(![association, swapped].includes(back));
    assert.equal((await aclOf(subnets[1]!)).acl.NetworkAclId, original.NetworkAclId);
    assert.deepEqual(border(zones[1]).ingress.map((rule) => rule.allow), [true]);
  });

  it('can be deleted when no subnet has them, the default one never', async () => {
    const id = await newAcl();
    const { acl, association } = await aclOf(subnets[0]!);
    const swapped = await swap(association, id);
    const remove = (NetworkAclId: string) => lab.ec2.send(new DeleteNetworkAclCommand({ NetworkAclId }));
    await assert.rejects(remove(id), { name: 'DependencyViolation', message: `The networkAcl '${id}' has dependencies and cannot be deleted.` });
    await swap(swapped, acl.NetworkAclId!);
    await remove(id);
    await assert.rejects(remove(id), { name: 'InvalidNetworkAclID.NotFound', message: `The networkAcl ID '${id}' does not exist` });
    await assert.rejects(remove(acl.NetworkAclId!), { name: 'InvalidParameterValue' });
  });

  it('have rules in the order of their numbers, which can be added, replaced and deleted', async () => {
    const NetworkAclId = await newAcl();
    const { association } = await aclOf(subnets[2]!);
    await swap(association, NetworkAclId);
    await lab.ec2.send(new CreateNetworkAclEntryCommand({ NetworkAclId, ...entry, RuleNumber: 200, RuleAction: 'deny' }));
    await lab.ec2.send(new CreateNetworkAclEntryCommand({ NetworkAclId, ...entry }));
    const rule = { protocol: 6, peers: ['10.200.2.0/24'], ports: { from: 2379, to: 2380 }, icmp: undefined };
    assert.deepEqual(border(zones[2]).ingress, [{ ...rule, allow: true }, { ...rule, allow: false }]);
    await assert.rejects(lab.ec2.send(new CreateNetworkAclEntryCommand({ NetworkAclId, ...entry })), {
      name: 'NetworkAclEntryAlreadyExists',
      message: 'The network acl entry identified by 100 already exists.',
    });
    await lab.ec2.send(new ReplaceNetworkAclEntryCommand({ NetworkAclId, ...entry, Protocol: '-1', PortRange: undefined, CidrBlock: '0.0.0.0/0' }));
    await lab.ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, RuleNumber: 200, Egress: false }));
    assert.deepEqual(border(zones[2]).ingress, [{ protocol: undefined, peers: ['0.0.0.0/0'], ports: undefined, icmp: undefined, allow: true }]);
    const [acl] = await acls({ NetworkAclIds: [NetworkAclId] });
    assert.deepEqual(acl!.Entries!.map((each) => [each.Egress, each.RuleNumber, each.CidrBlock]), [
      [true, 32767, '0.0.0.0/0'],
      [false, 100, '0.0.0.0/0'],
      [false, 32767, '0.0.0.0/0'],
    ]);
    await assert.rejects(lab.ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, RuleNumber: 200, Egress: false })), { name: 'InvalidNetworkAclEntry.NotFound' });
    await assert.rejects(lab.ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, RuleNumber: 32767, Egress: false })), {
      name: 'InvalidParameterValue',
      message: 'Value (32767) for parameter ruleNumber is invalid. Rulenumber must be in range 1..32766',
    });
  });

  const nonsense: [what: string, change: object, name: string][] = [
    ['a CIDR that is none', { CidrBlock: '10.200.300.0/24' }, 'InvalidParameterValue'],
    ['TCP without ports', { PortRange: undefined }, 'MissingParameter'],
    ["a protocol that there isn't", { Protocol: 'carrier-pigeon' }, 'InvalidParameterValue'],
    ['an action that is neither', { RuleAction: 'maybe' }, 'InvalidParameterValue'],
    ['ports the wrong way round', { PortRange: { From: 20, To: 10 } }, 'InvalidParameterValue'],
    ['no CIDR at all', { CidrBlock: undefined }, 'InvalidParameterCombination'],
    ['an ACL of somebody else', { NetworkAclId: 'acl-00000000000000000' }, 'InvalidNetworkAclID.NotFound'],
    ['an id of another kind', { NetworkAclId: 'sg-00000000000000000' }, 'InvalidNetworkAclID.Malformed'],
  ];
  for (const [what, change, name] of nonsense) {
    it(`refuse ${what}`, async () => {
      const NetworkAclId = await newAcl();
      await assert.rejects(lab.ec2.send(new CreateNetworkAclEntryCommand({ NetworkAclId, ...entry, ...change })), { name });
    });
  }

  it('come in pages', async () => {
    for (let made = 0; made < 6; made++) await newAcl();
    const first = await lab.ec2.send(new DescribeNetworkAclsCommand({ MaxResults: 5 }));
    const second = await lab.ec2.send(new DescribeNetworkAclsCommand({ MaxResults: 5, NextToken: first.NextToken }));
    assert.deepEqual([first.NetworkAcls!.length, second.NetworkAcls!.length, second.NextToken], [5, 2, undefined]);
  });

  it('stay in force under the sabotage acl-stays when they are put back, until a reset', async () => {
    lab.aws.markWhole();
    const id = await newAcl();
    const { acl, association } = await aclOf(subnets[0]!);
    lab.sabotage.add('acl-stays');
    const swapped = await swap(association, id);
    await swap(swapped, acl.NetworkAclId!);
    assert.equal((await aclOf(subnets[0]!)).acl.NetworkAclId, acl.NetworkAclId, 'as told');
    assert.deepEqual(border(zones[0]).ingress, [], 'but packets go by the other');
    lab.sabotage.clear();
    lab.aws.reset();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(border(zones[0]).ingress.length, 1);
  });

  it('are as they were after a reset', async () => {
    lab.aws.markWhole();
    const before = JSON.stringify(lab.aws.normalForm());
    const id = await newAcl();
    const { acl, association } = await aclOf(subnets[0]!);
    await swap(association, id);
    await lab.ec2.send(new CreateNetworkAclEntryCommand({ NetworkAclId: acl.NetworkAclId!, ...entry, RuleNumber: 5 }));
    assert.notEqual(JSON.stringify(lab.aws.normalForm()), before);
    lab.aws.reset();
    assert.equal(JSON.stringify(lab.aws.normalForm()), before);
  });
});
