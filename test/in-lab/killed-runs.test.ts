import assert from 'node:assert/strict';
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { labSabotage } from '../../lab/index.ts';
import { accountOf, expectAccount } from '../e2e/account.ts';
import { expectExit, type RunsFolder, startFiredrill } from '../e2e/firedrill.ts';
import { eachInLab } from '../e2e/lab-under-test.ts';
import { writeQuickDrill, writeSmallDrill } from '../e2e/small-drill.ts';

const suspend = 'id: stop, kind: asg-suspend, processes: [Launch], select: { role: etcd, zone: eu-west-1a }';
const partition = 'id: cut, kind: zone-partition, at: 200ms, for: 2m, select: { role: etcd, zone: eu-west-1b }';
const isolate = 'id: alone, kind: instance-isolate, at: 400ms, for: 2m, select: { names: [peer-9] }';

describe('a run that is killed with SIGKILL, in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  let before: unknown;
  eachInLab((test) => ({ lab, runs, before } = test));

  const killed = async (drill: string, at: RegExp, afterMs = 0): Promise<void> => {
    const run = startFiredrill(['run', drill, '--lab', lab, '--out', runs.path, '--no-watchdog']);
    await run.says(at);
    await wait(afterMs);
    run.child.kill('SIGKILL');
    await run.ended;
  };
  const again = (exit: number, ...args: string[]) => expectExit(exit, ...args, '--lab', lab, '--out', runs.path);

  it('keeps the next one out until recover has put everything back, last first', async () => {
    const drill = writeSmallDrill(runs, { faults: [suspend, partition, isolate] });
    await killed(drill, /fault alone: injected/);
    assert.notDeepEqual(await accountOf(lab), before);
    const dead = /died holding the lock .*; put back what it may have left: firedrill recover \S+-small-/;
    assert.match((await again(3, 'run', drill)).stderr, dead);
    await expectExit(0, 'locks', '--lab', lab, '--break', basename(runs.newest()));
    // Then it is its journal that tells.
    assert.match((await again(3, 'run', drill)).stderr, /^refused: run \S+-small-\S+ has left faults stop, cut, alone not undone; put back: firedrill recover \S+-small-/);

    const { stdout } = await again(0, 'recover');
    assert.match(stdout, /^undone: fault alone: .*\nundone: fault cut: .*\nundone: fault stop: resumed Launch of peer-1; .*\nundone: probe writes: deleted the keys below firedrill\/\S+-small-\S+\/writes\/\n$/);
    await expectAccount(lab, before);
    assert.match((await again(0, 'recover')).stdout, /has left nothing to undo/);
  });

  it('in the middle of an injection leaves nothing that recover does not put back', async () => {
    await labSabotage(lab, 'api-slow', true);
    await killed(writeSmallDrill(runs, { faults: [partition] }), /fault cut: cut eu-west-1b off/, 3_500);
    await labSabotage(lab, 'api-slow', false);
    const { stdout } = await again(0, 'recover');
    assert.match(stdout, /^undone: fault cut: .*our network ACL is deleted\nundone: probe writes: deleted .*\n$/);
    await expectAccount(lab, before);
  });

  for (const [doing, probe] of [['records what etcd says', 'etcd-consistency, rate: 40/s'], ['writes to etcd', 'etcd-write'], ['keeps a ledger in etcd', 'etcd-durability']]) {
    it(`while it ${doing} leaves its keys, and recover deletes them`, async () => {
      await killed(writeQuickDrill(runs, isolate, `kind: ${probe}`), /fault alone: injected/);
      const [id] = readdirSync(runs.path);
      const keys = async (): Promise<string[]> => (await expectExit(0, 'lab', 'exec', '--lab', lab, '--', 'etcdctl', 'get', '--prefix', '--keys-only', `firedrill/${id}/`)).stdout.split('\n').filter(Boolean);
      const left = await keys();
      assert.ok(left.length > 0 && left.every((key) => key.startsWith(`firedrill/${id}/p/`)), left.join());
      const { stdout } = await again(0, 'recover');
      assert.match(stdout, /^undone: fault alone: .*$/m);
      assert.match(stdout, new RegExp(`deleted the keys below firedrill/${id}/p/`));
      assert.deepEqual(await keys(), []);
      await expectAccount(lab, before);
    });
  }

  it('as another has been, too, is put back one after the other', async () => {
    const lost: string[] = [];
    for (const [name, faults, at] of [['first', [isolate], /fault alone: injected/], ['second', [suspend], /fault stop: injected/]] as const) {
      // Each with runs of its own, as from two machines: in one place the first would keep the second out.
      const out = join(runs.path, name);
      const run = startFiredrill(['run', writeSmallDrill(runs, { faults }), '--lab', lab, '--out', out, '--no-watchdog']);
      await run.says(at);
      run.child.kill('SIGKILL');
      await run.ended;
      const [id] = readdirSync(out);
      await expectExit(0, 'locks', '--lab', lab, '--break', id!);
      renameSync(join(out, id!), join(runs.path, id!));
      rmSync(out, { recursive: true });
      lost.push(id!);
    }
    const first = await again(0, 'recover');
    assert.match(first.stdout, /^undone: fault stop: .*\nundone: probe writes: .*\n$/);
    assert.match(first.stderr, new RegExp(`^run ${lost[0]} has left fault alone not undone; put back: firedrill recover ${lost[0]} --out `, 'm'));
    const second = await again(0, 'recover');
    assert.match(second.stdout, /^undone: fault alone: .*\nundone: probe writes: .*\n$/);
    assert.equal(second.stderr, '');
    await expectAccount(lab, before);
    assert.match((await again(0, 'recover')).stdout, /has left nothing to undo/);
  });
});
