import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  DescribeAutoScalingGroupsCommand,
  CreateOrUpdateTagsCommand,
  DescribeTagsCommand as DescribeGroupTagsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DescribeVpcsCommand,
  GetConsoleOutputCommand,
} from '@aws-sdk/client-ec2';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { accountId, eventually, imageId, startAws, zones, type AwsUnderTest } from './aws-under-test.ts';

const signed =
  'AWS4-HMAC-SHA256 Credential=someone/20260101/eu-west-1/autoscaling/aws4_request, SignedHeaders=host, Signature=0';

describe('lab AWS: one address for all services', () => {
  let lab: AwsUnderTest;
  beforeEach(async () => void (lab = await startAws()));
  afterEach(() => lab.close());

  const post = async (form: Record<string, string>, headers: Record<string, string> = {}) => {
    const response = await fetch(lab.endpoint, { method: 'POST', body: new URLSearchParams(form), headers });
    return {
      status: response.status,
      text: await response.text(),
      requestId: response.headers.get('x-amzn-requestid')!,
    };
  };

  it('says who calls', async () => {
    const identity = await lab.sts.send(new GetCallerIdentityCommand({}));
    assert.equal(identity.Account, accountId);
    assert.equal(identity.Arn, `arn:aws:iam::${accountId}:user/tester`);
    assert.equal(identity.UserId, 'tester');
  });

  it('refuses a call that nobody signed, in the shape of each protocol', async () => {
    const ec2 = await post({ Action: 'DescribeInstances', Version: '2016-11-15' });
    assert.equal(ec2.status, 401);
    assert.match(
      ec2.text,
      /^<\?xml .*\?>\n<Response><Errors><Error><Code>AuthFailure<\/Code><Message>.+<\/Message><\/Error><\/Errors><RequestID>.+<\/RequestID><\/Response>$/,
    );
    const query = await post({ Action: 'DescribeAutoScalingGroups', Version: '2011-01-01' });
    assert.equal(query.status, 403);
    assert.match(
      query.text,
      /^<ErrorResponse xmlns="http:\/\/autoscaling\.amazonaws\.com\/doc\/2011-01-01\/"><Error><Type>Sender<\/Type><Code>MissingAuthenticationToken<\/Code>/,
    );
    assert.ok(query.text.includes(query.requestId));
  });

  it('finds the service by the scope of the signature when no version is given', async () => {
    const answer = await post({ Action: 'DescribeScalingProcessTypes' }, { authorization: signed });
    assert.equal(answer.status, 200);
    assert.match(answer.text, /<Processes><member><ProcessName>Launch<\/ProcessName><\/member>/);
  });

  it('answers unknown versions, missing actions and huge bodies with an error', async () => {
    const codes: [Record<string, string>, number, string][] = [
      [{ Action: 'DescribeInstances', Version: '1999-01-01' }, 400, 'NoSuchVersion'],
      [{ Version: '2016-11-15' }, 400, 'MissingAction'],
      [{ Action: 'toString', Version: '2016-11-15' }, 400, 'InvalidAction'],
      [
        { Action: 'DescribeInstances', Version: '2016-11-15', Junk: 'x'.repeat(2_000_000) },
        413,
        'RequestEntityTooLarge',
      ],
      [
        { Action: 'DescribeInstances', Version: '2016-11-15', 'Filter.1.Name': 'tag:x', [`a${'.a'.repeat(40)}`]: '' },
        400,
        'MalformedQueryString',
      ],
    ];
    for (const [form, status, code] of codes) {
      const answer = await post(form, { authorization: signed });
      assert.equal(answer.status, status);
      assert.match(answer.text, new RegExp(`<Code>${code}</Code>`));
    }
  });

  it('is not troubled by a caller who hangs up in the middle', async () => {
    const { hostname, port } = new URL(lab.endpoint);
    const socket = connect(Number(port), hostname);
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nAction=');
    await once(socket, 'connect');
    await post({ Action: 'DescribeVpcs', Version: '2016-11-15' });
    socket.destroy();
    await eventually('both calls to be logged', () => lab.aws.calls().length === 2);
    assert.deepEqual(lab.troubles, []);
  });

  it('logs every call with who made it and what became of it', async () => {
    await lab.ec2.send(new DescribeVpcsCommand({}));
    await assert.rejects(lab.ec2.send(new DescribeInstancesCommand({ InstanceIds: ['i-1'] })));
    const [first, second] = lab.aws.calls();
    assert.equal(first!.action, 'DescribeVpcs');
    assert.equal(first!.principal, `arn:aws:iam::${accountId}:user/tester`);
    assert.match(first!.userAgent, /aws-sdk-js/);
    assert.equal(first!.error, undefined);
    assert.equal(second!.error, 'InvalidInstanceID.Malformed');
    assert.deepEqual(lab.aws.callCounts(), { 'ec2:DescribeInstances': 1, 'ec2:DescribeVpcs': 1 });
  });

  it('shows the network', async () => {
    const { Vpcs } = await lab.ec2.send(new DescribeVpcsCommand({}));
    assert.equal(Vpcs![0]!.CidrBlock, '10.200.0.0/16');
    const { Subnets } = await lab.ec2.send(
      new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [Vpcs![0]!.VpcId!] }] }),
    );
    assert.deepEqual(
      Subnets!.map((each) => [each.AvailabilityZone, each.CidrBlock, each.AvailableIpAddressCount]),
      [
        [zones[0], '10.200.1.0/24', 250],
        [zones[1], '10.200.2.0/24', 250],
        [zones[2], '10.200.3.0/24', 250],
      ],
    );
    const { AvailabilityZones } = await lab.ec2.send(new DescribeAvailabilityZonesCommand({}));
    assert.deepEqual(
      AvailabilityZones!.map((each) => each.ZoneName),
      [...zones],
    );
  });

  it('keeps tags', async () => {
    const id = await lab.aws.createVolume({ name: 'data', zone: zones[0] });
    await lab.ec2.send(
      new CreateTagsCommand({
        Resources: [id],
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
    );
    await lab.ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: 'a', Value: 'other' }, { Key: 'b' }] }));
    const { Tags } = await lab.ec2.send(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id] }] }));
    assert.deepEqual(
      Tags!.map(({ Key, Value }) => [Key, Value]),
      [
        ['Name', 'data'],
        ['a', '1'],
      ],
    );
    lab.aws.createGroup({ name: 'group', zones: [zones[0]], userData: 'true', tags: {} });
    await lab.autoScaling.send(
      new CreateOrUpdateTagsCommand({
        Tags: [
          {
            ResourceId: 'group',
            ResourceType: 'auto-scaling-group',
            Key: 'role',
            Value: 'etcd',
            PropagateAtLaunch: true,
          },
        ],
      }),
    );
    const groupTags = await lab.autoScaling.send(
      new DescribeGroupTagsCommand({ Filters: [{ Name: 'key', Values: ['role'] }] }),
    );
    assert.deepEqual(
      groupTags.Tags!.map(({ ResourceId, Value }) => [ResourceId, Value]),
      [['group', 'etcd']],
    );
  });

  it('keeps versions of launch templates', async () => {
    const made = await lab.ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'etcd',
        VersionDescription: 'first',
        LaunchTemplateData: {
          ImageId: imageId,
          InstanceType: 't3.medium',
          UserData: 'dHJ1ZQ==',
          InstanceInitiatedShutdownBehavior: 'terminate',
          BlockDeviceMappings: [{ DeviceName: '/dev/xvdb', Ebs: { VolumeSize: 5, DeleteOnTermination: false } }],
          TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'role', Value: 'etcd' }] }],
        },
      }),
    );
    const id = made.LaunchTemplate!.LaunchTemplateId!;
    await lab.ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId: id,
        SourceVersion: '1',
        LaunchTemplateData: { InstanceType: 'm5.large' },
      }),
    );
    const { LaunchTemplates } = await lab.ec2.send(
      new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ['etcd'] }),
    );
    assert.equal(LaunchTemplates![0]!.LatestVersionNumber, 2);
    assert.equal(LaunchTemplates![0]!.DefaultVersionNumber, 1);
    const { LaunchTemplateVersions } = await lab.ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id }),
    );
    const [second, first] = LaunchTemplateVersions!;
    assert.equal(second!.LaunchTemplateData!.InstanceType, 'm5.large');
    assert.equal(second!.LaunchTemplateData!.UserData, 'dHJ1ZQ==');
    assert.equal(first!.DefaultVersion, true);
    assert.equal(first!.VersionDescription, 'first');
    assert.deepEqual(first!.LaunchTemplateData!.TagSpecifications, [
      { ResourceType: 'instance', Tags: [{ Key: 'role', Value: 'etcd' }] },
    ]);
    assert.equal(first!.LaunchTemplateData!.BlockDeviceMappings![0]!.Ebs!.DeleteOnTermination, false);
  });

  it('shows status checks and the console of an instance', async () => {
    lab.aws.createGroup({ name: 'group', zones: [zones[0]], userData: 'true', tags: {} });
    const status = await eventually('the checks to pass', async () => {
      const answer = await lab.ec2.send(new DescribeInstanceStatusCommand({}));
      return answer.InstanceStatuses!.find((each) => each.InstanceStatus?.Status === 'ok');
    });
    assert.equal(status.SystemStatus?.Details?.[0]?.Status, 'passed');
    const output = await lab.ec2.send(new GetConsoleOutputCommand({ InstanceId: status.InstanceId! }));
    assert.equal(Buffer.from(output.Output!, 'base64').toString(), `console of ${status.InstanceId}\n`);
  });

  it('lists empty lists as empty', async () => {
    assert.deepEqual((await lab.ec2.send(new DescribeInstancesCommand({}))).Reservations, []);
    assert.deepEqual((await lab.autoScaling.send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups, []);
  });
});
