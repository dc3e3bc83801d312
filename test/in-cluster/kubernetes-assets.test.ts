import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { labList, labStatus, type LabStatus } from '../../lab/index.ts';
import { expectExit, firedrill, RunsFolder, startFiredrill } from '../e2e/firedrill.ts';
import { makeAssets, standInVersion } from '../e2e/stand-ins/make-assets.ts';
import { assertNothingLeft, outside, ticks, tracesOf } from '../e2e/traces.ts';
import { noSharedLab } from '../e2e/shared-lab.ts';
import { expectInside } from '../e2e/inside-lab.ts';

const patienceMs = 180_000;
const lab = `assets-${process.pid}`;

describe('a lab whose masters run the Kubernetes that it was given', function () {
  beforeEach(noSharedLab);
  this.timeout('15m');
  let before: string[];
  let folder: string;
  let runs: RunsFolder;
  beforeEach(() => {
    before = outside();
    runs = new RunsFolder();
  });
  afterEach(async () => {
    if (labList().some(({ name }) => name === lab)) await firedrill('lab', 'down', '--lab', lab);
    runs.remove();
    rmSync(folder, { recursive: true });
  });

  const until = async (what: string, holds: (status: LabStatus) => boolean): Promise<void> => {
    const deadline = performance.now() + patienceMs;
    for (let status = await labStatus(lab); !holds(status); status = await labStatus(lab)) {
      if (performance.now() > deadline) assert.fail(`waited ${patienceMs / 1000} s for: ${what}\n${JSON.stringify(status.kubernetes, null, 1)}`);
      await wait(250);
    }
  };

  it('comes up with it, says so, passes a drill, forgets nodes that are gone, knows what it cannot sabotage, and leaves nothing', async () => {
    folder = makeAssets();
    await expectExit(0, 'lab', 'up', '--lab', lab, '--kubernetes', '--kube-assets', folder);
    const traces = tracesOf(labList().find(({ name }) => name === lab)!.process.pid);

    const { stdout } = await expectExit(0, 'lab', 'status', '--lab', lab);
    assert.match(stdout, /^Kubernetes is whole: 6 of 6 nodes/m);
    assert.ok(stdout.includes(`API server: kube-apiserver from ${folder}, ${standInVersion}\n`), stdout);
    const holders = await expectInside(lab, 'kubectl', 'get', 'leases', '-n', 'kube-system');
    assert.match(holders.stdout, /^kube-controller-manager +ip-\S+_[0-9a-f-]{36} /m, 'the program that was given leads, not the lab');
    assert.match(holders.stdout, /^kube-scheduler +ip-\S+_[0-9a-f-]{36} /m);

    await expectExit(0, 'run', 'pod-kill', '--lab', lab, '--out', runs.path);
    assert.ok(runs.report().slos.every((slo) => slo.verdict === 'held'));

    for (const [sabotage, part] of [['no-reschedule', 'scheduler'], ['stale-watch', 'API server'], ['stuck-terminating', 'controllers']] as const) {
      const { stderr } = await expectExit(2, 'lab', 'sabotage', '--lab', lab, sabotage, 'on');
      assert.match(stderr, new RegExp(`^the sabotage ${sabotage} is done by the lab's own ${part}, and .* ${standInVersion} from ${folder}; start it without --kube-assets`));
    }
    assert.match((await expectExit(0, 'lab', 'sabotage', '--lab', lab, 'slow-start', 'on')).stdout, /^on {3}slow-start/m);
    await expectExit(0, 'lab', 'sabotage', '--lab', lab, 'slow-start', 'off');

    const [lost] = (await labStatus(lab)).kubernetes!.nodes;
    await expectInside(lab, 'aws', 'ec2', 'terminate-instances', '--instance-ids', lost!.instanceId!);
    await until('another node in the place of the one that is gone', ({ kubernetes }) => kubernetes!.whole && kubernetes!.nodes.every(({ name }) => name !== lost!.name));

    const downAt = ticks();
    await expectExit(0, 'lab', 'down', '--lab', lab);
    await assertNothingLeft(traces, downAt);
    assert.deepEqual(outside(), before);
  });

  it('is refused before anything is started when the folder is named by the environment and lacks a program; a lab without Kubernetes does not mind', async () => {
    folder = makeAssets();
    rmSync(join(folder, 'kube-scheduler'));
    const env = { ...process.env, KUBEBUILDER_ASSETS: folder };
    const refused = await startFiredrill(['lab', 'up', '--lab', lab, '--kubernetes'], { env }).ended;
    assert.equal(refused.code, 2);
    assert.ok(refused.stderr.startsWith(`the lab can't run Kubernetes from ${folder}: kube-scheduler is missing\n`), refused.stderr);
    assert.ok(!labList().some(({ name }) => name === lab));
    const plain = await startFiredrill(['lab', 'up', '--lab', lab], { env }).ended;
    assert.equal(plain.code, 0, plain.stderr);
  });

  it('does not come up when one of its programs ends again and again: it says which, the end of its log, and where the rest is', async () => {
    folder = makeAssets({ 'kube-apiserver': 'echo "I0101 starting"; echo "Error: unknown flag: --etcd-servers" >&2; exit 3' });
    const { stderr } = await expectExit(2, 'lab', 'up', '--lab', lab, '--kubernetes', '--kube-assets', folder);
    assert.match(stderr, /^lab \S+ did not come up: kube-apiserver from \S+ ended with 3, and does so again and again; .*\n( {2}.*\n)* {2}Error: unknown flag: --etcd-servers\n/);
    const [, kept] = /kept in (\S+):/.exec(stderr) ?? [];
    assert.match(readFileSync(kept!, 'utf8'), /^I0101 starting\nError: unknown flag: --etcd-servers\n/);
    rmSync(kept!);
    assert.deepEqual(outside(), before);
    assert.ok(!labList().some(({ name }) => name === lab));
  });
});
