import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JudgedSlo } from '../../runner/verdict.ts';
import { expectExit, type RunsFolder } from '../e2e/firedrill.ts';
import { eachInLab } from '../e2e/lab-under-test.ts';
import { runToVerdict } from '../e2e/run-to-verdict.ts';

const drills = ['etcd-member-loss', 'etcd-leader-loss', 'etcd-zone-plus-one'];

describe('drills of etcd, in the lab', function () {
  this.timeout('10m');
  let lab: string;
  let runs: RunsFolder;
  eachInLab((test) => ({ lab, runs } = test));

  for (const drill of drills) {
    it(`${drill} is held, and every lost member's way back is in the report`, async () => {
      const { stdout } = await runToVerdict(0, { lab, runs, drill, options: ['--json'] });
      const report = runs.report();
      assert.equal(report.verdict.value, 'held');
      assert.ok(report.slos.every((slo) => slo.verdict === 'held'));
      const hit = report.faults.flatMap((fault) => fault.targets.map((target) => target.name)).sort();
      assert.deepEqual(report.waterfall.map((recovery) => recovery.target).sort(), hit);
      for (const { target, whole, steps } of report.waterfall) {
        assert.ok(whole, `${target} came back`);
        const seen = steps.filter((step) => step.at).map((step) => step.step);
        for (const step of ['fault', 'group noticed', 'old instance gone', 'new instance running', 'volume attached', 'DNS changed', 'member started', 'member caught up', 'SLO met']) {
          assert.ok(seen.includes(step), `${target}: ${step} was seen`);
        }
        for (const { step, at } of steps) assert.ok(!at || at.min <= at.max, `${target}: ${step} has its bounds in order`);
      }
      for (const file of ['report.json', 'report.html', 'report.md', 'journal.ndjson']) assert.ok(existsSync(join(runs.newest(), file)), file);
      assert.equal(stdout, readFileSync(join(runs.newest(), 'journal.ndjson'), 'utf8'), "with --json standard output is the journal's lines");
      await expectSameReportsAgain(runs.newest());
      await expectHalfAJournalToTell(runs.newest());
    });
  }

  const sabotages: { drill: string; sabotage: string; breaks: RegExp; holds?: RegExp }[] = [
    { drill: 'etcd-member-loss', sabotage: 'no-replacement', breaks: /every group is whole again/ },
    { drill: 'etcd-leader-loss', sabotage: 'no-volume', breaks: /every member is back/, holds: /every group is whole again/ },
    { drill: 'etcd-zone-plus-one', sabotage: 'no-replacement', breaks: /every group is whole again/ },
    { drill: 'etcd-zone-plus-one', sabotage: 'no-volume', breaks: /every member is back/, holds: /every group is whole again/ },
  ];
  for (const { drill, sabotage, breaks, holds } of sabotages) {
    it(`${drill} is broken under ${sabotage}, for that reason`, async () => {
      await runToVerdict(1, { lab, runs, drill, sabotage: [sabotage], set: ['whole-again-within=8s'], options: ['--recovery-timeout', '10s'] });
      const { slos, verdict } = runs.report();
      assert.equal(verdict.value, 'broken');
      assert.equal(named(slos, breaks).verdict, 'broken');
      assert.equal(named(slos, /quorum is never lost/).verdict, 'held');
      if (holds) assert.equal(named(slos, holds).verdict, 'held');
    });
  }
});

function named(slos: readonly JudgedSlo[], name: RegExp): JudgedSlo {
  const found = slos.find((slo) => name.test(slo.name));
  assert.ok(found, `there is an SLO ${name}`);
  return found;
}

/** The reports that are made again from a run's journal are the same. */
async function expectSameReportsAgain(run: string): Promise<void> {
  const again = join(run, 'again');
  await expectExit(0, 'report', run, '--out', again);
  for (const file of ['report.json', 'report.html', 'report.md']) {
    assert.equal(readFileSync(join(again, file), 'utf8'), readFileSync(join(run, file), 'utf8'), file);
  }
}

/** A run's journal cut in half still gives a report, which says that the run did not end. */
async function expectHalfAJournalToTell(run: string): Promise<void> {
  const journal = readFileSync(join(run, 'journal.ndjson'));
  const half = join(run, 'half');
  mkdirSync(half);
  writeFileSync(join(half, 'journal.ndjson'), journal.subarray(0, journal.length / 2));
  const { stdout } = await expectExit(4, 'report', half);
  assert.match(stdout, /did not end/);
  assert.match(readFileSync(join(half, 'report.html'), 'utf8'), /did not end/);
}
