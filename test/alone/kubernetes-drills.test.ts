import assert from 'node:assert/strict';
import { clusterUnderTest } from '../e2e/cluster-under-test.ts';
import { runToVerdict } from '../e2e/run-to-verdict.ts';
import { shareOfToday } from '../e2e/share-of-today.ts';

/** What has to be seen on the way back of each target that was lost. */
const ofPods = ['fault', 'gone', 'replacement created', 'scheduled', 'started', 'ready'];

const drills: { drill: string; steps?: string[]; set?: string[] }[] = [
  { drill: 'pod-kill', steps: ofPods },
  { drill: 'pod-kill-half', steps: ofPods },
  { drill: 'daemon-kill-one-node', steps: ofPods },
  { drill: 'node-drain' },
  { drill: 'node-loss' },
  { drill: 'zone-power-loss-workers', set: ['power-is-back-after=4s'] },
  { drill: 'control-plane-quorum-loss' },
];

/**
 * Each drill on a cluster that it must not pass, and what says so. A question that nobody answers proves only the time up
 * to when it was asked: a limit lies a probe's timeout and more below the recovery timeout of these runs.
 */
const sabotages: { drill: string; sabotage: string; breaks: RegExp; set?: string[] }[] = [
  { drill: 'pod-kill', sabotage: 'no-reschedule', breaks: /^every pod is ready again$/m },
  { drill: 'pod-kill-half', sabotage: 'slow-start', breaks: /^every pod is ready again$/m },
  { drill: 'daemon-kill-one-node', sabotage: 'stuck-terminating', breaks: /^what was killed is gone$/m },
  { drill: 'daemon-kill-one-node', sabotage: 'slow-start', breaks: /^the daemon is ready again on its node$/m },
  { drill: 'node-drain', sabotage: 'no-reschedule', breaks: /^every pod is ready again$/m },
  { drill: 'node-loss', sabotage: 'no-replacement', breaks: /^every node is ready again$/m },
  { drill: 'zone-power-loss-workers', sabotage: 'no-replacement', breaks: /^every node is ready again$/m, set: ['power-is-back-after=2s'] },
  { drill: 'control-plane-quorum-loss', sabotage: 'no-volume', breaks: /^the API is back by itself$/m, set: ['back-within=5s'] },
];

const drillsInADay = 4;

describe('drills of Kubernetes, in the lab', function () {
  this.timeout('10m');
  const cluster = clusterUnderTest();

  for (const { drill, steps = [], set = [] } of shareOfToday(drills, drillsInADay)) {
    it(`${drill} is held, and what was killed was replaced`, async () => {
      await runToVerdict(0, { lab: cluster.lab, runs: cluster.runs, drill, set });
      const { slos, faults, waterfall } = cluster.runs.report();
      assert.ok(slos.every((slo) => slo.verdict === 'held'));
      assert.ok(faults.every(({ open, error }) => !open && error === null));
      const killed = waterfall.filter((recovery) => recovery.steps.some(({ step }) => step === 'replacement created'));
      for (const { target, whole, steps: taken } of steps.length > 0 ? killed : []) {
        assert.ok(whole, `${target} was replaced`);
        for (const step of steps) assert.ok(taken.find((one) => one.step === step)?.at, `${target}: ${step} was seen`);
      }
      if (steps.length > 0) assert.ok(killed.length > 0);
    });
  }

  for (const { drill, sabotage, breaks, set = [] } of shareOfToday(sabotages, drillsInADay)) {
    it(`${drill} is broken under ${sabotage}, for that reason`, async () => {
      const { lab, runs } = cluster;
      await runToVerdict(1, { lab, runs, drill, sabotage: [sabotage], set: ['whole-again-within=8s', ...set], options: ['--recovery-timeout', '10s'] });
      const { slos, verdict } = cluster.runs.report();
      assert.equal(verdict.value, 'broken');
      assert.match(slos.flatMap((slo) => (slo.verdict === 'broken' ? [slo.name] : [])).join('\n'), breaks);
    });
  }
});
