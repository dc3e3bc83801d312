import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { labSabotage } from '../../lab/index.ts';
import { accountOf, expectAccount } from '../e2e/account.ts';
import { expectExit, type RunsFolder, startFiredrill } from '../e2e/firedrill.ts';
import { eachInLab } from '../e2e/lab-under-test.ts';
import { writeSmallDrill } from '../e2e/small-drill.ts';
import { expectInside } from '../e2e/inside-lab.ts';

/** One of each that leaves something on one or two machines; three members are down together, which nine can bear. */
const five = [
  'id: hold, kind: asg-suspend, processes: [Launch, HealthCheck], select: { role: etcd, names: [peer-1, peer-2] }',
  'id: starve, kind: asg-launch-failure, at: 100ms, select: { role: etcd, names: [peer-3, peer-4] }',
  'id: alone, kind: instance-isolate, at: 200ms, select: { names: [peer-5] }',
  'id: disk, kind: volume-detach, at: 300ms, select: { names: [peer-2] }',
  // Its group would take it for dead, and there would be nothing to start, had it not been told to look away.
  'id: off, kind: instance-stop, at: 400ms, select: { names: [peer-1] }',
];
const partition = 'id: cut, kind: zone-partition, select: { role: etcd, zone: eu-west-1b }';
const suspend = 'id: hold, kind: asg-suspend, select: { role: etcd, zone: eu-west-1a }';
const power = 'id: power, kind: zone-power-loss, select: { role: etcd, zone: eu-west-1c }';

const changesWithinMs = 60_000;

describe('recover --sweep, in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  let before: unknown;
  eachInLab((test) => ({ lab, runs, before } = test));

  /** Starts a run, kills it once it has said this and something has changed, and deletes all that it wrote. */
  const lost = async (faults: readonly string[], at: RegExp): Promise<void> => {
    const out = join(runs.path, 'lost');
    const run = startFiredrill(['run', writeSmallDrill(runs, { faults }), '--lab', lab, '--out', out, '--no-watchdog']);
    await run.says(at);
    const deadline = Date.now() + changesWithinMs;
    while (isDeepStrictEqual(await accountOf(lab), before)) assert.ok(Date.now() < deadline, 'nothing was broken');
    run.child.kill('SIGKILL');
    await run.ended;
    await expectExit(0, 'locks', '--lab', lab, '--break', readdirSync(out)[0]!);
    rmSync(out, { recursive: true });
  };
  const sweep = (exit: number, ...more: string[]) => expectExit(exit, 'recover', '--sweep', '--lab', lab, '--out', runs.path, ...more);
  const nothingLeft = async (): Promise<void> => {
    const here = await accountOf(lab);
    assert.match((await sweep(0)).stdout, /^nothing in environment \S+ carries firedrill's marks\n$/);
    assert.deepEqual(await accountOf(lab), here, 'the second sweep changes nothing');
  };

  it('puts everything back that a dead run has left, last injected first, when its journal is lost', async () => {
    await lost(five, /fault off: injected/);
    const { stdout } = await sweep(0);
    assert.deepEqual(
      [...stdout.matchAll(/^undone: fault (\w+) \((\S+)\) of run \S+-small-/gm)].map(([, id, kind]) => `${id} ${kind}`),
      ['off instance-stop', 'disk volume-detach', 'alone instance-isolate', 'starve asg-launch-failure', 'hold asg-suspend'],
    );
    assert.match(stdout, /^put back 5 faults of 1 run; nothing in environment \S+ carries firedrill's marks any more$/m);
    await expectAccount(lab, before);
    await nothingLeft();
  });

  it('puts back what two dead runs have left at once', async () => {
    await lost([partition], /fault cut: injected/);
    await lost([suspend], /fault hold: injected/);
    const { stdout } = await sweep(0, '--json');
    const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(lines.map(({ type, kind, verified }) => [type, kind, verified]), [
      ['undone', 'asg-suspend', true],
      ['undone', 'zone-partition', true],
      ['swept', undefined, undefined],
    ]);
    assert.equal(new Set(lines.slice(0, 2).map(({ run }) => run)).size, 2);
    await expectAccount(lab, before);
    await nothingLeft();
  });

  it('puts back what was broken off in the middle of a zone that loses its power', async () => {
    await labSabotage(lab, 'api-slow', true);
    await lost([power], /fault power: cut the power/);
    await labSabotage(lab, 'api-slow', false);
    await sweep(0);
    await expectAccount(lab, before);
    await nothingLeft();
  });

  it('leaves a run alone that is alive, and says how to stop it', async () => {
    const run = startFiredrill(['run', writeSmallDrill(runs, { faults: [`${suspend}, for: 2m`] }), '--lab', lab, '--out', runs.path]);
    await run.says(/fault hold: injected/);
    const broken = await accountOf(lab);
    const { stderr } = await sweep(3);
    assert.match(stderr, /refused: run \S+-small-\S+ \(process \d+ on .*\n.*stop it first, .*: firedrill stop/);
    assert.deepEqual(await accountOf(lab), broken);
    run.child.kill('SIGINT');
    assert.equal((await run.ended).code, 130);
    await expectAccount(lab, before);
  });

  it('leaves marks alone that it does not understand, and says what a human must do', async () => {
    const inLab = async (...args: string[]): Promise<string> => (await expectInside(lab, 'aws', ...args, '--output', 'text')).stdout.trim();
    const volume = (await inLab('ec2', 'describe-volumes', '--query', 'Volumes[0].VolumeId')).trim();
    await inLab('ec2', 'create-tags', '--resources', volume, '--tags', 'Key=firedrill:run,Value=of-the-future', 'Key=firedrill:fault,Value=f', 'Key=firedrill:undo,Value=v2');
    const { stdout } = await sweep(6);
    const command = /^A HUMAN IS NEEDED: volume (\S+) \(run of-the-future, fault f\): .*take the marks away: (aws ec2 delete-tags .*)$/m.exec(stdout);
    assert.equal(command?.[1], volume);
    await inLab(...command[2]!.split(' ').slice(1));
    await nothingLeft();
    await expectAccount(lab, before);
  });
});
