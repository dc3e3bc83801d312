import assert from 'node:assert/strict';
import {
  CreateSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { createSabotage, readSabotage } from '../../../lab/sabotage.ts';
import { eventually, imageId, startAws, type AwsUnderTest } from './aws-under-test.ts';

interface Refusal {
  readonly name: string;
  readonly $metadata: { readonly httpStatusCode: number };
}

describe("the weather of the lab's API", () => {
  let lab: AwsUnderTest;
  beforeEach(async () => void (lab = await startAws()));
  afterEach(() => lab.close());

  const refusals = async (calls: number, call: () => Promise<unknown>): Promise<Refusal[]> => {
    const refused: Refusal[] = [];
    for (let made = 0; made < calls; made++) await call().catch((error: unknown) => refused.push(error as Refusal));
    return refused;
  };
  const ask = () => lab.ec2.send(new DescribeVpcsCommand({}));

  it('refuses a share of the calls for being too many, in the words of each service', async () => {
    lab.sabotage.add('api-throttled');
    const ec2 = await refusals(40, ask);
    assert.ok(ec2.length > 4 && ec2.length < 24, `${ec2.length} of 40`);
    assert.deepEqual([ec2[0]!.name, ec2[0]!.$metadata.httpStatusCode], ['RequestLimitExceeded', 503]);
    lab.amounts.set('api-throttled', 100);
    const [groups] = await refusals(1, () => lab.autoScaling.send(new DescribeAutoScalingGroupsCommand({})));
    assert.deepEqual([groups!.name, groups!.$metadata.httpStatusCode], ['Throttling', 400]);
    lab.sabotage.delete('api-throttled');
    assert.deepEqual(await refusals(20, ask), []);
  });

  it('makes each call take a second and more', async () => {
    lab.sabotage.add('api-slow');
    const startedAt = performance.now();
    await ask();
    assert.ok(performance.now() - startedAt >= 990);
  });

  it('breaks connections while the API is down, and answers again after', async () => {
    await ask();
    lab.sabotage.add('api-down');
    const [broken] = await refusals(1, ask);
    assert.match(String(broken), /ECONNRESET|socket hang up/);
    lab.sabotage.delete('api-down');
    await ask();
  });

  it('hides what was just made from describes, for a moment', async () => {
    lab.sabotage.add('api-stale');
    lab.amounts.set('api-stale', 60_000);
    const { GroupId } = await lab.ec2.send(new CreateSecurityGroupCommand({ GroupName: 'new', Description: 'new' }));
    const { Instances } = await lab.ec2.send(new RunInstancesCommand({ ImageId: imageId, MinCount: 1, MaxCount: 1 }));
    const all = () => lab.ec2.send(new DescribeInstancesCommand({}));
    assert.deepEqual((await all()).Reservations, []);
    await assert.rejects(lab.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId!] })), { name: 'InvalidGroup.NotFound' });
    await assert.rejects(lab.ec2.send(new DescribeInstancesCommand({ InstanceIds: [Instances![0]!.InstanceId!] })), { name: 'InvalidInstanceID.NotFound' });
    lab.amounts.set('api-stale', 1);
    await eventually('the instance to be there', async () => (await all()).Reservations!.length === 1);
    await lab.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId!] }));
  });
});

describe('a sabotage with a number', () => {
  const read: [text: string, amount: number | undefined][] = [
    ['no-volume', undefined],
    ['api-throttled', undefined],
    ['api-throttled:55', 55],
    ['api-down:10', 10],
  ];
  for (const [text, amount] of read) {
    it(`is read from ${text}`, () => assert.equal(readSabotage(text).amount, amount));
  }

  const refused: [text: string, says: RegExp][] = [
    ['api-down', /the sabotage "api-down" needs a number of seconds from 1 to 3600, as in api-down:10/],
    ['api-down:x', /needs a number of seconds/],
    ['api-down:0', /needs a number of seconds/],
    ['api-down:1:2', /needs a number of seconds/],
    ['api-throttled:101', /needs a number of percent from 1 to 100, as in api-throttled:30/],
    ['no-volume:3', /the sabotage no-volume takes no number/],
    ['no-luck:3', /there is no sabotage "no-luck:3"; there are no-replacement, /],
  ];
  for (const [text, says] of refused) {
    it(`is refused as ${text}`, () => assert.throws(() => readSabotage(text), says));
  }

  it('goes by its usual number when none is given, and off by its name alone', () => {
    const sabotage = createSabotage();
    sabotage.set('api-throttled', true, readSabotage('api-throttled').amount);
    assert.deepEqual([sabotage.isOn('api-throttled'), sabotage.amount('api-throttled')], [true, 30]);
    sabotage.set('api-throttled', true, 80);
    assert.equal(sabotage.amount('api-throttled'), 80);
    assert.equal(sabotage.list().find((each) => each.name === 'api-throttled')!.amount, 80);
    assert.deepEqual(readSabotage('api-down', false), { name: 'api-down', amount: undefined });
  });

  it('ends by itself when it is a time', async () => {
    const sabotage = createSabotage();
    sabotage.set('api-down', true, 0.05);
    assert.equal(sabotage.isOn('api-down'), true);
    await eventually('its end', () => !sabotage.isOn('api-down'));
    assert.equal(sabotage.list().some((each) => each.on), false);
  });
});
