import assert from 'node:assert/strict';
import { expectExit, RunsFolder } from './firedrill.ts';
import { sharedKubernetesLab } from './shared-lab.ts';

/** What has to be seen on the way back of each target that was lost. */
const ofPods = ['fault', 'gone', 'replacement created', 'scheduled', 'started', 'ready'];

const drills: { drill: string; steps?: string[] }[] = [
  { drill: 'pod-kill', steps: ofPods },
  { drill: 'daemon-kill-one-node', steps: ofPods },
  { drill: 'node-drain' },
  { drill: 'node-loss' },
];

describe('drills of Kubernetes, in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  beforeEach(async function () {
    this.timeout('5m');
    lab = await sharedKubernetesLab();
    runs = new RunsFolder();
  });
  afterEach(() => runs.remove());

  for (const { drill, steps = [] } of drills) {
    it(`${drill} is held, and what was killed was replaced`, async () => {
      await expectExit(0, 'run', drill, '--lab', lab, '--out', runs.path);
      const { slos, faults, waterfall } = runs.report();
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
});
