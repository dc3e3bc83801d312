import assert from 'node:assert/strict';
import { expectExit, firedrill, RunsFolder, startFiredrill } from './firedrill.ts';
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
  { drill: 'zone-power-loss', sabotage: 'launch-stays-suspended', exit: 6, says: /still suspended: .*resume by hand/ },
  { drill: 'zone-partition', sabotage: 'acl-stays', exit: 1, says: /every member is back and caught up/ },
  { drill: 'etcd-member-isolated', sabotage: 'groups-stay', exit: 1, says: /every member takes new connections again/ },
  { drill: 'etcd-volume-detached', sabotage: 'volume-stays-detached', exit: 6, says: /not attached again: vol-\w+ of peer-\d; attach by hand/ },
  { drill: 'launches-blocked', sabotage: 'no-replacement', exit: 1, says: /every group is whole again/ },
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

  it('a drill under api-throttled still passes and undoes everything', async () => {
    const before = await account(lab);
    await expectExit(0, 'lab', 'sabotage', 'api-throttled:20', 'on', '--lab', lab);
    await expectExit(0, 'run', 'zone-partition', '--lab', lab, '--out', runs.path);
    await expectExit(0, 'lab', 'sabotage', 'api-throttled', 'off', '--lab', lab);
    assert.deepEqual(await account(lab), before);
  });

  it('what a run left that was killed keeps the next one out until recover has put it back, once', async () => {
    const before = await account(lab);
    const run = startFiredrill(['run', 'zone-partition', '--lab', lab, '--out', runs.path, '--set', 'network-is-back-after=5m']);
    await run.says(/fault network: injected/);
    run.child.kill('SIGKILL');
    await run.ended;
    const left = await account(lab);
    assert.notDeepEqual(left, before);

    const { stderr } = await firedrill('run', 'etcd-member-loss', '--lab', lab, '--out', runs.path);
    assert.match(stderr, /refused/);
    const { stdout } = await expectExit(0, 'recover', '--lab', lab, '--out', runs.path);
    assert.match(stdout, /undone: fault network: subnet subnet-\w+ has acl-\w+ back; our network ACL is deleted/);
    assert.deepEqual(await account(lab), before);
    assert.match((await expectExit(0, 'recover', '--lab', lab, '--out', runs.path)).stdout, /has left nothing to undo/);
  });
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
