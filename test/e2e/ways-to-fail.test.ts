import assert from 'node:assert/strict';
import { expectExit, RunsFolder } from './firedrill.ts';
import { sharedLab } from './shared-lab.ts';

/** Power, network, disk, launches, and quorum itself. */
const drills = [
  'etcd-quorum-loss',
  'etcd-total-loss',
  'zone-power-loss',
  'zone-partition',
  'zone-partition-with-leader',
  'etcd-member-isolated',
  'etcd-volume-detached',
  'etcd-rolling-replacement',
  'launches-blocked',
];

/** Each drill that such a platform must not pass, how it ends, and what says so. */
const sabotages: { drill: string; sabotage: string; exit: number; says: RegExp; set?: string[] }[] = [
  { drill: 'etcd-quorum-loss', sabotage: 'no-volume', exit: 1, says: /writes are back by themselves/, set: ['back-within=10s'] },
  { drill: 'zone-partition', sabotage: 'acl-stays', exit: 1, says: /every member is back and caught up/ },
  { drill: 'etcd-member-isolated', sabotage: 'groups-stay', exit: 1, says: /every member takes new connections again/ },
];

describe('ways to fail, in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  beforeEach(async () => {
    lab = await sharedLab();
    runs = new RunsFolder();
  });
  afterEach(() => runs.remove());

  for (const drill of drills) {
    it(`${drill} is held, and the account is as it was before`, async () => {
      const before = await account(lab);
      await expectExit(0, 'run', drill, '--lab', lab, '--out', runs.path);
      const { slos, calls } = runs.report();
      assert.ok(slos.every((slo) => slo.verdict === 'held'));
      assert.ok(calls !== undefined && calls.mostInASecond <= 10, `${calls?.mostInASecond} calls in the busiest second`);
      assert.deepEqual(await account(lab), before);
    });
  }

  for (const { drill, sabotage, exit, says, set = [] } of sabotages) {
    it(`${drill} does not pass under ${sabotage}, for that reason`, async () => {
      await expectExit(0, 'lab', 'sabotage', sabotage, 'on', '--lab', lab);
      const bounds = ['whole-again-within=15s', ...set].flatMap((one) => ['--set', one]);
      await expectExit(exit, 'run', drill, '--lab', lab, '--out', runs.path, ...bounds, '--recovery-timeout', '25s');
      const { slos, verdict, run } = runs.report();
      const broken = slos.filter((slo) => slo.verdict === 'broken').map((slo) => slo.name);
      assert.match([...broken, verdict.headline, run.outcomeReason].join('\n'), says);
    });
  }
});

/** All that a drill must put back, as the AWS command line tells it; without what a replacement or a swap renews. */
async function account(lab: string): Promise<unknown> {
  const ask = async (...words: string[]): Promise<string> =>
    (await expectExit(0, 'lab', 'exec', '--lab', lab, '--', 'aws', ...words, '--output', 'json')).stdout;
  const parts = [
    ['ec2', 'describe-network-acls', '--query', 'NetworkAcls[].[NetworkAclId,Tags,Entries,sort(Associations[].SubnetId)]'],
    ['ec2', 'describe-security-groups', '--query', 'SecurityGroups[].[GroupId,Tags,IpPermissions,IpPermissionsEgress]'],
    ['ec2', 'describe-launch-templates', '--query', 'LaunchTemplates[].[LaunchTemplateId,LatestVersionNumber,Tags]'],
    ['ec2', 'describe-volumes', '--query', 'sort_by(Volumes,&VolumeId)[].[VolumeId,State,Tags,Attachments[].State]'],
    ['autoscaling', 'describe-auto-scaling-groups', '--query', 'AutoScalingGroups[].[AutoScalingGroupName,MinSize,MaxSize,DesiredCapacity,SuspendedProcesses,LaunchTemplate,Tags]'],
    ['ec2', 'describe-instances', '--query', 'sort(Reservations[].Instances[?State.Name==`running`][].Tags[?Key==`Name`].Value[])'],
  ];
  return Promise.all(parts.map(async (words) => JSON.parse(await ask(...words)) as unknown));
}
