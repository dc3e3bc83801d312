import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectExit, type RunsFolder } from '../e2e/firedrill.ts';
import { eachInLab } from '../e2e/lab-under-test.ts';

/** Whom it hits decides nothing: the liar is a member that lives on, except where all have to come back from their disks. */
function drill(pick: 'follower' | 'all'): string {
  const [select, down] = pick === 'all' ? ['role: etcd, pick: all', 9] : ['names: [peer-9]', 1];
  return `name: etcd-lies
title: Does etcd lie while members are lost?
why: So that the instrument itself is tested.
tags: [etcd]
probes:
  members: { kind: etcd-members, every: 250ms }
  lies: { kind: etcd-consistency, rate: 40/s }
baseline: { for: 2s }
faults:
  - { id: members, kind: instance-terminate, at: 3s, select: { ${select} } }
slos:
  - { name: etcd tells no lie, probe: lies, consistent: true }
limits: { zones: 3, instances: ${down}, etcdMembersDown: ${down}, quorumLoss: ${pick === 'all' ? 'expected' : 'refuse'} }
recovery: { timeout: 90s, stableFor: 2s }
`;
}

const lies = [
  { sabotage: 'etcd-stale-reads', pick: 'follower', check: 'linearizability' },
  { sabotage: 'etcd-watch-gap', pick: 'follower', check: 'watch' },
  { sabotage: 'etcd-lost-write', pick: 'all', check: 'linearizability' },
] as const;

describe('etcd that lies, in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  eachInLab((test) => ({ lab, runs } = test));

  const run = (exit: number, pick: 'follower' | 'all') => {
    const path = join(runs.drills(), 'etcd-lies.yaml');
    writeFileSync(path, drill(pick));
    return expectExit(exit, 'run', path, '--lab', lab, '--out', runs.path);
  };

  it('is never accused when it does not', async () => {
    await run(0, 'follower');
    const { slos, consistency } = runs.report();
    assert.equal(slos[0]!.verdict, 'held', slos[0]!.reason);
    assert.ok(consistency![0]!.cost!.ok > 100, JSON.stringify(consistency![0]!.cost));
  });

  for (const { sabotage, pick, check } of lies) {
    it(`is found under ${sabotage}, and again from the files`, async () => {
      await expectExit(0, 'lab', 'sabotage', sabotage, 'on', '--lab', lab);
      await run(1, pick);
      const { slos, consistency, run: ran } = runs.report();
      assert.equal(slos[0]!.verdict, 'broken');
      const broken = consistency![0]!.findings.filter(({ verdict }) => verdict === 'broken');
      assert.ok(broken.some((one) => one.check === check && one.counterexample), JSON.stringify(broken.map((one) => one.says)));
      const { stdout } = await expectExit(1, 'report', join(runs.path, ran.id));
      assert.ok(stdout.includes(broken[0]!.counterexample!.says.slice(0, 60)), stdout);
    });
  }
});
