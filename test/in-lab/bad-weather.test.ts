import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { labSabotage, labStatus } from '../../lab/index.ts';
import { accountOf, expectAccount } from '../e2e/account.ts';
import { expectExit, type RunsFolder, startFiredrill } from '../e2e/firedrill.ts';
import { eachInLab } from '../e2e/lab-under-test.ts';
import { writeSmallDrill } from '../e2e/small-drill.ts';
import { expectInside } from '../e2e/inside-lab.ts';

const suspend = 'id: stop, kind: asg-suspend, at: 0s, for: 3s, processes: [Launch, HealthCheck], select: { role: etcd, zone: eu-west-1a }';
const partition = 'id: cut, kind: zone-partition, at: 0s, for: 4s, select: { role: etcd, zone: eu-west-1b }';
const isolate = 'id: alone, kind: instance-isolate, at: 0s, for: 4s, select: { names: [peer-9] }';

describe('drills in bad weather, and beside other people, in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  let before: unknown;
  eachInLab((test) => ({ lab, runs, before } = test));

  const aws = async (...args: string[]): Promise<string> =>
    (await expectInside(lab, 'aws', ...args, '--output', 'text')).stdout.trim();
  const weather = (which: string, on = true) => labSabotage(lab, which, on);
  const run = (drill: string, ...options: string[]) => startFiredrill(['run', drill, '--lab', lab, '--out', runs.path, ...options]);
  const ended = async (code: number, drill: ReturnType<typeof run>) => {
    const { code: was, stdout, stderr } = await drill.ended;
    assert.equal(was, code, `${stdout}\n${stderr}`);
    return { stdout, stderr };
  };
  const allUndone = (): void => {
    for (const { id, undone } of runs.report().faults) assert.equal(undone?.verified, true, `${id}: ${undone?.said}`);
  };

  it('a drill is held while the API throttles, tells of it, and leaves the account as it was', async () => {
    await weather('api-throttled:25');
    await ended(0, run('zone-power-loss', '--set', 'power-is-back-after=3s'));
    const { notes, calls } = runs.report();
    assert.ok(notes.some(({ text }) => /RequestLimitExceeded|Throttling/.test(text)), 'the report tells that calls were throttled');
    assert.ok(calls!.mostInASecond <= 10, 'what is tried again counts too');
    allUndone();
    await weather('api-throttled', false);
    await expectAccount(lab, before);
  });

  it('a drill is held while each call takes seconds, and leaves the account as it was', async () => {
    await weather('api-slow');
    await ended(0, run(writeSmallDrill(runs, { faults: [suspend, isolate] })));
    allUndone();
    await weather('api-slow', false);
    await expectAccount(lab, before);
  });

  it('a share of wrong answers, to calls that were carried out or not, is not believed, and everything is put back', async () => {
    await weather('api-wrong:20');
    const { code, stdout, stderr } = await run(writeSmallDrill(runs, { faults: [suspend, partition, isolate] })).ended;
    assert.ok([0, 1, 4, 5].includes(code), `${stdout}\n${stderr}`);
    // An injection may have failed for it; what was injected was undone all the same.
    if (code !== 4) allUndone();
    await weather('api-wrong', false);
    await expectAccount(lab, before);
  });

  it('an undo waits for an API that is away', async () => {
    const drill = run(writeSmallDrill(runs, { faults: [partition] }));
    await drill.says(/fault cut: injected/);
    await weather('api-down:8');
    await ended(0, drill);
    const { faults, notes } = runs.report();
    assert.ok(faults[0]!.undone!.atMs > 6_000, 'not before the API was there again');
    assert.match(notes.map(({ text }) => text).join('\n'), /undo of cut failed, trying again: .*can't be reached/);
    await expectAccount(lab, before);
  });

  it('an API that fails halfway through an injection ends the run with 5, and what was done is undone', async () => {
    await weather('api-slow');
    const drill = run(writeSmallDrill(runs, { faults: [partition] }));
    await drill.says(/fault cut: cut eu-west-1b off/);
    // A call takes at least a second, and the injection needs six of them: by now one has been made, or is under way.
    await wait(3_500);
    await weather('api-down:15');
    await weather('api-slow', false);
    const { stdout } = await ended(5, drill);
    assert.match(stdout, /fault cut: FAILED: .*can't be reached/);
    assert.match(stdout, /fault cut: undone: .*our network ACL is deleted/);
    await expectAccount(lab, before);
  });

  it('what somebody else has suspended, edited and chosen meanwhile stays theirs, and the rest is put back', async () => {
    const one = 'peer-1.etcd3.eu-west-1.i.lab.example.com';
    await aws('autoscaling', 'suspend-processes', '--auto-scaling-group-name', one, '--scaling-processes', 'Launch');
    before = await accountOf(lab);
    // Long enough for two calls of AWS's command line.
    const drill = run(writeSmallDrill(runs, { faults: [suspend, partition.replace('for: 4s', 'for: 25s')] }));
    await drill.says(/fault cut: injected/);
    const ours = await aws('ec2', 'describe-network-acls', '--filters', 'Name=tag:firedrill:fault,Values=cut', '--query', 'NetworkAcls[0].NetworkAclId');
    await aws('ec2', 'create-network-acl-entry', '--network-acl-id', ours, '--ingress', '--rule-number', '50', '--protocol', '-1',
      '--cidr-block', '10.200.0.0/16', '--rule-action', 'allow');
    await ended(0, drill);
    const said = Object.fromEntries(runs.report().faults.map(({ id, undone }) => [id, undone!.said]));
    assert.match(said['stop']!, /resumed HealthCheck of peer-1; Launch, HealthCheck of peer-2/);
    assert.match(said['cut']!, new RegExp(`somebody has edited the network ACL ${ours} of fault cut: .*10\\.200\\.0\\.0/16.*our network ACL is deleted`));
    await expectAccount(lab, before);
  });

  it('who shares a subnet that would be cut off is named, and the drill is refused unless its limits allow them', async () => {
    const one = 'id: cut, kind: zone-partition, for: 1s, select: { names: [peer-4], zone: eu-west-1b }';
    // Nothing else stands in its way.
    const limits = ['zones: 1', 'instances: 9', 'etcdMembersDown: 9', 'quorumLoss: expected'];
    const { stderr } = await expectExit(3, 'run', writeSmallDrill(runs, { faults: [one], limits }), '--lab', lab, '--out', runs.path);
    assert.match(stderr, /refused: fault cut would hit peer-5 \(i-\w+, etcd\), peer-6 \(i-\w+, etcd\) as well, which its selection does not mean/);
    await expectExit(0, 'plan', writeSmallDrill(runs, { faults: [one], limits: [...limits, 'bystanders: [etcd]'] }), '--lab', lab);
    await expectAccount(lab, before);
  });

  it('a zone that does not exist is bad input', async () => {
    const { stderr } = await expectExit(2, 'run', 'zone-partition', '--lab', lab, '--out', runs.path, '--set', 'zone=eu-west-1z');
    assert.match(stderr, /fault network: select .*eu-west-1z.* matches no running instance/);
    assert.ok(runs.isEmpty());
  });

  it('a data volume that would die with its instance is no target: the refusal says how to mend that, and it works', async () => {
    const instance = (await labStatus(lab)).members.find(({ name }) => name === 'peer-8')!.instanceId!;
    await aws('ec2', 'modify-instance-attribute', '--instance-id', instance, '--block-device-mappings', '[{"DeviceName":"/dev/xvdf","Ebs":{"DeleteOnTermination":true}}]');
    const kill = writeSmallDrill(runs, { faults: ['id: kill, kind: instance-terminate, select: { names: [peer-8] }'] });
    const { stderr } = await expectExit(3, 'run', kill, '--lab', lab, '--out', runs.path);
    const [, command] = /DeleteOnTermination: true and would die with i-\w+; set it to false with: aws (.*)/.exec(stderr) ?? [];
    assert.ok(command, stderr);
    await aws(...command.split(' ').map((word) => word.replaceAll("'", '')));
    await expectExit(0, 'plan', kill, '--lab', lab);
    await expectAccount(lab, before);
  });
});
