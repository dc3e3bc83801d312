import assert from 'node:assert/strict';
import { accountOf, expectAccount } from '../e2e/account.ts';
import type { RunsFolder } from '../e2e/firedrill.ts';
import { eachInLab } from '../e2e/lab-under-test.ts';
import { runToVerdict } from '../e2e/run-to-verdict.ts';
import { shareOfToday } from '../e2e/share-of-today.ts';

/** Power, network, disk, launches, and quorum itself. What is only waited for is short here. */
const drills: { drill: string; set?: string[] }[] = [
  { drill: 'etcd-quorum-loss' },
  { drill: 'etcd-total-loss' },
  { drill: 'zone-power-loss', set: ['power-is-back-after=4s'] },
  { drill: 'zone-partition', set: ['network-is-back-after=4s'] },
  { drill: 'zone-partition-with-leader', set: ['network-is-back-after=4s'] },
  { drill: 'etcd-member-isolated', set: ['groups-are-back-after=4s'] },
  { drill: 'etcd-volume-detached', set: ['disk-is-back-after=4s'] },
  { drill: 'etcd-rolling-replacement' },
  { drill: 'launches-blocked', set: ['launches-work-after=5s'] },
];

/** Each drill on a platform that it must not pass, how it ends, and what says so. */
const sabotages: { drill: string; sabotage: string; exit: 1 | 6; says: RegExp; set?: string[]; recovery?: string }[] = [
  { drill: 'etcd-quorum-loss', sabotage: 'no-volume', exit: 1, says: /^writes are back by themselves$/m, set: ['back-within=8s', 'whole-again-within=8s'] },
  { drill: 'etcd-total-loss', sabotage: 'data-lost', exit: 1, says: /^no acknowledged write is missing$/m, set: ['whole-again-within=8s'], recovery: '60s' },
  { drill: 'zone-power-loss', sabotage: 'launch-stays-suspended', exit: 6, says: /fault power: still suspended: .*by hand: aws autoscaling resume-processes --auto-scaling-group-name peer-\d\./, set: ['power-is-back-after=2s'] },
  { drill: 'zone-partition', sabotage: 'acl-stays', exit: 1, says: /^every member is back and caught up$/m, set: ['network-is-back-after=2s', 'whole-again-within=8s'] },
  { drill: 'zone-partition-with-leader', sabotage: 'acl-stays', exit: 1, says: /^every member is back and caught up$/m, set: ['network-is-back-after=2s', 'whole-again-within=8s'] },
  { drill: 'etcd-member-isolated', sabotage: 'groups-stay', exit: 1, says: /^every member takes new connections again$/m, set: ['groups-are-back-after=2s', 'whole-again-within=8s'] },
  { drill: 'etcd-volume-detached', sabotage: 'volume-stays-detached', exit: 6, says: /fault disk: not attached again: vol-\w+ of peer-\d; by hand: aws ec2 attach-volume --volume-id vol-/, set: ['disk-is-back-after=2s'] },
  { drill: 'etcd-rolling-replacement', sabotage: 'no-replacement', exit: 1, says: /^no group is incomplete for longer$/m, set: ['each-within=8s'] },
  { drill: 'launches-blocked', sabotage: 'no-replacement', exit: 1, says: /^every group is whole again$/m, set: ['launches-work-after=2s', 'whole-again-within=8s'] },
];

const drillsInADay = 5;

describe('ways to fail, in the lab', function () {
  this.timeout('10m');
  let lab: string;
  let runs: RunsFolder;
  eachInLab((test) => ({ lab, runs } = test));

  for (const { drill, set = [] } of shareOfToday(drills, drillsInADay)) {
    it(`${drill} is held, every target's way back is told, and the account is as it was before`, async () => {
      const before = await accountOf(lab);
      await runToVerdict(0, { lab, runs, drill, set });
      const { slos, calls, waterfall, faults } = runs.report();
      assert.ok(slos.every((slo) => slo.verdict === 'held'));
      assert.ok(calls !== undefined && calls.mostInASecond <= 10, `${calls?.mostInASecond} calls in the busiest second`);
      assert.ok(faults.every(({ open, error }) => !open && error === null));
      for (const { target, whole, steps } of waterfall) {
        assert.ok(whole, `${target} came back`);
        const met = steps.find(({ step }) => step === 'SLO met');
        assert.ok(met?.at, `${target}: ${met?.note}`);
      }
      await expectAccount(lab, before);
    });
  }

  for (const { drill, sabotage, exit, says, set = [], recovery = exit === 6 ? '3s' : '10s' } of shareOfToday(sabotages, drillsInADay)) {
    it(`${drill} does not pass under ${sabotage}, for that reason`, async () => {
      const { stdout } = await runToVerdict(exit, { lab, runs, drill, sabotage: [sabotage], set, options: ['--recovery-timeout', recovery, '--undo-timeout', '5s'] });
      const { slos, verdict, run: ran } = runs.report();
      const broken = slos.filter((slo) => slo.verdict === 'broken').map((slo) => slo.name);
      assert.match([...broken, verdict.headline, ran.outcomeReason].join('\n'), says);
      if (exit === 6) assert.match(stdout, says, 'what a human must do is on the terminal');
    });
  }
});
