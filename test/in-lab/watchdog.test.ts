import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readJournal } from '../../runner/journal-file.ts';
import { expectAccount } from '../e2e/account.ts';
import { expectExit, type RunsFolder, startFiredrill, type Running } from '../e2e/firedrill.ts';
import { eachInLab } from '../e2e/lab-under-test.ts';
import { writeSmallDrill } from '../e2e/small-drill.ts';

const isolate = (lasts: string) => `id: alone, kind: instance-isolate, for: ${lasts}, select: { names: [peer-9] }`;
const suspend = 'id: stop, kind: asg-suspend, processes: [Launch], for: 5m, select: { role: etcd, zone: eu-west-1a }';

describe('the watchdog, in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  let before: unknown;
  eachInLab((test) => ({ lab, runs, before } = test));

  const start = async (...faults: string[]): Promise<Running> => {
    const run = startFiredrill(['run', writeSmallDrill(runs, { faults }), '--lab', lab, '--out', runs.path]);
    await run.says(/fault (alone|stop): injected[^]*fault (alone|stop): injected/);
    return run;
  };
  const entries = () => readJournal(runs.newest());
  const undone = async (): Promise<readonly { fault: string; said: string; at: string }[]> =>
    (await entries()).flatMap((entry) => (entry.type === 'fault.undone' && entry.verified ? [entry] : []));
  const allUndone = async (): Promise<void> => {
    while ((await undone()).length < 2) await wait(100);
  };

  it('puts everything back by itself when the run is killed with SIGKILL', async () => {
    const run = await start(isolate('5m'), suspend);
    const killedAt = Date.now();
    run.child.kill('SIGKILL');
    await run.ended;
    await allUndone();
    const seconds = ((await undone()).map(({ at }) => Date.parse(at)).at(-1)! - killedAt) / 1e3;
    assert.ok((await undone()).every(({ said }) => said.endsWith('(by firedrill watchdog)')));
    await expectAccount(lab, before);
    process.stdout.write(`      all is back ${seconds.toFixed(1)} s after the harness was killed (promised: 10 s)\n`);
    assert.match(readFileSync(join(runs.newest(), 'watchdog.log'), 'utf8'), /is gone; putting back alone, stop|is gone; putting back stop, alone/);
    // The lock went with what was left.
    await expectExit(0, 'recover', '--lab', lab, '--out', runs.path);
    assert.match((await expectExit(0, 'locks', '--lab', lab)).stdout, /^no environment is locked$/m);
  });

  it('ends a harness that hangs, once a fault is overdue, and puts everything back', async () => {
    const run = await start(isolate('3s'), suspend);
    run.child.kill('SIGSTOP');
    await allUndone();
    await run.ended;
    assert.equal(run.child.signalCode, 'SIGKILL');
    await expectAccount(lab, before);
    assert.match(readFileSync(join(runs.newest(), 'watchdog.log'), 'utf8'), /has said nothing for \d+ s, and a fault is overdue: it is ended/);
  });

  it('leaves a run that ends by itself alone', async () => {
    const run = startFiredrill(['run', writeSmallDrill(runs, { faults: [isolate('1s')] }), '--lab', lab, '--out', runs.path]);
    assert.equal((await run.ended).code, 0);
    assert.equal(readFileSync(join(runs.newest(), 'watchdog.log'), 'utf8'), '');
    assert.ok((await entries()).every((entry) => entry.type !== 'note' || !entry.text.includes('watchdog')));
  });
});
