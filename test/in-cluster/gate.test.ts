import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Baseline } from '../../runner/gate/baseline.ts';
import { expectExit, startFiredrill, type RunsFolder } from '../e2e/firedrill.ts';
import { eachInLab } from '../e2e/lab-under-test.ts';
import { sharedKubernetesLab } from '../e2e/shared-lab.ts';
import { expectInside } from '../e2e/inside-lab.ts';

const drill = (name: string, fault: string, withinMs: number): string => `name: ${name}
title: One member is killed
why: It is quick.
tags: [${name}]
probes:
  writes: { kind: etcd-write, every: 50ms, timeout: 2s, hedge: 200ms }
  members: { kind: etcd-members, every: 250ms }
baseline: { for: 500ms }
faults:
  - { id: kill, ${fault} }
slos:
  - { name: writes are back, probe: writes, longestOutage: ${withinMs}ms }
  - { name: every member is back, probe: members, recoversWithin: 90s }
limits: { zones: 1, instances: 1, etcdMembersDown: 1 }
recovery: { timeout: 90s, stableFor: 500ms }
`;

describe('a gate in the lab', function () {
  this.timeout('10m');
  let lab: string;
  let runs: RunsFolder;
  eachInLab((test) => ({ lab, runs } = test), sharedKubernetesLab);

  /** A suite of two quick drills, one of the leader and one of a follower. */
  function writeSuite(more = ''): string {
    const folder = runs.drills();
    writeFileSync(join(folder, 'leader.yaml'), drill('leader', 'kind: etcd-member-kill, select: { leader: true }', 20_000));
    writeFileSync(join(folder, 'follower.yaml'), drill('follower', 'kind: etcd-member-kill, select: { follower: true, pick: 1 }', 20_000));
    const path = join(folder, 'gate.yaml');
    writeFileSync(path, `name: quick\n${more}drills:\n  - { drill: ./leader.yaml }\n  - { drill: ./follower.yaml, after: [leader] }\n`);
    return path;
  }

  it('runs a suite with repeats, each run as firedrill run would, makes a baseline of it, and leaves the lab whole', async () => {
    const suite = writeSuite();
    const junit = join(runs.drills(), 'junit.xml');
    const { stdout } = await expectExit(0, 'gate', suite, '--lab', lab, '--repeat', '2', '--out', runs.path, '--junit', junit);
    assert.match(stdout, /✓ held {2}leader 1\/2 .*1 of 4\n(?:.*\n)*?✓ held {2}follower 1\/2 .*\n(?:.*\n)*?✓ held {2}leader 2\/2 .*\n(?:.*\n)*?✓ held {2}follower 2\/2 /);
    assert.match(stdout, /✓ All 4 runs held \(exit 0\)/);
    assert.equal(readdirSync(runs.path).filter((name) => /-(?:leader|follower)-/.test(name)).length, 4);
    assert.match(readFileSync(junit, 'utf8'), /<testsuite name="leader \(2 of 2\)"/);
    assert.match((await expectExit(0, 'whole', '--lab', lab)).stdout, /is whole\n$/);

    const file = join(runs.drills(), 'gate.baseline.json');
    await expectExit(0, 'baseline', 'update', '--out', runs.path);
    const { drills } = JSON.parse(readFileSync(file, 'utf8')) as Baseline;
    assert.deepEqual(Object.keys(drills), ['follower', 'leader']);
    for (const { runs: count, environment, times } of Object.values(drills)) {
      assert.deepEqual([count, environment, Object.keys(times)], [2, 'lab', ['every member is back', 'writes are back']]);
    }
    // Two runs of before can't tell anything: said before anything is broken.
    const { stderr } = await startFiredrill(['gate', suite, '--lab', lab, '--baseline', file, '--out', runs.path]).ended;
    assert.match(stderr, /too few to tell a slow-down from chance/);
  });

  it('stops when the lab is not whole, before it breaks anything', async () => {
    const suite = writeSuite();
    await expectInside(lab, 'aws', 'autoscaling', 'suspend-processes', '--auto-scaling-group-name', await groupOf(lab), '--scaling-processes', 'Launch');
    await expectInside(lab, 'aws', 'ec2', 'terminate-instances', '--instance-ids', await instanceOf(lab));
    const { stdout } = await expectExit(4, 'gate', suite, '--lab', lab, '--out', runs.path);
    assert.match(stdout, /The environment is not whole/);
    assert.match(stdout, /2 not run/);
    assert.equal(readdirSync(runs.path).filter((name) => /-(?:leader|follower)-/.test(name)).length, 0);
  });

  it('a drill that leaves the lab not whole stops the suite', async () => {
    const suite = writeSuite('whole: { within: 5s }\n');
    const text = readFileSync(join(runs.drills(), 'leader.yaml'), 'utf8');
    // Only writes are asked for, and nothing is replaced: the drill holds, and a group is left empty.
    writeFileSync(join(runs.drills(), 'leader.yaml'), text.replace(/ {2}members: .*\n/, '').replace(/ {2}- \{ name: every member.*\n/, ''));
    await expectExit(0, 'lab', 'sabotage', 'no-replacement', 'on', '--lab', lab);
    const { stdout } = await expectExit(6, 'gate', suite, '--lab', lab, '--out', runs.path);
    assert.match(stdout, /✗ A human is needed: leader left the environment not whole: .*group peer-\d has 0 of 1 in service/);
    assert.match(stdout, /not run, as leader left the environment not whole: .*: follower/);
  });

  it('Ctrl-C ends the run under way, which undoes, and the rest is not run', async () => {
    const gate = startFiredrill(['gate', writeSuite(), '--lab', lab, '--out', runs.path, '--json']);
    await gate.says(/"run\.begun"/);
    gate.child.kill('SIGINT');
    const { code, stdout } = await gate.ended;
    assert.equal(code, 130, stdout);
    assert.match(stdout, /"type":"run\.not-run","drill":"follower"/);
  });
});

async function groupOf(lab: string): Promise<string> {
  const { stdout } = await expectInside(lab, 'aws', 'autoscaling', 'describe-auto-scaling-groups', '--query', 'AutoScalingGroups[0].AutoScalingGroupName', '--output', 'text');
  return stdout.trim();
}

async function instanceOf(lab: string): Promise<string> {
  const { stdout } = await expectInside(lab, 'aws', 'autoscaling', 'describe-auto-scaling-groups', '--query', 'AutoScalingGroups[0].Instances[0].InstanceId', '--output', 'text');
  return stdout.trim();
}
