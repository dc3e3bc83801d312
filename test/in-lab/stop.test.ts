import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { expectAccount } from '../e2e/account.ts';
import { launchBrowser } from '../e2e/browser.ts';
import { expectExit, livePage, type RunsFolder, startFiredrill, type Running } from '../e2e/firedrill.ts';
import { eachInLab } from '../e2e/lab-under-test.ts';
import { writeSmallDrill } from '../e2e/small-drill.ts';

const isolate = 'id: alone, kind: instance-isolate, for: 5m, select: { names: [peer-9] }';

describe('firedrill stop and firedrill locks, in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  let before: unknown;
  eachInLab((test) => ({ lab, runs, before } = test));

  const started = async (...options: string[]): Promise<Running> => {
    const run = startFiredrill(['run', writeSmallDrill(runs, { faults: [isolate] }), '--lab', lab, '--out', runs.path, ...options]);
    await run.says(/fault alone: injected/);
    return run;
  };

  it('end a run from another terminal, undo it, and say so', async () => {
    const run = await started();
    const { stdout: locks } = await expectExit(0, 'locks');
    assert.match(locks, new RegExp(`^lab-${lab}: run \\S+-small-\\S+, under way\n  process ${run.child.pid} on .*`, 'm'));
    const watching = startFiredrill(['watch', '--out', runs.path]);
    await watching.says(/fault alone: injected/);
    const { stdout } = await expectExit(0, 'stop', '--lab', lab);
    assert.match(stdout, /^asked run \S+ \(process \d+ on \S+\) to end and to undo\nundone: fault alone: .*\nrun \S+ has ended \(interrupted: .*\); its report is in .*\n$/);
    assert.equal((await run.ended).code, 130);
    const watched = await watching.ended;
    assert.equal(watched.code, 0, 'who watches is told, and is not to blame');
    assert.match(watched.stdout, /fault alone: undone: .*\n[^]*ended \(interrupted\): /);
    assert.equal(runs.report().verdict.exitCode, 130);
    await expectAccount(lab, before);
    assert.match((await expectExit(0, 'stop', '--lab', lab)).stdout, /^nothing runs: nobody holds lock .*\.lock; /);
  });

  it('have a page for the wall, which follows the run and has a button for it', async () => {
    const run = await started();
    const watching = startFiredrill(['watch', '--out', runs.path, '--serve', '0']);
    const { url, token } = (await watching.says(livePage)).groups as { url: string; token: string };
    // One who asks and never reads is no hindrance, neither to the run nor to the others.
    const slow = request(new URL('events', url)).end();
    await once(slow, 'response');
    const browser = await launchBrowser();
    try {
      const [page, another] = await Promise.all([browser.newPage(), browser.newPage()]);
      const complaints: string[] = [];
      for (const one of [page, another]) {
        one.on('console', (message) => complaints.push(message.text()));
        one.on('pageerror', (error) => complaints.push(error.message));
        await one.goto(url);
        await one.locator('.hits em').first().waitFor({ timeout: 60_000 });
        assert.match(await one.locator('#word').innerText(), /^(breaking|recovering)$/);
      }
      await page.getByLabel('token from the terminal').fill(token);
      await page.getByRole('button', { name: 'Stop and undo' }).click();
      assert.equal((await run.ended).code, 130);
      for (const one of [page, another]) await one.locator('#word').filter({ hasText: 'ended' }).waitFor({ timeout: 60_000 });
      assert.match(await another.locator('body').innerText(), /interrupted/);
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
      slow.destroy();
      watching.child.kill('SIGTERM');
    }
    assert.equal((await watching.ended).code, 0);
    assert.match(runs.report().verdict.headline, /^Interrupted, and everything undone/);
    await expectAccount(lab, before);
  });

  it('find the wish where the signal can not go: in the lock', async () => {
    const run = await started();
    const { stdout } = await expectExit(0, 'locks', '--lab', lab, '--json');
    const [{ where }] = JSON.parse(stdout) as [{ where: string }];
    const path = where.replace('lock ', '');
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), stop: { by: 'kim@desk', at: 'now' } }));
    assert.equal((await run.ended).code, 130);
    assert.match(runs.report().verdict.headline, /firedrill stop, by kim@desk/);
    await expectAccount(lab, before);
  });

  it('put back what a run that died has left, and free its lock', async () => {
    const run = await started('--no-watchdog');
    run.child.kill('SIGKILL');
    await run.ended;
    const drill = writeSmallDrill(runs, { faults: [isolate] });
    const { stderr } = await expectExit(3, 'run', drill, '--lab', lab, '--out', runs.path);
    assert.match(stderr, /^refused: run \S+ died holding the lock of environment lab-\S+ \(lock .*\), which ends by itself at .*; put back what it may have left: firedrill recover /);
    assert.match((await expectExit(0, 'locks', '--lab', lab)).stdout, /died; the lock ends at /);
    await expectExit(2, 'locks', '--lab', lab, '--break', 'another-run');
    assert.match((await expectExit(0, 'stop', '--lab', lab)).stdout, /had died\nundone: fault alone: /);
    await expectAccount(lab, before);
    assert.equal((await expectExit(0, 'locks', '--lab', lab)).stdout, 'no environment is locked\n');
  });
});
