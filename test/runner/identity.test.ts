import assert from 'node:assert/strict';
import { askAws, awsRefusals, withGroups, type AwsIdentity } from '../../runner/identity.ts';
import type { Group } from '../../runner/inventory.ts';
import type { World } from '../../runner/world.ts';
import { sampleEnvironment } from './sample-platform.ts';

const right: AwsIdentity = { accountId: '123456789012', regions: ['eu-west-1'], groupAccounts: ['123456789012'] };
const group = (region: string, account: string) => ({ arn: `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:1:autoScalingGroupName/g` }) as Group;

describe('whose AWS this is', () => {
  it('is the one of the environment file when account and region are', () => {
    assert.deepEqual(awsRefusals(sampleEnvironment(), right), []);
    assert.deepEqual(awsRefusals(sampleEnvironment(), { ...right, groupAccounts: [] }), [], 'an account without groups');
  });

  it('is not asked for where the environment names none', () => {
    assert.deepEqual(awsRefusals(sampleEnvironment({ aws: undefined }), { accountId: undefined }), []);
  });

  const refused: [what: string, change: Partial<AwsIdentity>, says: RegExp][] = [
    ['another account', { accountId: '999999999999' }, /^the credentials belong to AWS account 999999999999, the environment file names 123456789012; log in/],
    ['an account that is not told', { accountId: '' }, /^the credentials belong to AWS account \(unknown\)/],
    ['groups of another account', { groupAccounts: ['123456789012', '999999999999'] }, /^Auto Scaling answers for AWS account 999999999999, .*; check aws\.endpoint/],
    ['groups that were not asked for', { groupAccounts: undefined }, /^Auto Scaling answers for AWS account \(unknown\)/],
    ['another region', { regions: ['us-east-1'] }, /^AWS answers from region us-east-1, the environment file names eu-west-1; check aws\.region and aws\.endpoint/],
    ['two regions', { regions: ['eu-west-1', 'us-east-1'] }, /^AWS answers from region us-east-1,/],
    ['a region that is not told', { regions: [] }, /^AWS answers from region \(unknown\)/],
    ['a region without a name', { regions: [''] }, /^AWS answers from region \(unknown\)/],
    ['a region that was not asked for', { regions: undefined }, /^AWS answers from region \(unknown\)/],
  ];
  for (const [what, change, says] of refused) {
    it(`is refused: ${what}`, () => {
      const refusals = awsRefusals(sampleEnvironment(), { ...right, ...change });
      assert.equal(refusals.length, 1);
      assert.match(refusals[0]!, says);
    });
  }

  it('is told by the credentials, by the zones of EC2 and by the names of the groups', async () => {
    const world = { sts: async () => ({ accountId: async () => '123456789012' }), ec2: async () => ({ regions: async () => ['eu-west-1'] }) } as unknown as World;
    const asked = await askAws(world);
    assert.deepEqual(withGroups(asked, { groups: [group('eu-west-1', '123456789012'), {} as Group] }), right);
    const elsewhere = withGroups(asked, { groups: [group('us-east-1', '123456789012')] });
    assert.match(awsRefusals(sampleEnvironment(), elsewhere).join(), /^AWS answers from region us-east-1/);
    assert.match(awsRefusals(sampleEnvironment(), withGroups(asked, { groups: [{ arn: 'nonsense' } as Group] })).join(), /account \(unknown\).*region \(unknown\)/);
  });
});
