import assert from 'node:assert/strict';
import { accountOf } from '../e2e/account.ts';
import { expectExit, type RunsFolder } from '../e2e/firedrill.ts';
import { eachInLab } from '../e2e/lab-under-test.ts';
import { writeQuickDrill } from '../e2e/small-drill.ts';
import { expectInside } from '../e2e/inside-lab.ts';

describe('a plan that was approved, in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  let drill: string;
  eachInLab((test) => {
    ({ lab, runs } = test);
    drill = writeQuickDrill(runs, 'id: f, kind: instance-isolate, for: 100ms, select: { role: etcd, pick: 1 }');
  });

  const plan = async (...options: string[]): Promise<{ hash: string; target: string }> => {
    const { stdout } = await expectExit(0, 'plan', drill, '--lab', lab, '--json', ...options);
    const { hash, plan: planned } = JSON.parse(stdout) as { hash: string; plan: { faults: { targets: { id: string }[] }[] } };
    return { hash, target: planned.faults[0]!.targets[0]!.id };
  };
  const run = (exit: number, ...options: string[]) => expectExit(exit, 'run', drill, '--lab', lab, '--out', runs.path, ...options);

  it('is run as it was shown: the same target, whatever the seed would have drawn', async () => {
    const { hash, target } = await plan();
    assert.match(hash, /^\d+-[0-9a-f]{16}$/);
    const { stdout } = await expectExit(0, 'plan', drill, '--lab', lab, '--seed', hash.split('-')[0]!);
    assert.ok(stdout.includes(`add --plan ${hash}\n`));
    await run(0, '--plan', hash);
    assert.deepEqual(runs.report().faults.flatMap(({ targets }) => targets.map(({ id }) => id)), [target]);
  });

  it('is refused when it would be another one by now: another target, another drill', async () => {
    const { hash, target } = await plan();
    const before = await accountOf(lab);
    await expectExit(2, 'run', drill, '--lab', lab, '--out', runs.path, '--plan', 'something');
    await expectExit(2, 'run', drill, '--lab', lab, '--out', runs.path, '--plan', hash, '--seed', '99');
    const otherDrill = await run(3, '--plan', hash, '--undo-timeout', '59s');
    assert.match(otherDrill.stderr, new RegExp(`^refused: plan ${hash} was approved, and it is \\d+-[0-9a-f]+ now: .*; look again: firedrill plan `));
    assert.deepEqual(await accountOf(lab), before);

    await expectInside(lab, 'aws', 'ec2', 'create-tags', '--resources', target, '--tags', 'Key=Name,Value=renamed.example.com');
    const otherTarget = await run(3, '--plan', hash);
    assert.match(otherTarget.stderr, /^refused: plan \S+ was approved, and it is /);
    assert.ok(runs.isEmpty(), 'nothing was begun');
    await expectInside(lab, 'aws', 'ec2', 'terminate-instances', '--instance-ids', target);
  });
});
