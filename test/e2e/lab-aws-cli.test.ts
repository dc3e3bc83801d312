import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { eventually, region, startAws, zones, type AwsUnderTest } from '../lab/aws/aws-under-test.ts';

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

describe('lab AWS: the aws command line', function () {
  this.timeout(120_000);
  let lab: AwsUnderTest;
  before(async () => {
    lab = await startAws();
    await lab.aws.createVolume({ name: 'peer-1-ssd', zone: zones[0] });
    lab.aws.createGroup({ name: 'peer-1', zones: [zones[0]], userData: 'true', tags: { role: 'peer-1.etcd3' } });
    await eventually('an instance', () => lab.aws.status().groups[0]!.inService === 1);
  });
  after(() => lab.close());

  const aws = (...args: string[]): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const env = {
        PATH: process.env.PATH,
        HOME: '/nonexistent',
        AWS_ACCESS_KEY_ID: 'cli',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_DEFAULT_REGION: region,
        AWS_DEFAULT_OUTPUT: 'json',
        AWS_PAGER: '',
        AWS_MAX_ATTEMPTS: '1',
        AWS_EC2_METADATA_DISABLED: 'true',
      };
      execFile('aws', ['--endpoint-url', lab.endpoint, ...args], { env, timeout: 60_000 }, (error, output, errors) => {
        if (error !== null && typeof error.code !== 'number') reject(new Error(`aws could not be run: ${error.message}`));
        else resolve({ code: typeof error?.code === 'number' ? error.code : 0, output, errors });
      });
    });
  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, output, errors } = await aws(...args);
    assert.equal(code, 0, errors);
    return (output.trim() === '' ? undefined : JSON.parse(output)) as T;
  };
  const runningId = (): Promise<string> =>
    json(
      'ec2',
      'describe-instances',
      '--filters',
      'Name=instance-state-name,Values=running',
      'Name=tag:Name,Values=peer-*',
      '--query',
      'Reservations[].Instances[].InstanceId | [0]',
    );

  it('knows who it is', async () => {
    const identity = await json<{ Arn: string }>('sts', 'get-caller-identity');
    assert.equal(identity.Arn, 'arn:aws:iam::123456789012:user/cli');
  });

  it('describes instances, volumes and subnets', async () => {
    assert.match(await runningId(), /^i-[0-9a-f]{17}$/);
    const zonesOfVolumes = await json(
      'ec2',
      'describe-volumes',
      '--filters',
      'Name=tag:Name,Values=peer-1-ssd',
      '--query',
      'Volumes[].AvailabilityZone',
    );
    assert.deepEqual(zonesOfVolumes, [zones[0]]);
    const subnets = await json('ec2', 'describe-subnets', '--query', 'Subnets[].CidrBlock');
    assert.deepEqual(subnets, ['10.200.1.0/24', '10.200.2.0/24', '10.200.3.0/24']);
  });

  it('suspends and resumes processes of a group', async () => {
    const processes = (): Promise<unknown> =>
      json(
        'autoscaling',
        'describe-auto-scaling-groups',
        '--auto-scaling-group-names',
        'peer-1',
        '--query',
        'AutoScalingGroups[0].SuspendedProcesses[].ProcessName',
      );
    await json(
      'autoscaling',
      'suspend-processes',
      '--auto-scaling-group-name',
      'peer-1',
      '--scaling-processes',
      'Launch',
      'Terminate',
    );
    assert.deepEqual(await processes(), ['Launch', 'Terminate']);
    await json('autoscaling', 'resume-processes', '--auto-scaling-group-name', 'peer-1');
    assert.deepEqual(await processes(), []);
  });

  it('swaps the network ACL of a subnet, and puts the original back', async () => {
    const subnet = await json<string>('ec2', 'describe-subnets', '--filters', 'Name=availability-zone,Values=eu-west-1b', '--query', 'Subnets[0].SubnetId');
    const of = (): Promise<[acl: string, association: string, vpc: string]> =>
      json('ec2', 'describe-network-acls', '--filters', `Name=association.subnet-id,Values=${subnet}`, '--query',
        `NetworkAcls[0].[NetworkAclId, Associations[?SubnetId=='${subnet}'].NetworkAclAssociationId | [0], VpcId]`);
    const [original, association, vpc] = await of();
    const acl = await json<string>('ec2', 'create-network-acl', '--vpc-id', vpc, '--tag-specifications',
      'ResourceType=network-acl,Tags=[{Key=firedrill:run,Value=r1}]', '--query', 'NetworkAcl.NetworkAclId');
    await json('ec2', 'create-network-acl-entry', '--network-acl-id', acl, '--ingress', '--rule-number', '100', '--protocol', 'tcp',
      '--port-range', 'From=22,To=22', '--cidr-block', '10.200.1.0/24', '--rule-action', 'allow');
    const swapped = await json<string>('ec2', 'replace-network-acl-association', '--association-id', association, '--network-acl-id', acl, '--query', 'NewAssociationId');
    assert.deepEqual((await of()).slice(0, 2), [acl, swapped]);
    const used = await aws('ec2', 'delete-network-acl', '--network-acl-id', acl);
    assert.match(used.errors, /\(DependencyViolation\) when calling the DeleteNetworkAcl operation: The networkAcl '.*' has dependencies/);
    await json('ec2', 'replace-network-acl-association', '--association-id', swapped, '--network-acl-id', original);
    await json('ec2', 'delete-network-acl', '--network-acl-id', acl);
    assert.equal((await of())[0], original);
  });

  it('gives an instance an empty security group, and its own back', async () => {
    const [card, original] = await json<[string, string]>('ec2', 'describe-network-interfaces', '--filters',
      `Name=attachment.instance-id,Values=${await runningId()}`, '--query', 'NetworkInterfaces[0].[NetworkInterfaceId, Groups[0].GroupId]');
    const group = await json<string>('ec2', 'create-security-group', '--group-name', 'isolated', '--description', 'nothing', '--query', 'GroupId');
    await json('ec2', 'revoke-security-group-egress', '--group-id', group, '--protocol', '-1', '--cidr', '0.0.0.0/0');
    await json('ec2', 'modify-network-interface-attribute', '--network-interface-id', card, '--groups', group);
    const egress = await json('ec2', 'describe-security-groups', '--group-ids', group, '--query', 'SecurityGroups[0].IpPermissionsEgress');
    assert.deepEqual(egress, []);
    await json('ec2', 'modify-network-interface-attribute', '--network-interface-id', card, '--groups', original);
    await json('ec2', 'delete-security-group', '--group-id', group);
  });

  it('terminates an instance, which its group replaces', async () => {
    const old = await runningId();
    const dry = await aws('ec2', 'terminate-instances', '--dry-run', '--instance-ids', old);
    assert.notEqual(dry.code, 0);
    assert.match(
      dry.errors,
      /\(DryRunOperation\) when calling the TerminateInstances operation(?: \(reached max retries: 0\))?: Request would have succeeded, but DryRun flag is set\./,
    );
    const states = await json(
      'ec2',
      'terminate-instances',
      '--instance-ids',
      old,
      '--query',
      'TerminatingInstances[0].[PreviousState.Name, CurrentState.Name]',
    );
    assert.deepEqual(states, ['running', 'shutting-down']);
    await eventually('a replacement', () =>
      lab.aws.status().instances.some((each) => each.id !== old && each.state === 'running'),
    );
    const causes = await json<string[]>(
      'autoscaling',
      'describe-scaling-activities',
      '--auto-scaling-group-name',
      'peer-1',
      '--query',
      'Activities[].Cause',
    );
    assert.match(
      causes.join('\n'),
      /in response to an EC2 health check indicating it has been terminated or stopped\./,
    );
  });

  it('looks up in CloudTrail who has changed something', async () => {
    const group = ['--auto-scaling-group-name', 'peer-1', '--scaling-processes', 'AlarmNotification'];
    for (const change of ['suspend-processes', 'resume-processes']) await json('autoscaling', change, ...group);
    const events = (): Promise<{ EventName: string; Username: string; CloudTrailEvent: string }[]> =>
      json('cloudtrail', 'lookup-events', '--lookup-attributes', 'AttributeKey=EventName,AttributeValue=SuspendProcesses', '--query', 'Events');
    const event = await eventually('the event', async () =>
      (await events()).find(({ CloudTrailEvent }) => CloudTrailEvent.includes('AlarmNotification')),
    );
    assert.deepEqual([event.EventName, event.Username], ['SuspendProcesses', 'cli']);
    assert.match((JSON.parse(event.CloudTrailEvent) as { userAgent: string }).userAgent, /aws-cli/);
  });

  it('prints errors as it does for AWS', async () => {
    const { code, errors } = await aws('ec2', 'describe-instances', '--instance-ids', 'i-00000000000000000');
    assert.notEqual(code, 0);
    assert.match(
      errors,
      /An error occurred \(InvalidInstanceID\.NotFound\) when calling the DescribeInstances operation(?: \(reached max retries: 0\))?: The instance ID 'i-0+' does not exist/,
    );
  });
});
