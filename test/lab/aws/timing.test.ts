import assert from 'node:assert/strict';
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { profiles } from '../../../lab/aws/index.ts';
import type { Timing } from '../../../lab/hypervisor.ts';
import { eventually, startAws, zones, type AwsUnderTest } from './aws-under-test.ts';

const minuteMs = 60_000;

/** The profile with every time divided, so that minutes pass in moments and the order of events stays. */
function scaled(timing: Timing, divisor: number): Timing {
  const { name, ...times } = timing;
  return { name, ...(Object.fromEntries(Object.entries(times).map(([key, ms]) => [key, ms / divisor])) as Omit<Timing, 'name'>) };
}

describe('lab AWS: the timing profile aws', () => {
  const { aws, fast } = profiles;
  let lab: AwsUnderTest | undefined;
  afterEach(() => lab?.close());

  it('takes as long as people measured it in the field', () => {
    assert.ok(aws.launchMs >= 31_000 && aws.launchMs <= 33_000, 'a launch activity, to running');
    assert.ok(aws.terminateMs >= 3.5 * minuteMs && aws.terminateMs <= 4.2 * minuteMs, 'a terminate activity');
    // A group looks at its instances once in a period: half of one on average until it notices, one more until it launches.
    const replacedMs = 1.5 * aws.groupPeriodMs + aws.launchMs;
    assert.ok(Math.abs(replacedMs - 2 * minuteMs) < 10_000, 'a dead instance to its replacement');
  });

  it('is slower than fast in everything', () => {
    for (const key of Object.keys(fast) as (keyof Timing)[]) if (key !== 'name') assert.ok(aws[key] > fast[key], key);
  });

  it('has a replacement running before the old instance is terminated, which fast has not', async () => {
    const replacedFirst = async (timing: Timing): Promise<boolean> => {
      const own = (lab = await startAws({ timing }));
      own.aws.createGroup({ name: 'peer-1', zones: [zones[0]], userData: 'true', tags: {} });
      await eventually('an instance', () => own.aws.status().groups[0]!.inService === 1);
      const [old] = own.aws.status().instances;
      await own.ec2.send(new TerminateInstancesCommand({ InstanceIds: [old!.id] }));
      await eventually('both', () => own.changes.some(({ instanceId, state }) => instanceId !== old!.id && state === 'running') &&
        own.changes.some(({ instanceId, state }) => instanceId === old!.id && state === 'terminated'));
      const order = own.changes.filter(({ state }) => state === 'running' || state === 'terminated').map(({ instanceId }) => instanceId === old!.id);
      await own.close();
      lab = undefined;
      return order.at(-1)!;
    };
    assert.equal(await replacedFirst(scaled(aws, 200)), true);
    assert.equal(await replacedFirst(scaled(fast, 10)), false);
  });
});
