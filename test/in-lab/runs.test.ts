import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labEnvironmentFile } from '../../lab/index.ts';
import { expectExit, root, type RunsFolder, startFiredrill } from '../e2e/firedrill.ts';
import { eachInLab } from '../e2e/lab-under-test.ts';
import { insideLab } from '../e2e/inside-lab.ts';

describe('runs in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  eachInLab((test) => ({ lab, runs } = test));

  it('the same seed plans the same targets, and planning touches nothing', async () => {
    const plan = async (seed: string) => {
      const { stdout } = await expectExit(0, 'plan', 'etcd-zone-plus-one', '--lab', lab, '--seed', seed, '--json');
      const { plan: planned } = JSON.parse(stdout) as { plan: { faults: { targets: { id: string }[] }[] } };
      return planned.faults.flatMap((fault) => fault.targets.map((target) => target.id));
    };
    const first = await plan('1');
    assert.equal(first.length, 4);
    assert.deepEqual(await plan('1'), first);
  });

  it('a plan for people shows targets, blast radius and the quorum sum', async () => {
    const { stdout } = await expectExit(0, 'plan', 'etcd-zone-plus-one', '--lab', lab, '--set', 'zone=eu-west-1b');
    assert.match(stdout, /whole zones lost: eu-west-1b/);
    assert.match(stdout, /9 voters - 0 not healthy - 4 to be taken = 5, and quorum needs 5: kept/);
    assert.equal(stdout.match(/ i-[0-9a-f]{17} /g)?.length, 4);
  });

  it('a drill that would take quorum is refused with the sum, and nothing dies', async () => {
    const drill = writeDrill(runs, (text) => text.replace('pick: 1', 'pick: 2').replace('instances: 4, etcdMembersDown: 4', 'instances: 5, etcdMembersDown: 5'));
    const before = await instances(lab);
    const { stderr } = await expectExit(3, 'run', drill, '--lab', lab, '--out', runs.path);
    assert.match(stderr, /refused: etcd would lose quorum: 9 voters - 0 not healthy - 5 to be taken = 4, and quorum needs 5/);
    assert.deepEqual(await instances(lab), before);
  });

  it('a drill that reaches further than its limits is refused with the sum', async () => {
    const drill = writeDrill(runs, (text) => text.replace('instances: 4', 'instances: 3'));
    const { stderr } = await expectExit(3, 'run', drill, '--lab', lab, '--out', runs.path);
    assert.match(stderr, /refused: 4 instances would be hit, limits\.instances is 3/);
  });

  it('a selection that matches nothing is bad input, not a pass', async () => {
    const { stderr } = await expectExit(2, 'run', 'etcd-zone-plus-one', '--lab', lab, '--out', runs.path, '--set', 'zone=eu-west-1z');
    assert.match(stderr, /fault zone: select .*eu-west-1z.* matches no running instance/);
    assert.ok(runs.isEmpty());
  });

  const impostors: [what: string, from: RegExp, to: string, says: RegExp][] = [
    ["another one's account", /accountId: ['"]?\d{12}['"]?/, "accountId: '999999999999'", /refused: .*AWS account \d{12}, the environment file names 999999999999/],
    ["another one's cluster", /clusterId: ['"]?[0-9a-f]+['"]?/, "clusterId: 'cafe'", /refused: .*etcd cluster [0-9a-f]+, the environment file names cafe/],
  ];
  for (const [what, from, to, says] of impostors) {
    it(`an environment with ${what} is refused, and nothing dies`, async () => {
      const file = join(runs.path, 'environment.yaml');
      writeFileSync(file, readFileSync(await labEnvironmentFile(lab), 'utf8').replace(from, to));
      const before = await instances(lab);
      const { stderr } = await expectExit(3, 'run', 'etcd-member-loss', '--env', file, '--out', join(runs.path, 'runs'));
      assert.match(stderr, says);
      assert.deepEqual(await instances(lab), before);
    });
  }

  it('Ctrl-C ends a run early, and it still writes its report', async () => {
    const run = startFiredrill(['run', 'etcd-member-loss', '--lab', lab, '--out', runs.path]);
    await run.says(/phase: recover/);
    run.child.kill('SIGINT');
    const { code } = await run.ended;
    assert.equal(code, 130);
    const { run: told } = runs.report();
    assert.equal(told.outcome, 'interrupted');
  });

  it('a second run in the same environment is refused while the first goes on', async () => {
    const first = startFiredrill(['run', 'etcd-member-loss', '--lab', lab, '--out', runs.path]);
    await first.says(/phase: baseline/);
    const { stderr } = await expectExit(3, 'run', 'etcd-member-loss', '--lab', lab, '--out', runs.path);
    assert.match(stderr, /refused: run \S+ \(process \d+ on \S+, since .*\) is under way in environment/);
    first.child.kill('SIGTERM');
    assert.equal((await first.ended).code, 130);
  });
});

/** The main drill, changed. */
function writeDrill(runs: RunsFolder, change: (text: string) => string): string {
  const original = join(root, 'scenarios/catalogue/etcd-zone-plus-one.yaml');
  const path = join(runs.path, 'changed.yaml');
  const text = readFileSync(original, 'utf8');
  assert.notEqual(change(text), text);
  writeFileSync(path, change(text));
  return path;
}

async function instances(lab: string): Promise<string[]> {
  const { stdout } = await insideLab(lab, 'aws', 'ec2', 'describe-instances', '--output', 'json');
  const { Reservations } = JSON.parse(stdout) as { Reservations: { Instances: { InstanceId: string; State: { Name: string } }[] }[] };
  return Reservations.flatMap(({ Instances }) => Instances.filter(({ State }) => State.Name === 'running').map(({ InstanceId }) => InstanceId)).sort();
}
