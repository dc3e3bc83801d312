import assert from 'node:assert/strict';
import { join } from 'node:path';
import { expectExit, type RunsFolder } from '../e2e/firedrill.ts';
import { eachInLab } from '../e2e/lab-under-test.ts';
import { lies, writeLiesDrill, type Lost } from '../e2e/lies-drill.ts';

describe('etcd that lies, in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  eachInLab((test) => ({ lab, runs } = test));

  const run = (exit: number, lost: Lost) => expectExit(exit, 'run', writeLiesDrill(runs, lost), '--lab', lab, '--out', runs.path);

  it('is never accused when it does not', async () => {
    await run(0, 'a follower');
    const { slos, consistency } = runs.report();
    assert.equal(slos[0]!.verdict, 'held', slos[0]!.reason);
    assert.ok(consistency![0]!.cost!.ok > 100, JSON.stringify(consistency![0]!.cost));
  });

  for (const { sabotage, lost, check } of lies) {
    it(`is found under ${sabotage}, and again from the files`, async () => {
      await expectExit(0, 'lab', 'sabotage', sabotage, 'on', '--lab', lab);
      await run(1, lost);
      const { slos, consistency, run: ran } = runs.report();
      assert.equal(slos[0]!.verdict, 'broken');
      const broken = consistency![0]!.findings.filter(({ verdict }) => verdict === 'broken');
      assert.ok(broken.some((one) => one.check === check && one.counterexample), JSON.stringify(broken.map((one) => one.says)));
      const { stdout } = await expectExit(1, 'report', join(runs.path, ran.id));
      assert.ok(stdout.includes(broken[0]!.counterexample!.says.slice(0, 60)), stdout);
    });
  }
});
