import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { labStatus } from '../../lab/index.ts';
import { expectExit, RunsFolder, startFiredrill } from './firedrill.ts';
import { sharedKubernetesLab } from './shared-lab.ts';

const name = 'deployment/web';

/** Something that has to be undone, and a Kubernetes that goes away meanwhile: its etcd loses quorum. */
describe('drills of Kubernetes in bad weather, in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  beforeEach(async function () {
    this.timeout('5m');
    lab = await sharedKubernetesLab();
    runs = new RunsFolder();
  });
  afterEach(() => runs.remove());

  const inside = async (...argv: string[]): Promise<string> => (await expectExit(0, 'lab', 'exec', '--lab', lab, '--', ...argv)).stdout.trim();
  const drill = (fault: string, within: string): string => {
    const path = join(runs.drills(), 'small.yaml');
    writeFileSync(path, `name: small
title: Something small that is undone
why: It is quick.
probes:
  web: { kind: endpoints, every: 250ms, timeout: 2s, select: { namespace: shop, names: [web] } }
baseline: { for: 1s }
faults:
  - { ${fault} }
slos:
  - { name: the service has an address, probe: web, recoversWithin: ${within} }
limits: { zones: 0, etcdMembersDown: 9, podsOfWorkload: all, pods: 6 }
recovery: { timeout: 60s, stableFor: 1s }
`);
    return path;
  };
  const scale = 'id: fewer, kind: deployment-scale, at: 0s, for: 2s, to: 2, select: { namespace: shop, owner: deployment/web }';
  const run = (fault: string, within: string, ...options: string[]) => startFiredrill(['run', drill(fault, within), '--lab', lab, '--out', runs.path, ...options]);
  const replicas = (): Promise<string> => inside('kubectl', '-n', 'shop', 'get', name, '-o', 'jsonpath={.spec.replicas}');

  /** Takes five members away and keeps their groups from replacing them, until it is called again with `resume`. */
  const launches = async (verb: 'suspend' | 'resume', members: readonly { name: string }[]): Promise<void> => {
    for (const member of members) {
      await inside('aws', 'autoscaling', `${verb}-processes`, '--auto-scaling-group-name', `${member.name}.etcd3.eu-west-1.i.lab.example.com`, '--scaling-processes', 'Launch');
    }
  };
  const loseQuorum = async () => {
    const lost = (await labStatus(lab)).members.slice(0, 5);
    await launches('suspend', lost);
    return {
      take: () => inside('aws', 'ec2', 'terminate-instances', '--instance-ids', ...lost.map(({ instanceId }) => instanceId!)),
      giveBack: () => launches('resume', lost),
    };
  };

  it('an API that is gone when a fault is undone is asked until it is back', async () => {
    const quorum = await loseQuorum();
    const running = run(scale, '50s', '--undo-timeout', '90s');
    await running.says(/fault fewer: injected/);
    await quorum.take();
    await wait(4_000);
    await quorum.giveBack();
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    const [fault] = runs.report().faults;
    assert.equal(fault!.undone!.verified, true, fault!.undone!.said);
    assert.equal(await replicas(), '6');
  });

  it('an API that does not come back leaves exit code 6 and the command that a human has to run, and recover finishes it', async () => {
    const quorum = await loseQuorum();
    const running = run(scale, '50s', '--undo-timeout', '5s', '--recovery-timeout', '5s');
    await running.says(/fault fewer: injected/);
    await quorum.take();
    const { code, stdout } = await running.ended;
    assert.equal(code, 6, stdout);
    assert.match(stdout, /by hand: kubectl --kubeconfig \S+ --context \S+ -n shop scale deployment\/web --replicas=6/);
    await quorum.giveBack();
    const recovered = await expectExit(0, 'recover', '--out', runs.path);
    assert.match(recovered.stdout, /undone: fault fewer: deployment\/web has 6 replicas again/);
    assert.equal(await replicas(), '6');
  });

  it('watches that stall silently are found out, and what nobody replaces is told', async () => {
    await expectExit(0, 'lab', 'sabotage', 'stale-watch', 'on', '--lab', lab);
    // The cluster's own controllers watch, too: nobody of them hears that a pod has gone.
    const { code, stdout } = await run('id: kill, kind: pod-kill, at: 0s, graceSeconds: 0, select: { namespace: shop, owner: deployment/web, pick: 1 }', '8s', '--recovery-timeout', '12s').ended;
    assert.equal(code, 1, stdout);
    const { notes, waterfall } = runs.report();
    assert.ok(notes.some(({ text }) => /^the watch of pods in namespace shop had stalled/.test(text)), stdout);
    const { steps, whole } = waterfall[0]!;
    assert.ok(steps.find(({ step }) => step === 'gone')?.at, 'that it has gone was seen all the same');
    assert.equal(whole, null);
  });
});
