import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import { CloudTrailClient, LookupEventsCommand, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { CreateTagsCommand, DescribeVpcsCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import type { TrailRecord } from '../../../lab/aws/cloudtrail/record.ts';
import { accountId, eventually, region, startAws, zones, type AwsUnderTest } from './aws-under-test.ts';

describe('lab AWS: CloudTrail', () => {
  let lab: AwsUnderTest;
  let trail: CloudTrailClient;
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-trail-'));
    file = join(folder, 'cloudtrail.ndjson');
    lab = await startAws({ trailFile: file });
    trail = new CloudTrailClient({ endpoint: lab.endpoint, region, credentials: { accessKeyId: 'auditor', secretAccessKey: 'secret' }, maxAttempts: 1 });
  });
  afterEach(async () => {
    trail.destroy();
    await lab.close();
    await rm(folder, { recursive: true });
  });

  const lookup = async (input: LookupEventsCommandInput) => (await trail.send(new LookupEventsCommand(input))).Events!;
  const named = (name: string) => lookup({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: name }] });
  const recordOf = async (name: string): Promise<TrailRecord> =>
    JSON.parse((await eventually(name, async () => (await named(name))[0])).CloudTrailEvent!) as TrailRecord;
  const volume = () => lab.aws.createVolume({ name: 'data', zone: zones[0] });
  const tag = (id: string, key = 'a') => lab.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: key, Value: '1' }] }));

  it('has each call in its own format: who, from where, what, and under which request id', async () => {
    const id = await volume();
    const { $metadata } = await tag(id);
    const { eventTime, eventID, sourceIPAddress, userAgent, ...rest } = await recordOf('CreateTags');
    assert.deepEqual(rest, {
      eventVersion: '1.11',
      userIdentity: {
        type: 'IAMUser', principalId: 'tester', arn: `arn:aws:iam::${accountId}:user/tester`, accountId, accessKeyId: 'tester', userName: 'tester',
      },
      eventSource: 'ec2.amazonaws.com',
      eventName: 'CreateTags',
      awsRegion: region,
      requestParameters: { resourcesSet: { items: [{ resourceId: id }] }, tagSet: { items: [{ key: 'a', value: '1' }] } },
      responseElements: { requestId: $metadata.requestId, return: true },
      requestID: $metadata.requestId,
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: accountId,
      eventCategory: 'Management',
    });
    assert.match(eventTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.match(eventID, /^[0-9a-f-]{36}$/);
    assert.match(userAgent, /aws-sdk-js/);
    assert.match(sourceIPAddress, /127\.0\.0\.1/);
  });

  it('has the calls of Auto Scaling, and those that failed with the reason', async () => {
    lab.aws.createGroup({ name: 'group', zones: [zones[0]], userData: 'true', tags: {} });
    await lab.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: 'group', ScalingProcesses: ['Launch'] }));
    await assert.rejects(lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: ['i-0123456789abcdef0'] })));
    const suspended = await recordOf('SuspendProcesses');
    assert.deepEqual([suspended.eventSource, suspended.requestParameters, suspended.responseElements], [
      'autoscaling.amazonaws.com', { autoScalingGroupName: 'group', scalingProcesses: ['Launch'] }, null,
    ]);
    const terminated = await recordOf('TerminateInstances');
    assert.equal(terminated.errorCode, 'Client.InvalidInstanceID.NotFound');
    assert.match(terminated.errorMessage!, /i-0123456789abcdef0/);
    assert.deepEqual([terminated.requestParameters, terminated.responseElements], [{ instancesSet: { items: [{ instanceId: 'i-0123456789abcdef0' }] } }, null]);
  });

  it('tells what only reads apart from what changes, and writes down the latter alone', async () => {
    await lab.ec2.send(new DescribeVpcsCommand({}));
    await tag(await volume());
    await eventually('both', async () => (await lookup({})).length >= 2);
    const changes = await lookup({ LookupAttributes: [{ AttributeKey: 'ReadOnly', AttributeValue: 'false' }] });
    assert.deepEqual(changes.map(({ EventName, Username, ReadOnly }) => [EventName, Username, ReadOnly]), [['CreateTags', 'tester', 'false']]);
    assert.ok((await named('DescribeVpcs')).length === 1);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as TrailRecord);
    assert.deepEqual(lines.map(({ eventName }) => eventName), ['CreateTags']);
    assert.equal(JSON.stringify(lines[0]), changes[0]!.CloudTrailEvent);
  });

  it('is looked up by time, by resource and page by page, newest first', async () => {
    const id = await volume();
    const start = new Date();
    for (const key of ['a', 'b', 'c']) await tag(id, key);
    const attributes = [{ AttributeKey: 'ResourceName', AttributeValue: id }] as const;
    await eventually('all three', async () => (await lookup({ LookupAttributes: [...attributes] })).length === 3);
    const first = await trail.send(new LookupEventsCommand({ LookupAttributes: [...attributes], MaxResults: 2 }));
    const second = await trail.send(new LookupEventsCommand({ LookupAttributes: [...attributes], MaxResults: 2, NextToken: first.NextToken! }));
    assert.deepEqual([first.Events!.length, second.Events!.length, second.NextToken], [2, 1, undefined]);
    assert.equal(new Set([...first.Events!, ...second.Events!].map(({ EventId }) => EventId)).size, 3);
    assert.equal((await lookup({ StartTime: new Date(start.getTime() - 60_000), EndTime: new Date(start.getTime() - 30_000) })).length, 0);
    assert.deepEqual(first.Events![0]!.Resources, [{ ResourceType: 'AWS::EC2::Volume', ResourceName: id }]);
  });

  it('refuses what CloudTrail refuses, in its words', async () => {
    await assert.rejects(lookup({ MaxResults: 51 }), { name: 'InvalidMaxResultsException' });
    await assert.rejects(lookup({ NextToken: 'x' }), { name: 'InvalidNextTokenException' });
    await assert.rejects(lookup({ StartTime: new Date(), EndTime: new Date(0) }), { name: 'InvalidTimeRangeException' });
    await assert.rejects(named('x').then(() => lookup({ LookupAttributes: [{ AttributeKey: 'Colour' as never, AttributeValue: 'red' }] })), { name: 'InvalidLookupAttributesException' });
  });

  it('knows of a call only when it is delivered, which can be made to take longer', async () => {
    lab.sabotage.add('audit-late');
    lab.amounts.set('audit-late', 3_600);
    const id = await volume();
    await tag(id, 'late');
    lab.sabotage.delete('audit-late');
    await tag(id, 'soon');
    const record = await recordOf('CreateTags');
    assert.match(JSON.stringify(record.requestParameters), /soon/);
    assert.equal((await named('CreateTags')).length, 1);
  });

  it('has nothing of what was called while its log is lost', async () => {
    lab.sabotage.add('audit-lost');
    const id = await volume();
    await tag(id, 'lost');
    lab.sabotage.delete('audit-lost');
    await tag(id, 'kept');
    const record = await recordOf('CreateTags');
    assert.match(JSON.stringify(record.requestParameters), /kept/);
    assert.equal((await named('CreateTags')).length, 1);
    assert.ok(existsSync(file) && !readFileSync(file, 'utf8').includes('lost'));
  });
});
