import assert from 'node:assert/strict';
import {
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  paginateDescribeInstances,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type Instance,
} from '@aws-sdk/client-ec2';
import { eventually, imageId, startAws, zones, type AwsUnderTest } from './aws-under-test.ts';

describe('lab EC2: instances', () => {
  let lab: AwsUnderTest;
  beforeEach(async () => void (lab = await startAws()));
  afterEach(() => lab.close());

  const run = async (extra: object = {}): Promise<Instance> => {
    const answer = await lab.ec2.send(
      new RunInstancesCommand({ ImageId: imageId, MinCount: 1, MaxCount: 1, ...extra }),
    );
    return answer.Instances![0]!;
  };
  const describe1 = async (id: string): Promise<Instance> => {
    const answer = await lab.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return answer.Reservations![0]!.Instances![0]!;
  };
  const inState = (id: string, state: string): Promise<Instance> =>
    eventually(`${id} to be ${state}`, async () => {
      const instance = await describe1(id);
      return instance.State?.Name === state && instance;
    });

  it('starts an instance with its user data and tags', async () => {
    const userData = Buffer.from('#!/bin/sh\necho <hello> & "bye"\n').toString('base64');
    const started = await run({
      UserData: userData,
      InstanceType: 't3.medium',
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'a & <b> "c"' }] }],
    });
    assert.equal(started.State?.Name, 'pending');
    assert.match(started.InstanceId!, /^i-[0-9a-f]{17}$/);
    const running = await inState(started.InstanceId!, 'running');
    assert.equal(running.PrivateIpAddress, '10.200.1.5');
    assert.equal(running.Placement?.AvailabilityZone, 'eu-west-1a');
    assert.deepEqual(running.Tags, [{ Key: 'Name', Value: 'a & <b> "c"' }]);
    assert.ok(running.LaunchTime instanceof Date);
    const machine = await eventually('the machine to run', () => lab.hypervisor.running.get(started.InstanceId!));
    assert.equal(machine.userData, '#!/bin/sh\necho <hello> & "bye"\n');
    assert.equal(machine.name, 'a & <b> "c"');
    assert.equal(machine.address, '10.200.1.5');
  });

  it('kills at once what a terminated instance runs, and shows the states on the way', async () => {
    const { InstanceId } = await run();
    await eventually('the machine to run', () => lab.hypervisor.running.has(InstanceId!));
    const answer = await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId!] }));
    assert.equal(answer.TerminatingInstances![0]!.PreviousState?.Name, 'running');
    assert.equal(answer.TerminatingInstances![0]!.CurrentState?.Name, 'shutting-down');
    assert.equal(lab.hypervisor.running.has(InstanceId!), false);
    const gone = await inState(InstanceId!, 'terminated');
    assert.equal(gone.StateReason?.Code, 'Client.UserInitiatedShutdown');
    assert.match(gone.StateTransitionReason!, /^User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT\)$/);
    assert.equal(gone.PrivateIpAddress, undefined);
    assert.deepEqual(
      lab.changes.map((change) => change.state),
      ['pending', 'running', 'shutting-down', 'terminated'],
    );
    const again = await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId!] }));
    assert.equal(again.TerminatingInstances![0]!.CurrentState?.Name, 'terminated');
  });

  it('never gives a new instance the address of one that just died', async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 5; round++) {
      const { InstanceId, PrivateIpAddress } = await run();
      seen.add(PrivateIpAddress!);
      await lab.ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId!] }));
      await inState(InstanceId!, 'terminated');
    }
    assert.equal(seen.size, 5);
  });

  it('finds instances by filters with wildcards', async () => {
    const subnets = await lab.ec2.send(new DescribeSubnetsCommand({}));
    const inB = subnets.Subnets!.find((subnet) => subnet.AvailabilityZone === zones[1])!;
    const name = (value: string) => [{ ResourceType: 'instance' as const, Tags: [{ Key: 'Name', Value: value }] }];
    const one = await run({ TagSpecifications: name('peer-1.etcd3') });
    const two = await run({ TagSpecifications: name('peer-2.etcd3'), SubnetId: inB.SubnetId });
    await run({ TagSpecifications: name('other') });
    const found = async (...filters: [string, ...string[]][]): Promise<string[]> => {
      const Filters = filters.map(([Name, ...Values]) => ({ Name, Values }));
      const answer = await lab.ec2.send(new DescribeInstancesCommand({ Filters }));
      return answer.Reservations!.flatMap((reservation) =>
        reservation.Instances!.map((instance) => instance.InstanceId!),
      );
    };
    assert.deepEqual(await found(['tag:Name', 'peer-?.*']), [one.InstanceId, two.InstanceId]);
    assert.deepEqual(await found(['tag:Name', 'peer-*'], ['availability-zone', zones[1]]), [two.InstanceId]);
    assert.deepEqual(await found(['private-ip-address', two.PrivateIpAddress!, '10.0.0.1']), [two.InstanceId]);
    assert.deepEqual(await found(['subnet-id', inB.SubnetId!]), [two.InstanceId]);
    assert.deepEqual(await found(['tag-key', 'Name'], ['instance-id', one.InstanceId!]), [one.InstanceId]);
    assert.deepEqual(await found(['instance-state-name', 'stopped']), []);
    assert.deepEqual(await found(['tag:Name', 'peer.1.etcd3']), [], 'a dot is a dot');
  });

  it('gives long lists page by page', async () => {
    const { Instances } = await lab.ec2.send(new RunInstancesCommand({ ImageId: imageId, MinCount: 12, MaxCount: 12 }));
    const seen: string[] = [];
    let pages = 0;
    for await (const page of paginateDescribeInstances({ client: lab.ec2, pageSize: 5 }, {})) {
      pages++;
      for (const reservation of page.Reservations ?? [])
        seen.push(...reservation.Instances!.map((instance) => instance.InstanceId!));
    }
    assert.equal(pages, 3);
    assert.deepEqual(
      seen,
      Instances!.map((instance) => instance.InstanceId),
    );
  });

  it('stops or terminates an instance whose machine ends by itself, as its shutdown behaviour says', async () => {
    const stopping = await run();
    const terminating = await run({ InstanceInitiatedShutdownBehavior: 'terminate' });
    for (const { InstanceId } of [stopping, terminating]) {
      await eventually('the machine to run', () => lab.hypervisor.running.has(InstanceId!));
      lab.hypervisor.exit(InstanceId!);
    }
    assert.equal(
      (await inState(stopping.InstanceId!, 'stopped')).StateReason?.Code,
      'Client.InstanceInitiatedShutdown',
    );
    await inState(terminating.InstanceId!, 'terminated');
  });

  it('goes on when the listener to its changes fails', async () => {
    await lab.close();
    lab = await startAws({
      onInstanceChange: () => {
        throw new Error('no DNS today');
      },
      onTrouble: (what) => lab.troubles.push(what),
    });
    const { InstanceId } = await run();
    await inState(InstanceId!, 'running');
    assert.match(lab.troubles[0]!, /a listener failed on i-\w+ becoming pending/);
  });

  it('terminates an instance whose machine cannot be started', async () => {
    lab.hypervisor.failing.add('start');
    const { InstanceId } = await run();
    const gone = await inState(InstanceId!, 'terminated');
    assert.equal(gone.StateReason?.Code, 'Server.InternalError');
    assert.match(lab.troubles.join(), /could not be started/);
  });
});
