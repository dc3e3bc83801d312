import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { actFor, type Change } from '../../../runner/changes.ts';
import { connect } from '../../../runner/clients/connect.ts';
import { realClock } from '../../../runner/clock.ts';
import { environmentSchema } from '../../../runner/environment.ts';
import { ExpectedError } from '../../../runner/errors.ts';
import { createMask } from '../../../runner/mask.ts';
import type { World } from '../../../runner/world.ts';
import { startQueryServer, type QueryServer, type Said } from './query-server.ts';

const nothing: Said = { xml: '' };

describe('the AWS clients', () => {
  let server: QueryServer;
  let world: World;
  let say: (request: Record<string, string>) => Said | Promise<Said>;
  before(async () => {
    server = await startQueryServer((request) => say(request));
  });
  beforeEach(() => {
    server.requests.length = 0;
    world = worldAt(server.endpoint);
  });
  afterEach(() => world.close());
  after(() => server.close());

  const notAnswers = {
    'a page of a proxy': '<html><body>Back soon</body></html>',
    nothing: '',
    'half an answer': '<?xml version="1.0"?>\n<DescribeInstancesResponse><reservationSet><item>',
    "another action's answer": '<DescribeVolumesResponse><volumeSet/></DescribeVolumesResponse>',
  };
  for (const [name, raw] of Object.entries(notAnswers)) {
    it(`do not take ${name} for "there are none"`, async () => {
      say = () => ({ raw });
      await assert.rejects((await world.ec2()).instances(), /DescribeInstances: the answer is not AWS's/);
    });
  }

  it('ask again when an answer to a question is none, and not when it was to do something', async () => {
    let asked = 0;
    say = () => ((asked += 1) < 3 ? { raw: '' } : nothing);
    assert.deepEqual(await (await world.ec2()).instances(), []);
    assert.equal(asked, 3);
    server.requests.length = 0;
    say = () => ({ raw: '' });
    await assert.rejects((await world.ec2()).terminate(['i-1']), /TerminateInstances: the answer is not AWS's \(nothing\)/);
    assert.equal(server.requests.length, 1);
  });

  it('read every page', async () => {
    say = ({ Action, NextToken }) => {
      assert.equal(Action, 'DescribeInstances');
      const id = NextToken === undefined ? 'i-1' : 'i-2';
      const item = `<item><instanceId>${id}</instanceId><instanceState><name>running</name></instanceState></item>`;
      const next = NextToken === undefined ? '<nextToken>more</nextToken>' : '';
      return { xml: `<reservationSet><item><instancesSet>${item}</instancesSet></item></reservationSet>${next}` };
    };
    const instances = await (await world.ec2()).instances();
    assert.deepEqual(instances.map(({ id, state }) => [id, state]), [['i-1', 'running'], ['i-2', 'running']]);
    assert.equal(world.calls.byAction.get('DescribeInstances'), 2);
  });

  it('read an instance with its name, zone, address and volumes', async () => {
    say = () => ({
      xml: `<reservationSet><item><instancesSet><item>
        <instanceId>i-1</instanceId><instanceState><name>running</name></instanceState>
        <privateIpAddress>10.200.0.7</privateIpAddress><placement><availabilityZone>eu-west-1a</availabilityZone></placement>
        <tagSet><item><key>Name</key><value>peer-1.etcd3.test</value></item></tagSet>
        <blockDeviceMapping><item><deviceName>/dev/xvdf</deviceName>
          <ebs><volumeId>vol-1</volumeId><deleteOnTermination>false</deleteOnTermination></ebs></item></blockDeviceMapping>
      </item></instancesSet></item></reservationSet>`,
    });
    assert.deepEqual(await (await world.ec2()).instances({ ids: ['i-1'] }), [
      {
        id: 'i-1',
        name: 'peer-1.etcd3.test',
        zone: 'eu-west-1a',
        state: 'running',
        address: '10.200.0.7',
        tags: { Name: 'peer-1.etcd3.test' },
        volumes: [{ id: 'vol-1', device: '/dev/xvdf', deleteOnTermination: false }],
      },
    ]);
    // By a filter: an id that EC2 has forgotten must not turn the answer into an error.
    assert.equal(server.requests[0]?.['Filter.1.Name'], 'instance-id');
  });

  it('read groups and activities', async () => {
    say = ({ Action }) =>
      Action === 'DescribeAutoScalingGroups'
        ? {
            xml: `<AutoScalingGroups><member><AutoScalingGroupName>peer-1</AutoScalingGroupName>
              <AutoScalingGroupARN>arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:1:autoScalingGroupName/peer-1</AutoScalingGroupARN><MinSize>1</MinSize><MaxSize>1</MaxSize>
              <DesiredCapacity>1</DesiredCapacity><AvailabilityZones><member>eu-west-1a</member></AvailabilityZones>
              <Instances><member><InstanceId>i-1</InstanceId><AvailabilityZone>eu-west-1a</AvailabilityZone>
              <LifecycleState>InService</LifecycleState><HealthStatus>Healthy</HealthStatus></member></Instances></member></AutoScalingGroups>`,
          }
        : {
            xml: `<Activities><member><ActivityId>a-1</ActivityId><AutoScalingGroupName>peer-1</AutoScalingGroupName>
              <StatusCode>InProgress</StatusCode><Cause>gone</Cause><StartTime>2026-01-02T03:04:05Z</StartTime></member></Activities>`,
          };
    const client = await world.autoScaling();
    const [group] = await client.groups();
    assert.deepEqual([group?.name, group?.desired, group?.members[0]?.healthy], ['peer-1', 1, true]);
    assert.match(group?.arn ?? '', /^arn:aws:autoscaling:eu-west-1:123456789012:/);
    const [activity] = await client.activities();
    assert.deepEqual([activity?.status, activity?.cause, activity?.startedAtMs], ['InProgress', 'gone', Date.UTC(2026, 0, 2, 3, 4, 5)]);
  });

  it('read the region that answers from its zones, in one request', async () => {
    const zone = (name: string, region: string) => `<item><zoneName>${name}</zoneName><regionName>${region}</regionName></item>`;
    say = () => ({ xml: `<availabilityZoneInfo>${zone('us-east-1a', 'us-east-1')}${zone('us-east-1-bos-1a', 'us-east-1')}</availabilityZoneInfo>` });
    assert.deepEqual(await (await world.ec2()).regions(), ['us-east-1']);
    assert.deepEqual(server.requests.map(({ Action }) => Action), ['DescribeAvailabilityZones']);
    say = () => nothing;
    assert.deepEqual(await (await world.ec2()).regions(), []);
  });

  it('say in audit logs which version and which run it was', async () => {
    say = () => ({ xml: '<Account>123456789012</Account>' });
    assert.equal(await (await world.sts()).accountId(), '123456789012');
    assert.match(server.requests[0]?.['agent'] ?? '', /firedrill\/1\.2\.3 run\/run-1/);
  });

  it('say only which version it was where there is no run', async () => {
    say = () => ({ xml: '<Account>123456789012</Account>' });
    const aws = { region: 'eu-west-1', accountId: '123456789012', endpoint: server.endpoint, credentials: { accessKeyId: 'id', secretAccessKey: 'secret' } };
    const doctor = connect(environmentSchema.parse({ name: 'x', aws }), { version: '1.2.3', clock: realClock, mask: createMask() });
    await (await doctor.sts()).accountId();
    await doctor.close();
    const agent = server.requests[0]?.['agent'] ?? '';
    assert.match(agent, /firedrill\/1\.2\.3/);
    assert.doesNotMatch(agent, /run\//);
  });

  it('try again when they are throttled, and tell it once', async () => {
    let left = 2;
    say = () => ((left -= 1) >= 0 ? { error: 'RequestLimitExceeded', status: 503 } : nothing);
    const told: string[] = [];
    world.onThrottled((text) => told.push(text));
    assert.deepEqual(await (await world.ec2()).instances(), []);
    assert.equal(world.calls.byAction.get('DescribeInstances'), 3);
    assert.equal(told.length, 1);
    assert.match(told[0]!, /throttles DescribeInstances \(RequestLimitExceeded\)/);
  });

  describe('tell of each call that changes something', () => {
    let told: Change[];
    beforeEach(() => {
      told = [];
      server.requests.length = 0;
      world.onChange((change) => told.push(change));
    });
    const inShort = () => told.map(({ action, target, requestId, outcome }) => [action, target, requestId, outcome]);

    it('with what it names, its request id and the fault that it was made for; and not of those that look', async () => {
      say = () => nothing;
      const [ec2, groups] = await Promise.all([world.ec2(), world.autoScaling()]);
      await ec2.instances();
      await actFor({ fault: 'kill', during: 'inject' }, () => ec2.terminate(['i-1', 'i-2']));
      await groups.suspend('peer-1', ['Launch']);
      assert.deepEqual(inShort(), [['TerminateInstances', 'i-1, i-2', 'req-2', 'done'], ['SuspendProcesses', 'peer-1, Launch', 'req-3', 'done']]);
      assert.deepEqual(told.map(({ service, act }) => [service, act]), [['ec2', { fault: 'kill', during: 'inject' }], ['autoscaling', undefined]]);
      assert.ok(told.every(({ sentMs, endedMs }) => sentMs <= endedMs));
    });

    it('each attempt for itself, and why it was refused', async () => {
      let left = 1;
      say = () => ((left -= 1) >= 0 ? { error: 'RequestLimitExceeded', status: 503 } : { error: 'UnauthorizedOperation', status: 403 });
      await assert.rejects((await world.ec2()).stop(['i-1']));
      assert.deepEqual(inShort(), [['StopInstances', 'i-1', 'req-1', 'RequestLimitExceeded'], ['StopInstances', 'i-1', 'req-2', 'UnauthorizedOperation']]);
    });

    it('without a request id when no answer came', async () => {
      say = () => new Promise<Said>(() => {});
      await assert.rejects((await world.ec2()).stop(['i-1'], { signal: AbortSignal.timeout(100) }));
      while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual(inShort(), [['StopInstances', 'i-1', null, 'no answer (AbortError)']]);
    });

    it('but not of dry runs', async () => {
      say = () => ({ error: 'DryRunOperation', status: 412 });
      await (await world.ec2()).terminate(['i-1'], { dryRun: true });
      await (await world.ec2()).mayWe('StopInstances', { instances: [{ InstanceId: 'i-1' }] });
      assert.deepEqual(told, []);
    });
  });

  it('stop waiting at once when the question is given up', async () => {
    say = () => new Promise<Said>(() => {});
    const ec2 = await world.ec2();
    await assert.rejects(ec2.instances({ signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });
  });

  it('find out whether a kill would be allowed, without killing', async () => {
    say = ({ DryRun }) => ({ error: DryRun === 'true' ? 'DryRunOperation' : 'InternalError', status: DryRun === 'true' ? 412 : 500 });
    await (await world.ec2()).terminate(['i-1'], { dryRun: true });
    assert.equal(server.requests.length, 1);
  });

  it('ask for nothing when there is nothing to kill', async () => {
    say = () => assert.fail('asked');
    await (await world.ec2()).terminate([]);
  });

  const mistakes: [string, Said, RegExp][] = [
    ['is not allowed', { error: 'UnauthorizedOperation', status: 403 }, /TerminateInstances is not allowed.*UnauthorizedOperation.*IAM/],
    ['has expired credentials', { error: 'RequestExpired', status: 400 }, /credentials have expired.*log in again/],
    ['has wrong credentials', { error: 'AuthFailure', status: 401 }, /does not accept the credentials.*AuthFailure/],
  ];
  for (const [what, said, expected] of mistakes) {
    it(`explain it when one ${what}`, async () => {
      say = () => said;
      const ec2 = await world.ec2();
      await assert.rejects(ec2.terminate(['i-1']), (error) => error instanceof ExpectedError && expected.test(error.message));
    });
  }

  it('explain it when nobody is at the endpoint', async () => {
    const placeholder = createServer().listen(0, '127.0.0.1');
    await once(placeholder, 'listening');
    const { port } = placeholder.address() as { port: number };
    await once(placeholder.close(), 'close');
    const lost = worldAt(`http://127.0.0.1:${port}`);
    const ec2 = await lost.ec2();
    await assert.rejects(ec2.instances(), (error) => error instanceof ExpectedError && error.message.includes(`http://127.0.0.1:${port} can't be reached`));
    await lost.close();
  });

  it('explain it when the profile does not exist', async () => {
    const aws = { region: 'eu-west-1', accountId: '123456789012', endpoint: server.endpoint, profile: 'nosuch-profile' };
    const stranger = connect(environmentSchema.parse({ name: 'x', aws }), { run: 'run-1', version: '1.2.3', clock: realClock, mask: createMask() });
    const ec2 = await stranger.ec2();
    await assert.rejects(ec2.instances(), (error) => error instanceof ExpectedError && /credentials.*nosuch-profile/.test(error.message));
    await stranger.close();
  });

  it('can not be had on an environment without AWS', async () => {
    const bare = connect(environmentSchema.parse({ name: 'bare' }), { run: 'r', version: '0', clock: realClock, mask: createMask() });
    await assert.rejects(bare.ec2(), (error) => error instanceof ExpectedError && /bare has no aws part/.test(error.message));
  });
});

function worldAt(endpoint: string): World {
  const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
  const aws = { region: 'eu-west-1', accountId: '123456789012', endpoint, credentials };
  return connect(environmentSchema.parse({ name: 'x', aws }), { run: 'run-1', version: '1.2.3', clock: realClock, mask: createMask() });
}
